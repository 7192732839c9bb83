import Reactor
import SocketSupport
import Testing

/// A handler that writes down what it is told, and a loop that the test turns by hand.
final class Recorder: LoopHandler {
  let loop: EventLoop
  private(set) var port: UInt16 = 0
  var open: [ConnectionID] = []
  var bytes: [UInt8] = []
  var readCount = 0
  var events: [String] = []
  var reasons: [Disconnect] = []
  /// What accepted connections are encrypted with.
  var tls: TLSContext?
  var onReceive: ((ConnectionID, UnsafeMutableRawBufferPointer) -> Void)?

  init(clock: (() -> Int64)? = nil) throws {
    loop = try clock.map { try EventLoop(index: 3, clock: $0) } ?? EventLoop(index: 3)
    loop.attach(self)
    port = try loop.listen(on: SocketAddress(parsing: "127.0.0.1:0")).address.port
  }

  func accepted(_ connection: ConnectionID, listener: Int) {
    open.append(connection)
    events.append("accepted")
    if let tls { loop.startTLS(connection, tls) }
  }
  func connected(_ connection: ConnectionID) { events.append("connected") }
  func received(_ connection: ConnectionID, _ bytes: UnsafeMutableRawBufferPointer) {
    readCount += 1
    self.bytes += bytes
    onReceive?(connection, bytes)
  }
  func ended(_ connection: ConnectionID) { events.append("ended") }
  func drained(_ connection: ConnectionID) { events.append("drained") }
  func closed(_ connection: ConnectionID, _ reason: Disconnect) {
    events.append("closed")
    reasons.append(reason)
  }

  /// Turns the loop until something has happened; a minute without it fails the test.
  func turn(until isDone: () -> Bool, _ location: SourceLocation = #_sourceLocation) {
    let deadline = MonotonicClock.milliseconds + 60_000
    while !isDone() {
      guard MonotonicClock.milliseconds < deadline else {
        Issue.record("nothing happened in a minute; events: \(events)", sourceLocation: location)
        return
      }
      loop.turn(patience: 10)
    }
  }

  /// A peer and our end of its connection.
  func connectPeer(receiveBuffer: Int32? = nil) throws -> (Peer, ConnectionID) {
    let before = open.count
    let peer = try Peer(port: port, receiveBuffer: receiveBuffer)
    turn { open.count > before }
    return (peer, try #require(open.last))
  }
}
