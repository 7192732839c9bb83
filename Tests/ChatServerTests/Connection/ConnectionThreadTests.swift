import Domain
import Foundation
import Glibc
import Reactor
import Synchronization
import Testing
import WebSocketProtocol
import WebSocketServer

@testable import ChatServer

/// The whole path with real threads: a front, two chat loops, and clients on one more. (Not on Swift's own threads, which the other tests may
/// keep so busy that clients fall silent for as long as makes a server give them up.)
@Suite struct ConnectionThreadTests {
  private final class Tally: Sendable {
    let opened = Atomic(0)
    let closed = Atomic(0)
  }

  /// Sends each text back.
  private final class Echo: SocketHandler {
    let sockets: SocketTable
    let tally: Tally
    init(_ sockets: SocketTable, _ tally: Tally) { (self.sockets, self.tally) = (sockets, tally) }
    func opened(_ socket: SocketID, _ identity: SocketIdentity) { tally.opened.add(1, ordering: .relaxed) }
    func received(_ socket: SocketID, text: UnsafeRawBufferPointer) { sockets.write(Frame(text: text), to: socket) }
    func drained(_ socket: SocketID) {}
    func closed(_ socket: SocketID) { tally.closed.add(1, ordering: .relaxed) }
  }

  /// A client that does what any does meanwhile: it answers pings, also while the test waits for another one.
  private final class Client {
    let peer: ConnectionPeer
    private(set) var head: String?
    private(set) var frames: [(first: UInt8, payload: [UInt8])] = []
    init(port: UInt16) throws { peer = try ConnectionPeer(port: port) }

    func look() {
      if head == nil { head = peer.takeHead() }
      if head != nil { frames += peer.takeAnswers() }
    }

    /// Takes what has come.
    func take() -> [(first: UInt8, payload: [UInt8])] {
      defer { frames = [] }
      return frames
    }
  }

  /// Nothing happened in ten minutes.
  private struct Silence: Error {}
  private static let patience: Int64 = 600_000

  /// Has all clients look again and again, for ten minutes at most.
  private func wait(_ clients: [Client], until isDone: () throws -> Bool) throws {
    let deadline = MonotonicClock.milliseconds + Self.patience
    repeat {
      for client in clients { client.look() }
      if try isDone() { return }
      sched_yield()
    } while MonotonicClock.milliseconds < deadline
    throw Silence()
  }

  @Test func carriesManySocketsOverThreadsAndDrainsThem() async throws {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread { continuation.resume(with: Result { try carryAndDrain() }) }
    }
  }

  private func carryAndDrain() throws {
    let tally = Tally()
    let gauge = SocketGauge(limit: 1_000)
    let chats = try (0..<2).map { number in
      try LoopThread(name: "chat-\(number)", index: UInt8(10 + number)) { loop in SocketDriver(loop: loop) { Echo($0, tally) } }
    }
    let port = Mutex<UInt16>(0)
    // The other tests may keep sign-in's tasks from running for a while.
    var configuration = FrontConfiguration()
    configuration.signInPatience = Self.patience
    let front = try LoopThread(name: "front", index: 20) { [configuration] loop in
      let front = FrontHandler(
        loop: loop, configuration: configuration, gauge: gauge, entrances: chats.map { SocketEntrance($0.remote) },
        authenticate: { credential, _ in
          credential == .bearer("good") ? .admitted(session: SessionID(1), account: AccountID(1)) : .refused
        })
      let address = try front.listen(on: SocketAddress(parsing: "127.0.0.1:0"))
      port.withLock { $0 = address.port }
      return front
    }
    let count = 60
    let clients = try (0..<count).map { _ in try Client(port: port.withLock { $0 }) }
    for (number, client) in clients.enumerated() {
      // Every third client resets right after its request, in the middle of being handed over.
      client.peer.send(ConnectionFrontBench.request())
      if number % 3 == 2 { client.peer.reset() }
    }
    let living = clients.enumerated().filter { $0.offset % 3 != 2 }.map(\.element)
    for client in living {
      try wait(living) {
        if client.head == nil, client.peer.hasEnded { throw Silence() }
        return client.head != nil
      }
      #expect(client.head?.hasPrefix("HTTP/1.1 101 ") == true, "\(client.head ?? "")")
    }
    for round in 0..<20 {
      for client in living { client.peer.sendFrame(1, Array("round \(round)".utf8)) }
      for client in living {
        try wait(living) { !client.frames.isEmpty }
        let echoes = client.take().map(\.payload)
        #expect(echoes == [Array("round \(round)".utf8)])
      }
    }
    try wait(living) { gauge.count == living.count }

    front.execute { $0.drain() }
    final class Done: Sendable { let count = Atomic(0) }
    let done = Done()
    for chat in chats { chat.execute { $0.sockets.drain { done.count.add(1, ordering: .relaxed) } } }
    for client in living {
      try wait(living) { !client.frames.isEmpty }
      #expect(client.take().first?.payload.prefix(2) == [0x03, 0xF4])
      client.peer.sendFrame(8, [0x03, 0xF4])
      client.peer.finish()
    }
    try wait(living) { done.count.load(ordering: .relaxed) == 2 }
    #expect(gauge.count == 0)
    #expect(tally.opened.load(ordering: .relaxed) == tally.closed.load(ordering: .relaxed))
    #expect(tally.opened.load(ordering: .relaxed) >= living.count)
    front.stop()
    front.join()
    for chat in chats {
      chat.stop()
      chat.join()
    }
  }
}
