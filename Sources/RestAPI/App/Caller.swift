import Domain
import Foundation
import HTTPTypes
import Hummingbird
import ServerKit
import Storage

/// Who calls: a live session, found by its cookie or bearer.
struct Caller: Sendable {
  let live: Sessions.Live
  let token: SessionToken
  /// Whether the token came in a cookie; then every write carries the CSRF token.
  let byCookie: Bool
  let wasTouched: Bool

  /// The token when the browser keeps it.
  var cookieToken: SessionToken? { byCookie ? token : nil }

  /// Finds the caller's session and notes its use. Throws: 401 without a live one, 403 when a write by cookie lacks the CSRF token.
  static func identify(_ call: Call) async throws -> Caller {
    guard let (token, byCookie) = presented(call.request) else { throw Problem.unauthenticated }
    let now = call.services.clock()
    let address = call.context.address
    let found = try await call.services.database.run { session -> (Sessions.Live, Bool)? in
      guard let live = try Sessions.find(tokenHash: token.hash, in: session) else { return nil }
      return (live, try Sessions.touch(live, address: address, at: now, in: session))
    }
    guard let (live, wasTouched) = found else { throw Problem.unauthenticated }
    if byCookie && !call.request.method.isSafe {
      guard let given = call.request.headers[.xCSRFToken], token.isCSRF(given) else {
        throw Problem(.forbidden, "csrf", "The page is out of date; reload it.")
      }
    }
    return Caller(live: live, token: token, byCookie: byCookie, wasTouched: wasTouched)
  }

  /// A bearer wins over a cookie: whoever sends one means it.
  private static func presented(_ request: Request) -> (SessionToken, byCookie: Bool)? {
    if let header = request.headers[.authorization] {
      let parts = header.split(separator: " ", maxSplits: 1)
      guard parts.count == 2, parts[0].lowercased() == "bearer", let token = SessionToken(parts[1]) else { return nil }
      return (token, false)
    }
    guard let cookie = request.cookies[SessionToken.cookieName], let token = SessionToken(cookie.value) else { return nil }
    return (token, true)
  }
}

/// One request to a route that needs no session.
struct Call: Sendable {
  let request: Request
  let context: RestContext
  let services: RestServices

  /// The body's fields. Throws: 415 when it isn't declared as JSON, 413 when it is too large, 400 when it isn't a JSON object, 408 when it
  /// doesn't come.
  func fields() async throws -> Fields {
    let type = request.headers[.contentType]?.split(separator: ";").first?.trimmingCharacters(in: .whitespaces).lowercased()
    guard type == "application/json" else {
      throw Problem(.unsupportedMediaType, "unsupported_media_type", "Send application/json.")
    }
    let buffer = try await Self.collect(request, limit: context.maxUploadSize)
    do {
      guard case .object(let object) = try JSONDecoder().decode(JSONValue.self, from: Data(buffer.readableBytesView)) else {
        throw Problem(.badRequest, "malformed", "The body is not a JSON object.")
      }
      return Fields(object)
    } catch is DecodingError {
      throw Problem(.badRequest, "malformed", "The body is not JSON.")
    }
  }

  /// The same call with its body at hand, so that nothing is decided before the client's last byte. Throws: 413, 408.
  func withBody() async throws -> Call {
    var request = request
    request.body = RequestBody(buffer: try await Self.collect(request, limit: context.maxUploadSize))
    return Call(request: request, context: context, services: services)
  }

  /// How long a whole body may take: one that dribbles in must not hold a connection for ever.
  private static let bodyTime: Duration = .seconds(30)

  private static func collect(_ request: Request, limit: Int) async throws -> ByteBuffer {
    if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit { throw Problem.tooLarge }
    let body = request.body
    return try await withThrowingTaskGroup(of: ByteBuffer.self) { group in
      group.addTask {
        var collected = ByteBuffer()
        for try await part in body {
          guard collected.readableBytes + part.readableBytes <= limit else { throw Problem.tooLarge }
          collected.writeImmutableBuffer(part)
        }
        return collected
      }
      group.addTask {
        try await Task.sleep(for: bodyTime)
        throw Problem(.requestTimeout, "timeout", "The body did not come in time.")
      }
      defer { group.cancelAll() }
      guard let collected = try await group.next() else { throw Problem.internal }
      return collected
    }
  }

  /// The id in the address. Throws: 404 when it isn't one: a missing thing.
  func id<Table>(_ name: String = "id") throws(Problem) -> Identifier<Table> {
    guard let text = context.parameters.get(name), let number = Int64(text), number > 0, String(number) == text else {
      throw .notFound
    }
    return Identifier(number)
  }

  /// The UUID in the address. Throws: 404 when it isn't one.
  func key(_ name: String = "id") throws(Problem) -> Key {
    guard let text = context.parameters.get(name), let key = Key(text), key.description == text.lowercased() else {
      throw .notFound
    }
    return key
  }

  /// A number of the query, such as an id to filter by. Throws: 422 when it is there and isn't a positive number.
  func query(_ name: String) throws(Problem) -> Int64? {
    guard let text = request.uri.queryParameters[Substring(name)], !text.isEmpty else { return nil }
    guard let number = Int64(text), number > 0 else { throw .invalid([name: "invalid"]) }
    return number
  }

  /// What a list is searched for: `search`, at most 100 characters; empty without it. Throws: 422 when it is longer.
  func search() throws(Problem) -> String {
    let text = request.uri.queryParameters["search"].map(String.init) ?? ""
    guard text.count <= 100, !text.contains("\0") else { throw .invalid(["search": "too_long"]) }
    return text.trimmingCharacters(in: .whitespaces)
  }

  /// The page of a list that is asked for: `cursor` (what the last page gave as `next`) and `limit` (1 to 500, 100).
  func page() throws(Problem) -> (after: Int64, limit: Int) {
    let limit = try query("limit") ?? 100
    guard limit <= 500 else { throw .invalid(["limit": "invalid"]) }
    return (try query("cursor") ?? 0, Int(limit))
  }

  /// Whether cookies are marked Secure on this answer.
  var secureCookies: Bool {
    switch services.configuration.shared.cookieSecurity {
    case .always: true
    case .never: false
    case .auto: context.isSecure
    }
  }

  /// The `Set-Cookie` of a session.
  func sessionCookie(_ token: SessionToken) -> String {
    cookie(SessionToken.cookieName, token.text, path: "/", seconds: Sessions.life.components.seconds)
  }

  /// The `Set-Cookie` that takes a cookie away, or sets it for so long.
  func cookie(_ name: String, _ value: String, path: String, seconds: Int64) -> String {
    "\(name)=\(value); Path=\(path); Max-Age=\(seconds); HttpOnly; SameSite=Lax" + (secureCookies ? "; Secure" : "")
  }
}
