import Glibc
import Reactor
import Testing
import WebSocketProtocol

/// A client's end of a connection: a plain socket that is read without blocking.
final class ConnectionPeer {
  private(set) var descriptor: Int32
  private(set) var received: [UInt8] = []
  private(set) var hasEnded = false

  init(descriptor: Int32) { self.descriptor = descriptor }

  /// Two connected sockets of a small size, so that a reader that stops is noticed early.
  static func pair() -> (ConnectionPeer, Int32) {
    var descriptors: [Int32] = [0, 0]
    socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &descriptors)
    return (ConnectionPeer(descriptor: descriptors[0]), descriptors[1])
  }

  /// Connects over loopback.
  init(port: UInt16, receiveBuffer: Int32? = nil) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    if var size = receiveBuffer { setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size)) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, 16) }
    }
    guard result == 0 else { throw SystemError("connect") }
  }

  func send(_ bytes: [UInt8]) { _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }
  func send(_ text: String) { send(Array(text.utf8)) }
  func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Sends as much as the kernel takes now, and cuts it off.
  func offer(_ bytes: inout ArraySlice<UInt8>) {
    let count = bytes.withUnsafeBytes {
      Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
    }
    bytes = bytes.dropFirst(max(0, count))
  }

  /// Sends a masked frame.
  func sendFrame(_ opcode: UInt8, _ payload: [UInt8], final: Bool = true) { send(Self.frame(opcode, payload, final: final)) }

  static func frame(_ opcode: UInt8, _ payload: [UInt8], final: Bool = true) -> [UInt8] {
    var frame: [UInt8] = [(final ? 0x80 : 0) | opcode]
    switch payload.count {
    case ..<126: frame.append(0x80 | UInt8(payload.count))
    case ..<65_536: frame += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
    default: frame += [0x80 | 127] + (0..<8).reversed().map { UInt8(truncatingIfNeeded: payload.count >> ($0 * 8)) }
    }
    let key: [UInt8] = [1, 2, 3, 4]
    return frame + key + payload.enumerated().map { $1 ^ key[$0 % 4] }
  }

  /// Collects what has come.
  func poll() {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
      if count == 0 || count < 0 && errno != EAGAIN { hasEnded = true }
      guard count > 0 else { return }
      received += buffer.prefix(count)
    }
  }

  /// What has come, as text.
  var text: String { String(decoding: received, as: UTF8.self) }

  /// Takes the whole frames that have come: their first byte and payload.
  func takeFrames() -> [(first: UInt8, payload: [UInt8])] {
    poll()
    var frames: [(first: UInt8, payload: [UInt8])] = []
    while received.count >= 2 {
      let header = FrameEncoder.headerSize(payload: received[1] == 127 ? 65_536 : Int(received[1]))
      guard received.count >= header else { break }
      let length = header == 2 ? Int(received[1]) : received[2..<header].reduce(0) { $0 << 8 | Int($1) }
      guard received.count >= header + length else { break }
      frames.append((received[0], Array(received[header..<(header + length)])))
      received.removeFirst(header + length)
    }
    return frames
  }

  /// Takes the frames but for pings, which it answers as any client does: a busy machine may be silent for so long that the server asks.
  func takeAnswers() -> [(first: UInt8, payload: [UInt8])] {
    takeFrames().filter { frame in
      guard frame.first == 0x89 else { return true }
      sendFrame(10, frame.payload)
      return false
    }
  }

  /// Takes an HTTP head that has come, and leaves what follows it.
  func takeHead() -> String? {
    poll()
    var parser = RequestHeadParser()
    let (outcome, consumed) = parser.push(received)
    // An answer is no request, but its head ends like one.
    guard outcome != .needMore else { return nil }
    received.removeFirst(consumed)
    return String(decoding: parser.bytes, as: UTF8.self)
  }

  func reset() {
    var option = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    close()
  }

  func close() {
    if descriptor >= 0 { _ = Glibc.close(descriptor) }
    descriptor = -1
  }

  deinit { close() }
}

/// Turns loops by hand until something has happened; a minute without it fails the test.
func turn(_ loops: [EventLoop], until isDone: () -> Bool, _ location: SourceLocation = #_sourceLocation) {
  let deadline = MonotonicClock.milliseconds + 300_000
  while !isDone() {
    guard MonotonicClock.milliseconds < deadline else {
      Issue.record("nothing happened in five minutes", sourceLocation: location)
      return
    }
    for loop in loops { loop.turn(patience: loops.count == 1 ? 10 : 1) }
  }
}
