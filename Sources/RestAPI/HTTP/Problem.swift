import Domain
import Foundation
import HTTPTypes
import Hummingbird
import ServerKit
import Storage

/// What a client is told when something doesn't work, as RFC 9457 `application/problem+json`.
struct Problem: Error, Sendable {
  /// The HTTP status.
  var status: HTTPResponse.Status
  /// A stable word for programs.
  var code: String
  /// A sentence for people; no names of tables, no values of others.
  var detail: String
  /// By field name, a stable word for what is wrong with it.
  var fields: [String: String]
  /// Seconds to wait before trying again.
  var retryAfter: Int?
  /// The most that is taken, when it was too much.
  var limit: Int64?
  /// The devices that are signed in, when another one would be too many.
  var devices: [BusyDeviceAnswer]?
  /// Whether it answers for something that the query named and that isn't the caller's: such tries are written down.
  var isForeign = false

  init(_ status: HTTPResponse.Status, _ code: String, _ detail: String, fields: [String: String] = [:], retryAfter: Int? = nil) {
    self.status = status
    self.code = code
    self.detail = detail
    self.fields = fields
    self.retryAfter = retryAfter
  }

  static let notFound = Problem(.notFound, "not_found", "There is no such thing, or it is not for you.")
  /// The same for what a query names.
  static let foreign: Problem = {
    var problem = notFound
    problem.isForeign = true
    return problem
  }()
  static let forbidden = Problem(.forbidden, "forbidden", "You may not do this.")
  static let secondFactorOwed = Problem(
    .forbidden, "second_factor_owed", "Enrol a second factor first: the firm demands it of its admins.")
  static let noticeOwed = Problem(
    .forbidden, "notice", "Read and confirm first that supervisors may watch (PUT /api/v1/me/notices/oversight).")
  static let unauthenticated = Problem(.unauthorized, "unauthenticated", "Sign in first.")
  static let unavailable = Problem(
    .serviceUnavailable, "unavailable", "The service is away for a moment; try again.", retryAfter: 1)
  static let `internal` = Problem(.internalServerError, "internal", "Something went wrong on our side; it has been written down.")

  /// Input that cannot be used, by field.
  static func invalid(_ fields: [String: String]) -> Problem {
    Problem(.unprocessableContent, "invalid", "Some fields cannot be used as they are.", fields: fields)
  }

  /// A field whose value somebody else has.
  static func taken(_ field: String) -> Problem {
    Problem(.conflict, "conflict", "Somebody or something else has this already.", fields: [field: "taken"])
  }

  /// The problem of an error, and whether that error is ours and belongs into the log.
  static func of(_ error: any Error) -> (problem: Problem, isOurs: Bool) {
    switch error {
    case let problem as Problem: return (problem, false)
    case let error as DomainError: return (of(error), false)
    case let error as DatabaseError:
      if error.domainError != nil { return (.unavailable, true) }
      // Two requests raced past the checks of each other; the constraint decided.
      switch error.kind {
      case .uniqueViolation, .foreignKeyViolation, .exclusionViolation:
        return (Problem(.conflict, "conflict", "Something else has changed meanwhile."), false)
      default: return (.internal, true)
      }
    case let error as BlobError:
      if error.kind == .full { return (.diskFull, true) }
      return (error.domainError == nil && error.kind != .cancelled ? .internal : .unavailable, error.kind != .cancelled)
    case is VirusScanner.Failure: return (.unavailable, true)
    case is CancellationError: return (.unavailable, false)
    case let error as any HTTPResponseError: return (of(status: error.status), false)
    default: return (.internal, true)
    }
  }

  private static func of(_ error: DomainError) -> Problem {
    switch error.code {
    case .notFound: .notFound
    case .unauthenticated: .unauthenticated
    case .invalidCredentials: Problem(.unauthorized, error.code.rawValue, error.message)
    case .forbidden: Problem(.forbidden, error.code.rawValue, error.message)
    case .conflict, .caseClosed, .clientWaits, .tooLate: Problem(.conflict, error.code.rawValue, error.message)
    case .tooLarge: Problem(.contentTooLarge, error.code.rawValue, error.message)
    case .throttled: Problem(.tooManyRequests, error.code.rawValue, error.message, retryAfter: 1)
    case .unavailable: .unavailable
    case .malformed, .unknownVerb: Problem(.badRequest, error.code.rawValue, error.message)
    }
  }

  private static func of(status: HTTPResponse.Status) -> Problem {
    switch status {
    case .notFound: .notFound
    case .methodNotAllowed: .methodNotAllowed
    case .contentTooLarge: .tooLarge
    case .badRequest: Problem(status, "malformed", "The request cannot be read.")
    default: Problem(status, "http_\(status.code)", status.reasonPhrase)
    }
  }

  static let methodNotAllowed = Problem(.methodNotAllowed, "method_not_allowed", "This address has no such method.")
  static let tooLarge = Problem(.contentTooLarge, "too_large", "The request's body is too large.")

  private struct Body: Encodable {
    var type: String
    var title: String
    var status: Int
    var code: String
    var detail: String
    var fields: [String: String]?
    var limit: Int64?
    var devices: [BusyDeviceAnswer]?
  }

  /// The answer.
  func response() throws -> Response {
    let body = Body(
      type: "urn:1fin:problem:\(code)", title: status.reasonPhrase, status: status.code, code: code, detail: detail,
      fields: fields.isEmpty ? nil : fields, limit: limit, devices: devices)
    var response = try Response.json(body, status: status)
    response.headers[.contentType] = "application/problem+json"
    if let retryAfter { response.headers[.retryAfter] = String(retryAfter) }
    if status == .unauthorized { response.headers[.wwwAuthenticate] = "Bearer" }
    return response
  }
}

extension Response {
  /// JSON that no cache keeps.
  static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Response(
      status: status, headers: [.contentType: "application/json; charset=utf-8", .cacheControl: "no-store"],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: try encoder.encode(value))))
  }

  /// The same with further fields that are JSON already; those that are nil are left out.
  static func json(
    _ value: some Encodable, with further: [String: String?], status: HTTPResponse.Status = .ok
  ) throws -> Response {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var text = String(decoding: try encoder.encode(value), as: UTF8.self)
    for (name, json) in further.sorted(by: { $0.key < $1.key }) {
      guard let json else { continue }
      text = String(text.dropLast()) + (text == "{}" ? "" : ",") + "\"\(name)\":\(json)}"
    }
    return .json(text: text, status: status)
  }

  /// JSON that was made elsewhere.
  static func json(text: String, status: HTTPResponse.Status = .ok) -> Response {
    Response(
      status: status, headers: [.contentType: "application/json; charset=utf-8", .cacheControl: "no-store"],
      body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
  }

  /// Done, and nothing to say about it.
  static var noContent: Response { Response(status: .noContent, headers: [.cacheControl: "no-store"]) }
}
