import Domain
import Foundation
import Glibc
import ServerKit
import Synchronization
import Testing

@testable import ChatServer

/// A real WebSocket client: a blocking socket with a reader thread, which ends when the server or the watchdog closes it.
final class LiveClient: Sendable {
  enum Message: Sendable {
    case head(String)
    case text(JSONValue)
    case close(UInt16)
  }

  struct Ended: Error {}

  private let descriptor: Int32
  private let messages: AsyncStream<Message>
  private let lastID = Atomic<Int64>(0)
  /// Everything that came, in order.
  private let log = Mutex<[JSONValue]>([])
  private let code = Mutex<UInt16?>(nil)
  /// Whether the thread reads.
  private let isReading = Monitor(true)

  /// Connects and asks for the upgrade; `headers` come besides those of every WebSocket. `receiveBuffer`: how much the kernel keeps for a client that
  /// does not read, in bytes; nil: as much as it likes.
  init(port: UInt16, headers: String, receiveBuffer: Int32? = nil) throws {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    self.descriptor = descriptor
    if var receiveBuffer {
      setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<Int32>.size))
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, 16) }
    }
    guard result == 0 else { throw Ended() }
    let (messages, continuation) = AsyncStream<Message>.makeStream()
    self.messages = messages
    let thread = ServerThread { [isReading] in
      Self.read(descriptor, isReading) { continuation.yield($0) }
      continuation.finish()
    }
    guard thread != nil else { throw Ended() }
    write(
      "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: 1fin.v1\r\n\(headers)\r\n")
    // Only so that a test that waits in vain ends.
    let half = descriptor
    Task.detached {
      try await Task.sleep(for: .seconds(60))
      shutdown(half, Int32(SHUT_RDWR))
    }
  }

  deinit {
    shutdown(descriptor, Int32(SHUT_RDWR))
    readAgain()
  }

  /// Takes nothing from the kernel any more.
  func stopReading() { isReading.withLock { $0 = false } }

  /// Goes on where it stopped.
  func readAgain() {
    isReading.withLock { $0 = true }
    isReading.signal()
  }

  /// Connects and waits for 101.
  static func open(port: UInt16, token: SessionToken, receiveBuffer: Int32? = nil) async throws -> LiveClient {
    let client = try LiveClient(port: port, headers: "Authorization: Bearer \(token.text)\r\n", receiveBuffer: receiveBuffer)
    let status = try await client.status()
    guard status == 101 else { throw Ended() }
    return client
  }

  private static func read(_ descriptor: Int32, _ isReading: Monitor<Bool>, _ yield: (Message) -> Void) {
    var bytes: [UInt8] = []
    func fill() -> Bool {
      _ = isReading.wait { $0 ? true : nil }
      var buffer = [UInt8](repeating: 0, count: 65_536)
      let count = recv(descriptor, &buffer, buffer.count, 0)
      guard count > 0 else { return false }
      bytes += buffer.prefix(count)
      return true
    }
    var end: Range<Int>?
    while end == nil {
      guard fill() else { return }
      end = bytes.firstRange(of: Array("\r\n\r\n".utf8))
    }
    yield(.head(String(decoding: bytes.prefix(end?.lowerBound ?? 0), as: UTF8.self)))
    bytes.removeFirst(end?.upperBound ?? 0)
    while true {
      while bytes.count < 2 { guard fill() else { return } }
      let header = bytes[1] == 126 ? 4 : bytes[1] == 127 ? 10 : 2
      while bytes.count < header { guard fill() else { return } }
      let length = header == 2 ? Int(bytes[1]) : bytes[2..<header].reduce(0) { $0 << 8 | Int($1) }
      while bytes.count < header + length { guard fill() else { return } }
      let payload = Array(bytes[header..<header + length])
      switch bytes[0] & 15 {
      case 1:
        do {
          yield(.text(try JSONValue(String(decoding: payload, as: UTF8.self))))
        } catch {
          return
        }
      case 8:
        yield(.close(payload.count >= 2 ? UInt16(payload[0]) << 8 | UInt16(payload[1]) : 1005))
        let answer = ConnectionPeer.frame(8, payload)
        _ = Glibc.send(descriptor, answer, answer.count, Int32(MSG_NOSIGNAL))
      default: break
      }
      bytes.removeFirst(header + length)
    }
  }

  private func write(_ text: String) { write(Array(text.utf8)) }

  private func write(_ bytes: [UInt8]) { _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }

  /// Sends a masked frame.
  func frame(_ opcode: UInt8, _ payload: [UInt8]) { write(ConnectionPeer.frame(opcode, payload)) }

  /// Sends a request; returns its number.
  @discardableResult
  func request(_ verb: String, _ fields: String = "") -> Int64 {
    let id = lastID.add(1, ordering: .relaxed).newValue
    frame(1, Array(#"{"id":\#(id),"do":"\#(verb)"\#(fields.isEmpty ? "" : ",")\#(fields)}"#.utf8))
    return id
  }

  /// The HTTP status of the answer to the upgrade.
  func status() async throws -> Int {
    for await message in messages {
      if case .head(let head) = message { return Int(head.split(separator: " ").dropFirst().first ?? "") ?? 0 }
    }
    throw Ended()
  }

  /// The next frame for which `condition` holds. Throws when the socket closes before.
  @discardableResult
  func next(_ condition: (JSONValue) -> Bool) async throws -> JSONValue {
    for await message in messages {
      take(message)
      if case .text(let frame) = message, condition(frame) { return frame }
    }
    throw Ended()
  }

  /// Sends a request and waits for its answer.
  @discardableResult
  func answer(_ verb: String, _ fields: String = "") async throws -> JSONValue {
    let id = request(verb, fields)
    return try await next { $0["id"]?.number == id && $0["event"] == nil }
  }

  /// The code with which the server closes.
  func closeCode() async throws -> UInt16 {
    if let code = code.withLock({ $0 }) { return code }
    for await message in messages {
      take(message)
      if case .close(let code) = message { return code }
    }
    throw Ended()
  }

  private func take(_ message: Message) {
    switch message {
    case .close(let code): self.code.withLock { $0 = code }
    case .text(let frame): log.withLock { $0.append(frame) }
    case .head: break
    }
  }

  /// Everything that was taken so far.
  var frames: [JSONValue] { log.withLock { $0 } }
}
