import HTTPTypes
import Hummingbird

/// Answers GET and HEAD outside the API with the pages' files, and addresses of the page's own router with index.html.
struct PagesMiddleware: RouterMiddleware {
  typealias Context = RestContext

  let files: PageFiles
  /// Addresses that are never a page's, so that a mistyped one doesn't answer with HTML.
  private static let reserved = ["/api", "/files", "/ws", "/healthz", "/readyz", "/metrics"]

  func handle(
    _ request: Request, context: RestContext, next: (Request, RestContext) async throws -> Response
  ) async throws -> Response {
    let path = request.uri.path
    let isRead = request.method == .get || request.method == .head
    guard isRead, !Self.reserved.contains(where: { path == $0 || path.hasPrefix($0 + "/") }) else {
      return try await next(request, context)
    }
    if path != "/", path != "/index.html", let file = try files.file(at: path) {
      return Self.answer(request, file, isIndex: false)
    }
    // A missing script must be an error and not a page; everything else may be an address inside the page.
    let last = path.split(separator: "/").last ?? ""
    let isAddress = !last.contains(".") || last == "index.html"
    guard isAddress, PageFiles.safe(path) != nil || path == "/" || path.hasSuffix("/"),
      let index = try files.file(at: "/index.html")
    else {
      return try await next(request, context)
    }
    return Self.answer(request, index, isIndex: true)
  }

  private static func answer(_ request: Request, _ file: PageFiles.File, isIndex: Bool) -> Response {
    let isZipped = file.gzipped != nil && accepts(gzip: request.headers[.acceptEncoding] ?? "")
    let tag = isZipped ? String(file.tag.dropLast()) + "-gzip\"" : file.tag
    var headers: HTTPFields = [
      .contentType: file.type, .eTag: tag, .vary: "Accept-Encoding",
      .cacheControl: file.isImmutable && !isIndex ? "public, max-age=31536000, immutable" : "no-cache",
    ]
    if matches(request.headers[.ifNoneMatch] ?? "", file.tag) { return Response(status: .notModified, headers: headers) }
    let bytes = isZipped ? file.gzipped ?? file.bytes : file.bytes
    if isZipped { headers[.contentEncoding] = "gzip" }
    headers[.contentLength] = String(bytes.count)
    return Response(
      status: .ok, headers: headers,
      body: request.method == .head ? ResponseBody() : ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
  }

  /// Whether gzip is listed and not at weight nought.
  static func accepts(gzip header: String) -> Bool {
    for item in header.lowercased().split(separator: ",") {
      let parts = item.split(separator: ";").map { $0.filter { $0 != " " } }
      if parts.first == "gzip" || parts.first == "*" {
        return !parts.dropFirst().contains { $0 == "q=0" || $0 == "q=0.0" || $0 == "q=0.00" || $0 == "q=0.000" }
      }
    }
    return false
  }

  /// Whether `If-None-Match` names the content, gzipped or not.
  static func matches(_ header: String, _ tag: String) -> Bool {
    let zipped = String(tag.dropLast()) + "-gzip\""
    return header.split(separator: ",").contains { item in
      var name = item.filter { $0 != " " }
      if name.hasPrefix("W/") { name.removeFirst(2) }
      return name == "*" || name == tag || name == zipped
    }
  }
}
