import Domain

/// What a client shows to get in.
enum SocketCredential: Sendable, Equatable {
  /// The value of the session's cookie; the origin has been checked.
  case cookie(String)
  /// The token of `Authorization: Bearer`.
  case bearer(String)
}

/// What becomes of it.
enum SocketAdmission: Sendable {
  /// The session is good.
  case admitted(session: SessionID, account: AccountID)
  /// No such session, or it has ended: 401.
  case refused
  /// The session is good, and its owner has to enrol a second factor or to confirm the notice about oversight first: 403.
  case owing
  /// Nobody could say, the database is away: 503.
  case unavailable
}

/// Finds the session that a credential belongs to, for a client at that address. Runs off the loop and may take its time.
typealias SocketAuthenticator = @Sendable (_ credential: SocketCredential, _ address: String) async -> SocketAdmission

/// A small page of the chat server itself.
struct StatusPage: Sendable {
  /// The HTTP status.
  var status: Int
  /// The content type.
  var type: String
  /// The body.
  var body: String
}

/// Answers `/ws/…` (the path comes without `/ws`: `/healthz`) for a client at that address; nil is 404.
typealias StatusPages = @Sendable (_ path: String, _ address: String) async -> StatusPage?
