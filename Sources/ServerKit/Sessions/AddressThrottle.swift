public import Domain

/// Slows down what anybody may ask without signing in: so many requests per address, then one per time. A pure machine: time is passed in, and memory
/// is bounded. An IPv6 address counts as its /64.
public struct AddressThrottle: Sendable {
  private var buckets: Buckets

  /// Makes a machine that has seen nobody.
  ///
  /// - Parameters:
  ///   - rate: how many at once, and how long one takes to come back. Generous: many people may share an address.
  ///   - limit: how many addresses are told apart.
  public init(_ rate: SignInThrottle.Rate, limit: Int = 20_000) { buckets = Buckets(rate: rate, limit: limit) }

  /// Takes one request's token. Nil when there was one; else how long to wait: whole seconds, at least one.
  public mutating func take(_ address: String, at now: Timestamp) -> Duration? {
    let name = AddressGroup.name(of: address)
    let wait = buckets.wait(name, at: now)
    guard wait > .zero else {
      buckets.take(name, at: now)
      return nil
    }
    return .seconds(max(1, wait.components.seconds + (wait.components.attoseconds > 0 ? 1 : 0)))
  }
}
