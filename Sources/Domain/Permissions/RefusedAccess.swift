/// What is counted by when somebody signed in asks for what isn't theirs or isn't there, which answers alike.
public struct RefusedAccess: Sendable, Hashable {
  /// Who.
  public var account: AccountID
  /// In which session; nil for what isn't told apart.
  public var session: SessionID?
  /// From where: an IPv4 address or the /64 of an IPv6 one.
  public var address: String
  /// What was asked for: a route's method and template, or the chat.
  public var what: String
  /// The code of the answer.
  public var code: String

  /// Names what is counted by.
  public init(account: AccountID, session: SessionID?, address: String, what: String, code: String) {
    (self.account, self.session, self.address, self.what, self.code) = (account, session, address, what, code)
  }
}
