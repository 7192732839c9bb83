import Domain
import Foundation
import HTTPTypes
import Hummingbird
import ServerKit
import Storage

/// What a route asks of whoever calls it. There is no way to add a route without one.
enum RouteRule: Sendable, Hashable {
  /// Nothing: whoever asks is answered.
  case open
  /// A live session; the route touches only the caller's own things.
  case signedIn
  /// A live session and a role that has this permission at all; how far it reaches is judged with the object.
  case needs(Permission)

  /// Whether something is taken out of the house by it.
  fileprivate var isExport: Bool { if case .needs(let permission) = self { permission.action == .export } else { false } }
}

/// Registers routes with their rules and does what the rules demand before a handler runs.
struct RouteTable {
  /// One route, for the access-matrix test and for docs.
  struct Entry: Sendable, Hashable {
    let method: HTTPRequest.Method
    let template: String
    let rule: RouteRule
  }

  private let router: Router<RestContext>
  private let services: RestServices
  private(set) var entries: [Entry] = []

  init(router: Router<RestContext>, services: RestServices) {
    self.router = router
    self.services = services
  }

  /// Adds a route that needs no session.
  mutating func open(
    _ method: HTTPRequest.Method, _ template: String, _ handler: @escaping @Sendable (Call) async throws -> Response
  ) {
    let services = services
    add(method, template, .open) { request, context in
      if !method.isSafe { try Self.refuseCrossSite(request) }
      return try await handler(Call(request: request, context: context, services: services))
    }
  }

  /// Adds a route for the caller's own things.
  ///
  /// - Parameter enrolling: whether it is open to somebody who has to enrol a second factor or to confirm the notice about oversight first.
  mutating func signedIn(
    _ method: HTTPRequest.Method, _ template: String, enrolling: Bool = false,
    _ handler: @escaping @Sendable (SignedCall) async throws -> Response
  ) {
    guarded(method, template, .signedIn, enrolling: enrolling, handler)
  }

  /// Adds a route that needs a permission.
  mutating func needs(
    _ resource: Resource, _ action: Domain.Action, _ method: HTTPRequest.Method, _ template: String,
    _ handler: @escaping @Sendable (SignedCall) async throws -> Response
  ) {
    guarded(method, template, .needs(Permission(resource, action)), handler)
  }

  /// Adds a route that needs a permission and reads its body itself, piece by piece. The caller is judged before the first byte; what is written
  /// because of the body goes through `SignedCall.write`, which judges again.
  mutating func streams(
    _ resource: Resource, _ action: Domain.Action, _ method: HTTPRequest.Method, _ template: String,
    _ handler: @escaping @Sendable (SignedCall) async throws -> Response
  ) {
    guarded(method, template, .needs(Permission(resource, action)), bodyFirst: false, handler)
  }

  private mutating func guarded(
    _ method: HTTPRequest.Method, _ template: String, _ rule: RouteRule, bodyFirst: Bool = true, enrolling: Bool = false,
    _ handler: @escaping @Sendable (SignedCall) async throws -> Response
  ) {
    let services = services
    add(method, template, rule) { request, context in
      if !method.isSafe { try Self.refuseCrossSite(request) }
      var call = Call(request: request, context: context, services: services)
      // The body first: between a session that was looked at and its last byte there would be as much time as the client likes.
      if bodyFirst && !method.isSafe { call = try await call.withBody() }
      let caller = try await Caller.identify(call)
      var response: Response
      do {
        let signed = try SignedCall(call: call, caller: caller, rule: rule, isEnrolling: enrolling)
        // Whoever asks only whether there is a file takes none, and nothing is made or written down for it. What an id names is looked up by the route.
        let isLook = request.method == .head && rule.isExport && !template.contains("{id}")
        response = isLook ? Response(status: .ok, headers: [.cacheControl: "no-store"]) : try await handler(signed)
      } catch let problem as Problem where problem.isRefusal(on: template) {
        await services.note(
          RefusedAccess(
            account: caller.live.account.id, session: caller.live.id, address: AddressGroup.name(of: call.context.address),
            what: "\(method.rawValue) \(template)", code: problem.code))
        throw problem
      }
      // The cookie lives as long as the session, whose end has just moved.
      if caller.wasTouched, let token = caller.cookieToken, response.headers[.setCookie] == nil {
        response.headers[values: .setCookie].append(call.sessionCookie(token))
      }
      return response
    }
  }

  /// Answers 405 with what is allowed to the other methods of every address that has a route.
  func refuseOtherMethods() {
    let methods: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options]
    for (template, entries) in Dictionary(grouping: entries, by: \.template) {
      var allowed = Set(entries.map(\.method))
      if allowed.contains(.get) { allowed.insert(.head) }
      let allow = methods.filter { allowed.contains($0) }.map(\.rawValue).joined(separator: ", ")
      for method in methods where !allowed.contains(method) {
        router.on(RouterPath(template), method: method) { _, _ in
          var response = try Problem.methodNotAllowed.response()
          response.headers[.allow] = allow
          return response
        }
      }
    }
  }

  private mutating func add(
    _ method: HTTPRequest.Method, _ template: String, _ rule: RouteRule,
    _ handler: @escaping @Sendable (Request, RestContext) async throws -> Response
  ) {
    entries.append(Entry(method: method, template: template, rule: rule))
    router.on(RouterPath(template), method: method, use: handler)
  }

  /// A page of another site must not sign anybody in or out; browsers say where a request comes from.
  private static func refuseCrossSite(_ request: Request) throws(Problem) {
    if request.headers[.secFetchSite] == "cross-site" {
      throw Problem(.forbidden, "cross_site", "Requests that change something are taken from our own pages only.")
    }
  }
}

extension HTTPRequest.Method {
  /// Whether the method changes nothing.
  var isSafe: Bool { self == .get || self == .head || self == .options }
}

extension Problem {
  /// Whether it says that something isn't there or isn't for the caller, so that trying it on and on must be seen: a refusal, a thing named in the
  /// address or its query, or an id in the body. What an address without an id doesn't find was never anybody's.
  fileprivate func isRefusal(on template: String) -> Bool {
    isForeign || status == .forbidden || (status == .notFound && template.contains("{")) || fields.values.contains("unknown")
  }
}
