import Domain

extension LogWrites {
  /// Columns of `action_log`, for the few rows that are actions too; plain messages aren't.
  struct Actions {
    var account: [AccountID?] = []
    var session: [SessionID?] = []
    var organisation: [OrganisationID] = []
    var action: [String] = []
    var detail: [String] = []
  }

  /// Notes a row that the action log tells of as well.
  mutating func note(_ entry: LogEntry, session: SessionID?, organisation: OrganisationID) {
    guard let action = entry.kind.actionName else { return }
    actions.account.append(entry.author)
    actions.session.append(session)
    actions.organisation.append(organisation)
    actions.action.append(action)
    actions.detail.append(Self.detail(of: entry))
  }

  private static func detail(of entry: LogEntry) -> String {
    var fields = ["\"seq\":\(entry.seq)", "\"topic\":\(entry.topic)"]
    switch entry.kind {
    case .edit, .delete, .redact: fields += ["\"message\":\(entry.message)", "\"version\":\(entry.version)"]
    case .documentState: if !entry.meta.isEmpty { fields.append("\"mark\":\(entry.meta)") }
    default: fields.append("\"case\":\(entry.caseNumber)")
    }
    if entry.stars > 0 { fields.append("\"stars\":\(entry.stars)") }
    // A redaction's reason is one of the firm's people speaking; texts of the talk itself stay in its own log, where they can be erased.
    if entry.kind == .redact, let reason = entry.body { fields.append("\"reason\":\(JSONText.quoted(reason))") }
    return "{" + fields.joined(separator: ",") + "}"
  }

  /// Writes them in the batch's transaction, with the address from which each session was last used.
  var actionStatement: SQL? {
    guard !actions.action.isEmpty else { return nil }
    return """
      INSERT INTO action_log (account_id, session_id, organisation_id, action, address, detail)
      SELECT u.account, u.session, u.organisation, u.action, coalesce(s.address, ''), u.detail::jsonb
        FROM unnest(\(actions.account), \(actions.session), \(actions.organisation), \(actions.action), \(actions.detail))
             WITH ORDINALITY AS u (account, session, organisation, action, detail, place)
        LEFT JOIN session s ON s.id = u.session
       ORDER BY u.place
      """
  }
}
