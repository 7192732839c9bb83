/// Finds dead peers. Time is passed in: milliseconds of any monotonic clock.
public struct KeepAlive: Sendable {
  /// What is due.
  public enum Action: Sendable, Equatable {
    /// Nothing yet.
    case none
    /// Send a ping.
    case ping
    /// Two silent periods have passed: drop the connection.
    case giveUp
  }

  /// A silent period's length: 25 s, in milliseconds.
  public static let period: Int64 = 25_000

  private var heardAt: Int64
  private var pinged = false

  /// Starts as if the peer had been heard now.
  public init(now: Int64) { heardAt = now }

  /// Anything came from the peer.
  @inlinable
  public mutating func heard(now: Int64) { note(now) }

  @usableFromInline
  mutating func note(_ now: Int64) { (heardAt, pinged) = (now, false) }

  /// Asks what is due; to be called about once a second.
  public mutating func tick(now: Int64) -> Action {
    let silence = now - heardAt
    if silence >= 2 * Self.period { return .giveUp }
    if silence >= Self.period, !pinged {
      pinged = true
      return .ping
    }
    return .none
  }
}
