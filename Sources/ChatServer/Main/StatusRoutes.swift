import ServerKit

/// `/ws/healthz`, `/ws/readyz` and `/ws/metrics`: under the chat's own path, since the others are RestAPI's.
struct StatusRoutes: Sendable {
  let health: HealthRegistry
  let metrics: PrometheusRegistry?
  /// The addresses that may read metrics; for others they don't exist.
  let readers: Set<String>

  /// The page of that path for a client at that address; nil when there is none.
  func page(_ path: String, for address: String) async -> StatusPage? {
    switch path {
    case "/healthz": return StatusPage(status: 200, type: "text/plain; charset=utf-8", body: "ok\n")
    case "/readyz":
      let problems = await health.problems()
      guard !problems.isEmpty else { return StatusPage(status: 200, type: "text/plain; charset=utf-8", body: "ready\n") }
      let body = problems.map { "\($0.name): \($0.reason)\n" }.joined()
      return StatusPage(status: 503, type: "text/plain; charset=utf-8", body: body)
    case "/metrics":
      guard let metrics, readers.contains(address) else { return nil }
      return StatusPage(status: 200, type: "text/plain; version=0.0.4; charset=utf-8", body: metrics.exposition())
    default: return nil
    }
  }
}
