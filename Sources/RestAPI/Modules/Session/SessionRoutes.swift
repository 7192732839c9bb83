import Domain
import HTTPTypes
import Hummingbird
import ServerKit
import Storage

/// `/api/v1/session` and `/api/v1/sessions`.
enum SessionRoutes {
  /// The cookie by which a device is known again at its next sign-in.
  private static let deviceCookie = "onefin_device"
  private static let deviceCookiePath = "/api/v1"
  private static let deviceCookieSeconds: Int64 = 400 * 24 * 3600

  /// The device's own secret; nil when it has none.
  static func device(_ call: Call) -> SessionToken? {
    call.request.cookies[deviceCookie].flatMap { SessionToken($0.value) }
  }

  static func add(to table: inout RouteTable) {
    table.open(.post, "/api/v1/session") { call in
      var fields = try await call.fields()
      let request = try SignIn(&fields)
      let opened = try await SessionActions.signIn(request, device: device(call), in: call)
      let isApp = request.kind == .app
      var response = try Response.json(SessionAnswer(opened.live, token: opened.token, showToken: isApp), status: .created)
      var cookies = [call.cookie(deviceCookie, opened.device.text, path: deviceCookiePath, seconds: deviceCookieSeconds)]
      if !isApp { cookies.append(call.sessionCookie(opened.token)) }
      response.headers[values: .setCookie] = cookies
      return response
    }
    table.signedIn(.get, "/api/v1/session", enrolling: true) { call in
      try .json(SessionAnswer(call.caller.live, token: call.caller.token, showToken: false))
    }
    table.signedIn(.delete, "/api/v1/session", enrolling: true) { call in
      try await SessionActions.signOut(call)
      var response = Response.noContent
      if call.caller.byCookie {
        response.headers[values: .setCookie] = [call.call.cookie(SessionToken.cookieName, "", path: "/", seconds: 0)]
      }
      return response
    }
    table.needs(.session, .read, .get, "/api/v1/sessions") { call in
      let account = try call.call.query("account").map { AccountID($0) }
      let devices = try await SessionActions.devices(of: account, in: call)
      return try .json(ListAnswer(devices.map { DeviceAnswer($0, current: call.caller.live.id) }))
    }
    table.needs(.session, .read, .get, "/api/v1/sessions/all") { call in
      let (before, limit) = try call.call.page()
      let search = try call.call.search()
      let page = try await SessionActions.everybody(
        search: search, before: before == 0 ? nil : SessionID(before), limit: limit, in: call)
      return try .json(
        ListAnswer(page.items.map { OwnedDeviceAnswer($0, current: call.caller.live.id) }, next: page.next?.rawValue))
    }
    table.needs(.session, .delete, .delete, "/api/v1/sessions") { call in
      let account = try call.call.query("account").map { AccountID($0) }
      return try .json(EndedAnswer(ended: try await SessionActions.endAll(of: account, in: call)))
    }
    table.needs(.session, .delete, .delete, "/api/v1/sessions/{id}") { call in
      try await SessionActions.end(try call.call.id(), in: call)
      return .noContent
    }
  }
}
