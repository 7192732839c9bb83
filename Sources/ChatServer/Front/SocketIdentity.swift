import Domain

/// Who is at the other end of a socket, as the front found out before the upgrade.
struct SocketIdentity: Sendable {
  /// The session that the cookie or the bearer token belongs to; its end closes the socket with 4001.
  let session: SessionID
  /// The account that signed in.
  let account: AccountID
  /// The client's address as text, without a port; only for logs and the audit trail.
  let address: String
}
