public import Domain

/// Which rows of the action log are asked for. What is nil doesn't matter.
public struct ActionFilter: Sendable, Hashable {
  /// Who acted.
  public var account: AccountID?
  /// What was done, one of `ActionName.all`.
  public var action: String?
  /// Whom it concerns.
  public var subject: AccountID?
  /// The organisation that it concerns.
  public var organisation: OrganisationID?
  /// The client's address, whole.
  public var address: String?
  /// From this moment on.
  public var from: Timestamp?
  /// Before this moment.
  public var until: Timestamp?

  /// A filter.
  public init(
    account: AccountID? = nil, action: String? = nil, subject: AccountID? = nil, organisation: OrganisationID? = nil,
    address: String? = nil, from: Timestamp? = nil, until: Timestamp? = nil
  ) {
    (self.account, self.action, self.subject, self.organisation) = (account, action, subject, organisation)
    (self.address, self.from, self.until) = (address, from, until)
  }

  /// The condition on a row `l`. Only what is asked for stands in it, so that each combination is a statement of its own and gets its own
  /// plan.
  func condition(before cursor: ActionCursor?) -> SQL {
    var parts: [SQL] = []
    if let account { parts.append("l.account_id = \(account)") }
    if let action { parts.append("l.action = \(action)") }
    if let subject { parts.append("l.subject_id = \(subject)") }
    if let organisation { parts.append("l.organisation_id = \(organisation)") }
    if let address { parts.append("l.address = \(address)") }
    if let from { parts.append("l.at >= \(from)") }
    if let until { parts.append("l.at < \(until)") }
    if let cursor { parts.append("(l.at, l.id) < (\(cursor.at), \(cursor.id))") }
    return parts.isEmpty ? "true" : parts.joined(separator: " AND ")
  }

  /// What was asked for, for the row that says that somebody took the log out.
  public var detail: [String: ActionLog.Value] {
    var detail: [String: ActionLog.Value] = [:]
    if let account { detail["who"] = .number(account.rawValue) }
    if let action { detail["what"] = .text(action) }
    if let subject { detail["whom"] = .number(subject.rawValue) }
    if let organisation { detail["organisation"] = .number(organisation.rawValue) }
    if let address { detail["address"] = .text(address) }
    if let from { detail["from"] = .text(from.rfc3339) }
    if let until { detail["until"] = .text(until.rfc3339) }
    return detail
  }
}

/// A place in the action log as it is read, from the newest row backwards.
public struct ActionCursor: Sendable, Hashable {
  /// The time of the last row that was given.
  public var at: Timestamp
  /// Its id.
  public var id: Int64

  /// A place.
  public init(at: Timestamp, id: Int64) { (self.at, self.id) = (at, id) }

  /// Reads `text`; nil for anything else.
  public init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int64($0) }
    guard parts.count == 2, let at = parts[0], let id = parts[1], id > 0 else { return nil }
    self.init(at: Timestamp(microseconds: at), id: id)
    guard self.text == text else { return nil }
  }

  /// For clients, who give it back as it is.
  public var text: String { "\(at.microseconds)-\(id)" }
}
