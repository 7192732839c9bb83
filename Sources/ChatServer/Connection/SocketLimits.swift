/// How much one socket may use.
struct SocketLimits: Sendable {
  /// A message's most bytes; more closes with 1009.
  var messageBytes = 65_536
  /// Requests per second in the long run; more closes with 4029. Generous: people type, but a page that comes back asks for all its topics.
  var requestsPerSecond = 50
  /// Requests at once before the rate counts.
  var requestBurst = 200
  /// From how many queued bytes on the next frame closes with 1013. One frame may be larger than that: it is let through when less waits.
  var queuedBytes = 1 << 20
}
