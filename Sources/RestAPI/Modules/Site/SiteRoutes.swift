import HTTPTypes
import Hummingbird
import ServerKit

/// What is asked before anybody signs in, and what machines ask.
enum SiteRoutes {
  private struct Config: Encodable {
    let firm: String
    let version: String
  }

  private struct Health: Encodable {
    let status: String
    let problems: [String: String]?
  }

  /// By the client's own address. What a proxy passes on without being trusted to say for whom comes from anybody, whatever the proxy's address.
  private static func isMetricsReader(_ call: Call) -> Bool {
    let isPassedOn = call.request.headers[.xForwardedFor] != nil
    if isPassedOn && call.context.address == call.context.peer { return false }
    return call.services.configuration.shared.metricsReaders.contains(call.context.address)
  }

  static func add(to table: inout RouteTable) {
    table.open(.get, "/api/v1/config") { call in
      try .json(Config(firm: call.services.configuration.shared.firmName, version: RestAPIVersion.text))
    }
    table.open(.get, "/healthz") { _ in try .json(Health(status: "ok", problems: nil)) }
    table.open(.get, "/readyz") { call in
      let problems = await call.services.health.problems()
      guard !problems.isEmpty else { return try .json(Health(status: "ready", problems: nil)) }
      let reasons = Dictionary(problems.map { ($0.name, $0.reason) }, uniquingKeysWith: { first, _ in first })
      var response = try Response.json(Health(status: "not ready", problems: reasons), status: .serviceUnavailable)
      response.headers[.retryAfter] = "1"
      return response
    }
    table.open(.get, "/metrics") { call in
      // The page's address is public, and how much a firm works is nobody's business.
      guard isMetricsReader(call) else { throw Problem.notFound }
      return Response(
        status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8", .cacheControl: "no-store"],
        body: ResponseBody(byteBuffer: ByteBuffer(string: call.services.exposition())))
    }
  }
}

/// The version that `/api/v1/config` tells.
enum RestAPIVersion {
  static let text = "0.1.0"
}
