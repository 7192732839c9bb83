import Domain
import Reactor
import Synchronization
import Testing
import WebSocketProtocol
import WebSocketServer

@testable import ChatServer

/// RestAPI's place: a loop that writes down what comes and can be made to answer.
final class ConnectionUpstream: LoopHandler {
  let loop: EventLoop
  let port: UInt16
  var open: [ConnectionID] = []
  var bytes: [UInt8] = []
  var events: [String] = []

  init() throws {
    loop = try EventLoop(index: 9)
    port = try loop.listen(on: SocketAddress(parsing: "127.0.0.1:0")).address.port
    loop.attach(self)
  }

  func accepted(_ connection: ConnectionID, listener: Int) { open.append(connection) }
  func received(_ connection: ConnectionID, _ bytes: UnsafeMutableRawBufferPointer) { self.bytes += bytes }
  func ended(_ connection: ConnectionID) { events.append("ended") }
  func closed(_ connection: ConnectionID, _ reason: Disconnect) { events.append("closed") }

  /// What came after the PROXY header of the first connection.
  var text: String { String(decoding: bytes.dropFirst(28), as: UTF8.self) }
}

/// Decides about credentials when the test says so.
final class ConnectionGatekeeper: Sendable {
  private struct State {
    var asked: [(SocketCredential, String)] = []
    var waiting: [CheckedContinuation<SocketAdmission, Never>] = []
    var isOpen = true
  }
  private let state = Mutex(State())

  var asked: [(SocketCredential, String)] { state.withLock(\.asked) }
  var waitingCount: Int { state.withLock { $0.waiting.count } }

  /// From now on callers wait for `decide`.
  func hold() { state.withLock { $0.isOpen = false } }

  func decide(_ admission: SocketAdmission) {
    let waiting = state.withLock { state in
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume(returning: admission) }
  }

  func answer(_ credential: SocketCredential, _ address: String) async -> SocketAdmission {
    let isOpen = state.withLock { state in
      state.asked.append((credential, address))
      return state.isOpen
    }
    if !isOpen { return await withCheckedContinuation { continuation in state.withLock { $0.waiting.append(continuation) } } }
    switch credential {
    case .cookie("good"), .bearer("good"): return .admitted(session: SessionID(3), account: AccountID(7))
    case .cookie("away"), .bearer("away"): return .unavailable
    default: return .refused
    }
  }
}

/// A front, a chat loop and RestAPI's place, turned by hand, with a clock that the test moves.
final class ConnectionFrontBench {
  private final class Clock { var now: Int64 = 0 }

  let front: FrontHandler
  let chat: ConnectionBench
  let upstream: ConnectionUpstream
  let gatekeeper = ConnectionGatekeeper()
  let gauge: SocketGauge
  let port: UInt16
  private let clock = Clock()

  init(socketLimit: Int = 100, hasChat: Bool = true, change: (inout FrontConfiguration) -> Void = { _ in }) throws {
    let chat = try ConnectionBench()
    let upstream = try ConnectionUpstream()
    var configuration = FrontConfiguration()
    configuration.upstream = try SocketAddress(parsing: "127.0.0.1:\(upstream.port)")
    change(&configuration)
    let loop = try EventLoop(index: 2, clock: { [clock] in clock.now })
    gauge = SocketGauge(limit: socketLimit)
    front = FrontHandler(
      loop: loop, configuration: configuration, gauge: gauge,
      entrances: hasChat ? [SocketEntrance(chat.loop.remote(to: chat.driver))] : [SocketEntrance { _ in false }],
      authenticate: { [gatekeeper] in await gatekeeper.answer($0, $1) },
      statusPages: { path, address in
        path == "/healthz" ? StatusPage(status: 200, type: "text/plain", body: "ok for \(address)") : nil
      })
    loop.attach(front)
    port = try front.listen(on: SocketAddress(parsing: "127.0.0.1:0")).port
    self.chat = chat
    self.upstream = upstream
  }

  /// Turns all loops until something has happened. Gives way in between: what the front asks runs on the test's threads.
  func turn(until isDone: () -> Bool, _ location: SourceLocation = #_sourceLocation) async {
    let deadline = MonotonicClock.milliseconds + 300_000
    while !isDone() {
      guard MonotonicClock.milliseconds < deadline else {
        Issue.record("nothing happened in five minutes", sourceLocation: location)
        return
      }
      for loop in [front.loop, chat.loop, upstream.loop] { loop.turn(patience: 1) }
      await Task.yield()
    }
  }

  /// Moves the front's clock and lets its timers run.
  func pass(_ milliseconds: Int64) {
    for _ in 0..<(milliseconds / 1_000) {
      clock.now += 1_000
      front.loop.turn(patience: 0)
    }
  }

  static func request(_ changes: [String: String?] = [:], path: String = "/ws", port: UInt16 = 1) -> String {
    var fields: [String: String] = [
      "Host": "127.0.0.1:\(port)", "Upgrade": "websocket", "Connection": "Upgrade",
      "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
      "Sec-WebSocket-Version": "13", "Sec-WebSocket-Protocol": "1fin.v1", "Authorization": "Bearer good",
    ]
    for (name, value) in changes { fields[name] = value }
    return "GET \(path) HTTP/1.1\r\n" + fields.map { "\($0): \($1)\r\n" }.joined() + "\r\n"
  }

  /// Sends a request and waits for the whole answer of a connection that ends with it.
  func answer(to request: String) async throws -> String { try await answer(to: Array(request.utf8)) }

  /// Sends bytes and waits for the whole answer of a connection that ends with it.
  func answer(to request: [UInt8]) async throws -> String {
    let peer = try ConnectionPeer(port: port)
    peer.send(request)
    await turn {
      peer.poll()
      return peer.hasEnded
    }
    return peer.text
  }
}
