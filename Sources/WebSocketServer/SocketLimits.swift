/// How much one socket may use.
public struct SocketLimits: Sendable {
  /// A message's most bytes; more closes with 1009.
  public var messageBytes = 65_536
  /// Requests per second in the long run; more closes with 4029. Generous: people type, but a page that comes back asks for all its topics.
  public var requestsPerSecond = 50
  /// Requests at once before the rate counts.
  public var requestBurst = 200
  /// From how many queued bytes on the next frame closes with 1013. One frame may be larger than that: it is let through when less waits.
  public var queuedBytes = 1 << 20

  /// The chat's limits.
  public init() {}
}
