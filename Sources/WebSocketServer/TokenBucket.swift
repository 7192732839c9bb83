/// A rate limit with a burst. Time is passed in: milliseconds of a monotonic clock.
struct TokenBucket: Sendable {
  /// Thousandths of a token, so that a millisecond at n per second is worth n.
  private var level: Int64
  private var filledAt: Int64

  /// Starts full.
  init(burst: Int, now: Int64) {
    level = Int64(burst) * 1_000
    filledAt = now
  }

  /// Takes a token; false when there is none.
  mutating func take(perSecond rate: Int, burst: Int, now: Int64) -> Bool {
    if now > filledAt {
      // Capped before it is multiplied: nobody's silence overflows.
      let elapsed = min(now - filledAt, 1 << 30)
      level = min(level + elapsed * Int64(rate), Int64(burst) * 1_000)
      filledAt = now
    }
    guard level >= 1_000 else { return false }
    level -= 1_000
    return true
  }
}
