import WebSocketProtocol

/// The front's own HTTP answers. The connection ends with each.
enum FrontAnswer {
  static func plain(_ status: Int, retryAfter: Int) -> [UInt8] {
    switch status {
    case 401:
      UpgradeResponse.answer(status: 401, reason: "Unauthorized", fields: ["WWW-Authenticate: Bearer"], text: "not signed in")
    case 403: UpgradeResponse.answer(status: 403, reason: "Forbidden", text: "this origin is not allowed")
    case 404: UpgradeResponse.answer(status: 404, reason: "Not Found", text: "not found")
    case 408: UpgradeResponse.answer(status: 408, reason: "Request Timeout", text: "the request took too long")
    case 431:
      UpgradeResponse.answer(status: 431, reason: "Request Header Fields Too Large", text: "the request's head is too large")
    case 503:
      UpgradeResponse.answer(
        status: 503, reason: "Service Unavailable", fields: ["Retry-After: \(retryAfter)"], text: "come back in a moment")
    case 505: UpgradeResponse.answer(status: 505, reason: "HTTP Version Not Supported", text: "speak HTTP/1.1")
    default: UpgradeResponse.answer(status: 400, reason: "Bad Request", text: "no HTTP request")
    }
  }

  /// For whoever has to do something first, on a page.
  static let owing = UpgradeResponse.answer(
    status: 403, reason: "Forbidden", text: "enrol a second factor or confirm the notice about oversight first")

  /// For who speaks plain HTTP where TLS is expected.
  static let unencrypted = UpgradeResponse.answer(status: 400, reason: "Bad Request", text: "this port speaks HTTPS only")

  static func page(_ page: StatusPage) -> [UInt8] {
    let reason = page.status == 200 ? "OK" : page.status == 503 ? "Service Unavailable" : "Answer"
    return UpgradeResponse.answer(status: page.status, reason: reason, type: page.type, text: page.body)
  }

  /// RestAPI doesn't answer: a problem document for programs, a line for people.
  static func badGateway(path: some StringProtocol, retryAfter: Int) -> [UInt8] {
    let isProgram = path.hasPrefix("/api/")
    let problem =
      #"{"type":"about:blank","title":"Bad Gateway","status":502,"code":"unavailable","detail":"The server is starting or away. Try again."}"#
    let page = """
      <!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>1fin</title>\
      <p>1fin is starting. Try again in a moment.
      """
    return UpgradeResponse.answer(
      status: 502, reason: "Bad Gateway", fields: ["Retry-After: \(retryAfter)"],
      type: isProgram ? "application/problem+json" : "text/html; charset=utf-8", text: isProgram ? problem : page)
  }
}
