import Testing

@testable import WebSocketServer

@Suite struct TokenBucketTests {
  @Test func allowsABurstAndThenTheRate() {
    var bucket = TokenBucket(burst: 10, now: 0)
    func taken(_ now: Int64) -> Int { (0..<100).filter { _ in bucket.take(perSecond: 5, burst: 10, now: now) }.count }
    #expect(taken(0) == 10)
    #expect(taken(199) == 0)
    #expect(taken(200) == 1)
    #expect(taken(1_200) == 5)
    #expect(taken(1_000_000) == 10)
    #expect(taken(.max - 1) == 10)
  }
}
