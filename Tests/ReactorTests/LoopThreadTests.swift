import Glibc
import Reactor
import SocketSupport
import Synchronization
import Testing

@Suite struct LoopThreadTests {
  private final class Counter: LoopHandler {
    var calls: [Int] = []
    var closed: [Disconnect] = []
    let loop: EventLoop
    let log: Log
    init(_ loop: EventLoop, _ log: Log) { (self.loop, self.log) = (loop, log) }
    func received(_ connection: ConnectionID, _ bytes: UnsafeMutableRawBufferPointer) {}
    func ended(_ connection: ConnectionID) {}
    func closed(_ connection: ConnectionID, _ reason: Disconnect) { log.reasons.withLock { $0.append(reason) } }
  }

  private final class Log: Sendable {
    let reasons = Mutex<[Disconnect]>([])
    let count = Mutex(0)
  }

  @Test func runsWhatOtherThreadsPostInTheirOrder() async throws {
    let log = Log()
    let thread = try LoopThread(name: "test", index: 1) { Counter($0, log) }
    let calls = await withCheckedContinuation { (continuation: CheckedContinuation<[Int], Never>) in
      for number in 0..<1_000 { thread.execute { $0.calls.append(number) } }
      thread.execute { continuation.resume(returning: $0.calls) }
    }
    #expect(calls == Array(0..<1_000))
    thread.stop()
    thread.join()
  }

  @Test func losesNothingThatManyThreadsPost() async throws {
    let log = Log()
    let thread = try LoopThread(name: "test", index: 1) { Counter($0, log) }
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask { for _ in 0..<2_000 { thread.execute { $0.calls.append(1) } } }
      }
    }
    let count = await withCheckedContinuation { (continuation: CheckedContinuation<Int, Never>) in
      thread.execute { continuation.resume(returning: $0.calls.count) }
    }
    #expect(count == 16_000)
    thread.stop()
    thread.join()
  }

  @Test func stoppingClosesEachConnectionOnceAndRefusesWhatComesLater() throws {
    let log = Log()
    let thread = try LoopThread(name: "test", index: 1) { Counter($0, log) }
    let (peer, descriptor) = Peer.pair()
    let (latePeer, lateDescriptor) = Peer.pair()
    thread.execute { _ = $0.loop.adopt(DetachedConnection(descriptor: descriptor)) }
    thread.stop()
    // Whether this runs before the end or not, the connection is closed: by the loop, or with what nobody has taken.
    do {
      let late = DetachedConnection(descriptor: lateDescriptor)
      thread.execute { _ = $0.loop.adopt(late) }
    }
    thread.join()
    #expect(log.reasons.withLock { $0 }.filter { $0 == .stopped }.count >= 1)
    #expect(peer.receive() == nil)
    #expect(latePeer.receive() == nil)
    #expect(!thread.execute { _ in })
  }
}
