import Dispatch
import HTTPTypes
import Hummingbird
import Logging
import Metrics
import NIOHTTP1
import ServerKit

/// Around every request: its id and the client's address, problems instead of errors, security headers, one log line, metrics.
struct EnvelopeMiddleware: RouterMiddleware {
  typealias Context = RestContext

  let proxies: TrustedProxies
  let metrics: PrometheusRegistry

  func handle(
    _ request: Request, context: RestContext, next: (Request, RestContext) async throws -> Response
  ) async throws -> Response {
    let start = DispatchTime.now().uptimeNanoseconds
    var context = context
    context.address = proxies.client(peer: context.peer, forwarded: request.headers[values: .xForwardedFor])
    let isSecure = proxies.isSecure(peer: context.peer, proto: request.headers[values: .xForwardedProto])
    context.isSecure = context.isSecure || isSecure
    if let given = request.headers[.xRequestID].flatMap({ ServerKit.RequestID($0) }) { context.requestID = given }
    context.logger[metadataKey: "hb.request.id"] = nil
    context.logger[metadataKey: "request"] = "\(context.requestID)"

    var response: Response
    do {
      response = try await next(request, context)
    } catch let error as HTTPParserError {
      // Not a request at all: the connection itself answers and closes.
      throw error
    } catch {
      let (problem, isOurs) = Problem.of(error)
      if isOurs { context.logger.error("Request failed", metadata: ["error": "\(error)"]) }
      response = try problem.response()
    }
    response.headers[.xRequestID] = context.requestID.description
    Self.secure(&response.headers, host: request.head.authority ?? "")

    let nanoseconds = DispatchTime.now().uptimeNanoseconds - start
    let route = Self.label(context.endpointPath, request.uri.path)
    count(request, response, route, nanoseconds)
    // Assets and probes would drown everything else.
    context.logger.log(
      level: route.hasPrefix("/api") ? .info : .debug, "Request",
      metadata: [
        "method": "\(request.method)", "route": "\(route)", "status": .stringConvertible(response.status.code),
        "ms": .stringConvertible(nanoseconds / 1_000_000),
      ])
    return response
  }

  private func count(_ request: Request, _ response: Response, _ route: String, _ nanoseconds: UInt64) {
    // A client may call its method anything; a label must not become a list of words that it made up.
    let known: Set<HTTPRequest.Method> = [.get, .head, .post, .put, .patch, .delete, .options]
    let method = known.contains(request.method) ? request.method.rawValue : "OTHER"
    Counter(
      label: "http.server.requests",
      dimensions: [("method", method), ("route", route), ("status", String(response.status.code))], factory: metrics
    ).increment()
    Metrics.Timer(
      label: "http.server.request.duration", dimensions: [("method", method), ("route", route)], factory: metrics
    ).recordNanoseconds(Int64(clamping: nanoseconds))
  }

  /// The route's template; addresses without a route are `other` or, outside the API, `pages`.
  private static func label(_ endpoint: String?, _ path: String) -> String {
    guard let endpoint, endpoint != "NotFound" else { return path.hasPrefix("/api/") ? "/api/other" : "pages" }
    return endpoint
  }

  private static func secure(_ headers: inout HTTPFields, host: String) {
    headers[.xContentTypeOptions] = "nosniff"
    headers[.referrerPolicy] = "same-origin"
    headers[.permissionsPolicy] = "camera=(self), geolocation=(self), microphone=(self), payment=(), usb=()"
    headers[.crossOriginOpenerPolicy] = "same-origin"
    headers[.crossOriginResourcePolicy] = "same-origin"
    // Files of strangers come with a narrower one of their own.
    guard headers[.contentSecurityPolicy] == nil else { return }
    headers[.contentSecurityPolicy] = """
      default-src 'self'; connect-src 'self'\(sockets(host)); img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; \
      form-action 'self'; frame-ancestors 'none'
      """
  }

  /// The page's own socket, which not every browser counts as 'self'. A host with other characters than hosts have is left out, because
  /// this becomes part of a header.
  static func sockets(_ host: String) -> String {
    let isHost =
      !host.isEmpty && host.utf8.count <= 255
      && host.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
          UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"):
          true
        default: false
        }
      }
    return isHost ? " ws://\(host) wss://\(host)" : ""
  }
}
