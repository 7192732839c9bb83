/// How long to wait before each further attempt: twice as long each time up to a limit, half of it by chance, so that many who lost
/// the same server do not come back at once.
public struct Backoff: Sendable, Hashable {
  /// Before the first repetition. Default 50 ms.
  public var first: Duration
  /// The longest. Default 2 s.
  public var limit: Duration

  /// The given waits.
  public init(first: Duration = .milliseconds(50), limit: Duration = .seconds(2)) { (self.first, self.limit) = (first, limit) }

  /// The wait after `failures` (1 or more) in a row; `random` is in 0…1.
  public func delay(after failures: Int, random: Double) -> Duration {
    let doubled = first * (1 << min(max(failures, 1) - 1, 20))
    let full = min(doubled, limit)
    return full / 2 + full / 2 * random
  }
}
