import Domain

/// Token buckets of one kind, by name, in bounded memory.
struct Buckets: Sendable {
  private struct Bucket {
    var tokens: Double
    var at: Timestamp
  }

  private var buckets: [String: Bucket] = [:]
  private let capacity: Double
  private let microsecondsPerToken: Double
  private let limit: Int

  init(rate: SignInThrottle.Rate, limit: Int) {
    capacity = rate.capacity
    let parts = rate.refill.components
    microsecondsPerToken = max(1, Double(parts.seconds) * 1e6 + Double(parts.attoseconds) / 1e12)
    self.limit = max(1, limit)
  }

  var count: Int { buckets.count }

  /// How long until there is a token; zero when there is one.
  func wait(_ name: String, at now: Timestamp) -> Duration {
    let tokens = tokens(of: buckets[name], at: now)
    return tokens >= 1 ? .zero : .microseconds(Int64(((1 - tokens) * microsecondsPerToken).rounded(.up)))
  }

  mutating func take(_ name: String, at now: Timestamp) {
    if buckets[name] == nil && buckets.count >= limit { forget(at: now) }
    buckets[name] = Bucket(tokens: tokens(of: buckets[name], at: now) - 1, at: now)
  }

  mutating func giveBack(_ name: String, at now: Timestamp) {
    guard let bucket = buckets[name] else { return }
    let tokens = tokens(of: bucket, at: now) + 1
    buckets[name] = tokens >= capacity ? nil : Bucket(tokens: tokens, at: now)
  }

  private func tokens(of bucket: Bucket?, at now: Timestamp) -> Double {
    guard let bucket else { return capacity }
    // A clock that was set back gives nothing.
    let elapsed = max(0, Double(now.microseconds - bucket.at.microseconds))
    return min(capacity, bucket.tokens + elapsed / microsecondsPerToken)
  }

  /// Makes room: all full buckets go, and of the others the fullest eighth, so that a flood pays for this once in many attempts.
  private mutating func forget(at now: Timestamp) {
    buckets = buckets.filter { tokens(of: $0.value, at: now) < capacity }
    guard buckets.count >= limit else { return }
    let fullest = buckets.map { ($0.key, tokens(of: $0.value, at: now)) }.sorted { $0.1 > $1.1 }
    for (name, _) in fullest.prefix(max(1, limit / 8)) { buckets[name] = nil }
  }
}
