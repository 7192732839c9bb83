import HTTPTypes

extension HTTPField.Name {
  private static func make(_ name: String) -> HTTPField.Name {
    guard let made = HTTPField.Name(name) else { preconditionFailure("\(name) is no header name") }
    return made
  }

  static let xForwardedFor = make("X-Forwarded-For")
  static let xForwardedProto = make("X-Forwarded-Proto")
  static let xRequestID = make("X-Request-ID")
  static let xCSRFToken = make("X-CSRF-Token")
  static let uploadOffset = make("Upload-Offset")
  static let secFetchSite = make("Sec-Fetch-Site")
  static let referrerPolicy = make("Referrer-Policy")
  static let permissionsPolicy = make("Permissions-Policy")
  static let crossOriginOpenerPolicy = make("Cross-Origin-Opener-Policy")
  static let crossOriginResourcePolicy = make("Cross-Origin-Resource-Policy")
}
