import Domain
import Reactor
import Testing
import WebSocketProtocol
import WebSocketServer

@testable import ChatServer

/// A chat that writes down what it is told, on a loop that the test turns by hand, with a clock that the test moves.
final class ConnectionRoom: SocketHandler {
  let sockets: SocketTable
  var opened: [SocketID] = []
  var texts: [String] = []
  var events: [String] = []
  var onText: ((SocketID, String) -> Void)?

  init(_ sockets: SocketTable) { self.sockets = sockets }

  func opened(_ socket: SocketID, _ identity: SocketIdentity) {
    opened.append(socket)
    events.append("opened \(identity.account)")
  }
  func received(_ socket: SocketID, text: UnsafeRawBufferPointer) {
    let text = String(decoding: text, as: UTF8.self)
    texts.append(text)
    onText?(socket, text)
  }
  func drained(_ socket: SocketID) { events.append("drained") }
  func closed(_ socket: SocketID) { events.append("closed") }
}

/// One chat loop for a test.
final class ConnectionBench {
  private(set) var driver: SocketDriver<ConnectionRoom>
  let loop: EventLoop
  private let clock: Clock

  private final class Clock { var now: Int64 = 0 }

  init(limits: SocketLimits = SocketLimits()) throws {
    let clock = Clock()
    self.clock = clock
    loop = try EventLoop(index: 1, clock: { clock.now })
    driver = SocketDriver(loop: loop, limits: limits) { ConnectionRoom($0) }
    loop.attach(driver)
  }

  var room: ConnectionRoom { driver.handler }

  static func handoff(_ descriptor: Int32, leftover: [UInt8] = []) -> SocketHandoff<SocketIdentity> {
    SocketHandoff(
      connection: DetachedConnection(descriptor: descriptor),
      identity: SocketIdentity(session: SessionID(1), account: AccountID(7), address: "127.0.0.1"),
      answer: [],
      leftover: leftover, extensions: .none)
  }

  /// A client and its socket.
  func connect(leftover: [UInt8] = []) throws -> (ConnectionPeer, SocketID) {
    let (peer, descriptor) = ConnectionPeer.pair()
    driver.admit(Self.handoff(descriptor, leftover: leftover))
    loop.turn(patience: 0)
    guard let socket = room.opened.last else { throw SystemError("admit", code: 0) }
    return (peer, socket)
  }

  func turn(until isDone: () -> Bool, _ location: SourceLocation = #_sourceLocation) {
    ChatServerTests.turn([loop], until: isDone, location)
  }

  /// Moves the clock and lets the timers run.
  func pass(_ milliseconds: Int64) {
    for _ in 0..<(milliseconds / 1_000) {
      clock.now += 1_000
      loop.turn(patience: 0)
    }
    clock.now += milliseconds % 1_000
    loop.turn(patience: 0)
  }
}
