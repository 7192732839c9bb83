private import Crypto

/// The chain over the action log: each link's hash covers a row and the link before it. The formula stands in docs/audit.md.
public enum ActionChain {
  /// What the hash covers of a row.
  public struct Row: Sendable, Hashable {
    /// The place in the chain, 1 and up without a gap.
    public var seq: Int64
    /// The row's id.
    public var id: Int64
    /// When it was written.
    public var at: Timestamp
    /// Who acted; nil: nobody who was signed in.
    public var account: AccountID?
    /// In which session.
    public var session: SessionID?
    /// The organisation that it concerns.
    public var organisation: OrganisationID?
    /// What was done.
    public var action: String
    /// The client's address.
    public var address: String
    /// The details, as Postgres writes a `jsonb` value.
    public var detail: String

    /// A row of these fields.
    public init(
      seq: Int64, id: Int64, at: Timestamp, account: AccountID?, session: SessionID?, organisation: OrganisationID?,
      action: String,
      address: String, detail: String
    ) {
      (self.seq, self.id, self.at, self.account, self.session) = (seq, id, at, account, session)
      (self.organisation, self.action, self.address, self.detail) = (organisation, action, address, detail)
    }
  }

  /// What stands for the link before the first.
  public static let origin: [UInt8] = HashChain.digest(Array("1fin.actions.v1".utf8))

  /// The hash of `row` after a link whose hash is `prev`.
  public static func hash(_ row: Row, after prev: [UInt8]) -> [UInt8] {
    var hasher = SHA256()
    hasher.update(text: "1fin.action.v1")
    hasher.update(data: prev)
    hasher.update(row.seq)
    hasher.update(row.id)
    hasher.update(row.at.microseconds)
    hasher.update(row.account?.rawValue ?? 0)
    hasher.update(row.session?.rawValue ?? 0)
    hasher.update(row.organisation?.rawValue ?? 0)
    for text in [row.action, row.address, row.detail] {
      hasher.update(Int64(text.utf8.count))
      hasher.update(text: text)
    }
    return Array(hasher.finalize())
  }
}
