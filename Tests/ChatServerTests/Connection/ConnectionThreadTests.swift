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

  /// Nothing happened in five minutes.
  private struct Silence: Error {}

  /// Asks again and again, giving way in between, for five minutes at most.
  private func wait(until isDone: () throws -> Bool) throws {
    let deadline = MonotonicClock.milliseconds + 300_000
    while try !isDone() {
      guard MonotonicClock.milliseconds < deadline else { throw Silence() }
      sched_yield()
    }
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
    configuration.signInPatience = 60_000
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
    let peers = try (0..<count).map { _ in try ConnectionPeer(port: port.withLock { $0 }) }
    for (number, peer) in peers.enumerated() {
      // Every third client resets right after its request, in the middle of being handed over.
      peer.send(ConnectionFrontBench.request())
      if number % 3 == 2 { peer.reset() }
    }
    let living = peers.enumerated().filter { $0.offset % 3 != 2 }.map(\.element)
    for peer in living {
      var head: String?
      try wait {
        head = peer.takeHead()
        if head == nil, peer.hasEnded { throw Silence() }
        return head != nil
      }
      #expect(head?.hasPrefix("HTTP/1.1 101 ") == true, "\(head ?? "")")
    }
    for round in 0..<20 {
      for peer in living { peer.sendFrame(1, Array("round \(round)".utf8)) }
      for peer in living {
        var echoes: [[UInt8]] = []
        try wait {
          echoes += peer.takeAnswers().map(\.payload)
          return !echoes.isEmpty
        }
        #expect(echoes == [Array("round \(round)".utf8)])
      }
    }
    try wait { gauge.count == living.count }

    front.execute { $0.drain() }
    final class Done: Sendable { let count = Atomic(0) }
    let done = Done()
    for chat in chats { chat.execute { $0.sockets.drain { done.count.add(1, ordering: .relaxed) } } }
    for peer in living {
      var frames: [(first: UInt8, payload: [UInt8])] = []
      try wait {
        frames += peer.takeAnswers()
        return !frames.isEmpty
      }
      #expect(frames.first?.payload.prefix(2) == [0x03, 0xF4])
      peer.sendFrame(8, [0x03, 0xF4])
      peer.finish()
    }
    try wait { done.count.load(ordering: .relaxed) == 2 }
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
