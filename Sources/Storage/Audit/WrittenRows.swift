public import Domain

/// Rows that an action has made or changed. The action's row of the log keeps them as they are then (`detail.written`), and the check of the database
/// holds every row of these tables against the newest that the log says of it: who has which role, who works for whom, who is paid what and how soon clients
/// are to be answered can't be changed past the log.
public struct WrittenRows: Sendable {
  /// A statement for each table, of `place` and `image`.
  let selects: [SQL]

  private init(_ tables: [(table: AuditedTable, condition: SQL)]) {
    selects = tables.map { table, condition in
      """
      SELECT r.place, jsonb_strip_nulls(to_jsonb(r) - 'place') AS image FROM (SELECT \(table.columns) WHERE \(condition)) r
      """
    }
  }

  /// Everything that there is: of a firm that begins with a database full of people, such as the demo's.
  public static let everything = WrittenRows(AuditedTable.allCases.map { ($0, "true") })

  /// An account, and its absence when it has just ended.
  public static func account(_ id: AccountID) -> WrittenRows {
    WrittenRows([(.account, "id = \(id)"), (.accountGap, "account_id = \(id) AND until >= now()")])
  }

  /// A department.
  public static func department(_ id: DepartmentID) -> WrittenRows { WrittenRows([(.department, "id = \(id)")]) }

  /// A company, and what somebody had joined there and this transaction has ended, since the company moved to another department.
  public static func organisation(_ id: OrganisationID) -> WrittenRows {
    WrittenRows([(.organisation, "id = \(id)"), (.assignment, "organisation_id = \(id) AND joined AND ended_at = now()")])
  }

  /// A company, and what its closing in this transaction has ended.
  public static func closing(of id: OrganisationID) -> WrittenRows {
    WrittenRows([
      (.organisation, "id = \(id)"), (.membership, "organisation_id = \(id) AND ended_at = now()"),
      (.assignment, "organisation_id = \(id) AND ended_at = now()"),
    ])
  }

  /// A membership, and what its owner had joined and this transaction has ended with it.
  public static func membership(_ id: MembershipID) -> WrittenRows {
    WrittenRows([
      (.membership, "id = \(id)"),
      (.assignment, "account_id = (SELECT account_id FROM membership WHERE id = \(id)) AND joined AND ended_at = now()"),
    ])
  }

  /// An assignment.
  public static func assignment(_ id: AssignmentID) -> WrittenRows { WrittenRows([(.assignment, "id = \(id)")]) }

  /// A company's assignments that this transaction has made or ended.
  public static func assignments(of id: OrganisationID) -> WrittenRows {
    WrittenRows([(.assignment, "organisation_id = \(id) AND (created_at = now() OR ended_at = now())")])
  }

  /// The target of a kind of topic that this transaction has set.
  public static func target(of kind: TopicKind) -> WrittenRows {
    WrittenRows([(.responseTarget, "kind = \(kind) AND changed_at = now()")])
  }

  /// A client's own target that this transaction has set.
  public static func target(of id: OrganisationID) -> WrittenRows {
    WrittenRows([(.responseTarget, "organisation_id = \(id) AND changed_at = now()")])
  }

  /// The version of a setting that this transaction has added.
  public static func setting(_ name: String) -> WrittenRows {
    WrittenRows([(.setting, "name = \(name) AND changed_at = now()")])
  }

  /// The version of somebody's salary that this transaction has added.
  public static func salary(of id: AccountID) -> WrittenRows {
    WrittenRows([(.salary, "account_id = \(id) AND made_at = now()")])
  }

  /// The version of the bonus rules that this transaction has added.
  public static let bonusRules = WrittenRows([(.bonusRule, "made_at = now()")])

  /// A legal hold.
  public static func legalHold(_ id: LegalHoldID) -> WrittenRows { WrittenRows([(.legalHold, "id = \(id)")]) }

  /// An erasure, as far as it has come.
  public static func erasure(_ id: ErasureID) -> WrittenRows { WrittenRows([(.erasure, "id = \(id)")]) }

  /// A doubt about a bonus.
  public static func contest(_ id: ContestID) -> WrittenRows { WrittenRows([(.contest, "id = \(id)")]) }

  /// The answer to a doubt, with what it puts right.
  public static func answer(to id: ContestID) -> WrittenRows {
    WrittenRows([(.contestAnswer, "contest_id = \(id)"), (.correction, "contest_id = \(id)")])
  }
}

extension [SQL] {
  /// Statements of the same columns as one. There is at least one.
  var union: SQL { dropFirst().reduce(first ?? "") { "\($0) UNION ALL \($1)" } }
}

/// A table of which the action log says every row.
private enum AuditedTable: CaseIterable {
  case department, organisation, account, accountGap, membership, assignment, responseTarget, setting, salary, bonusRule,
    legalHold, erasure, contest, contestAnswer, correction

  /// What a row is called in faults (`place`, which is its key as well), and each column by which something is decided; a company's topics too, which say
  /// whose chat is whose. Long texts are there by their hash. Times are microseconds since 1970, so that no session's time zone changes what is compared.
  var columns: SQL {
    switch self {
    case .department: "'department ' || id AS place, name, \(time("created_at")), \(time("retired_at")) FROM department"
    case .organisation:
      """
      'organisation ' || id AS place, name, stir, department_id, \(time("created_at")), \(time("closed_at")),
      ARRAY(SELECT t.kind || ':' || t.id FROM topic t WHERE t.organisation_id = organisation.id ORDER BY t.kind) AS topics FROM organisation
      """
    case .account: "'account ' || id AS place, login, name, \(time("created_at")), \(time("disabled_at")) FROM account"
    case .accountGap:
      """
      'absence of account ' || account_id || ' since ' || to_char(since AT TIME ZONE 'UTC', 'YYYY-MM-DD-HH24:MI:SS.US') AS place,
      \(time("until")) FROM account_gap
      """
    case .membership:
      """
      'membership ' || id AS place, account_id, role, organisation_id, department_id, \(time("created_at")), \(time("ended_at")) FROM membership
      """
    case .assignment:
      """
      'assignment ' || id AS place, account_id, organisation_id, topics, starts_on, ends_on, created_by, origin_id, joined,
      \(time("created_at")), \(time("ended_at")) FROM assignment
      """
    case .responseTarget:
      """
      'response target ' || id AS place, kind, organisation_id, minutes, \(time("since")), changed_by, \(time("changed_at")) FROM response_target
      """
    case .setting:
      """
      'setting ' || name || ', version ' || version AS place, \(digest("value")), changed_by, \(time("changed_at")) FROM setting_change
      """
    case .salary:
      """
      'salary of account ' || account_id || ', version ' || version AS place, month, amount, made_by, \(time("made_at")) FROM salary
      """
    case .bonusRule:
      "'bonus rules, version ' || version AS place, month, rules, note, made_by, \(time("made_at")) FROM bonus_rule"
    case .legalHold:
      """
      'legal hold ' || id AS place, organisation_id, topic_id, reason, set_by, \(time("set_at")), lifted_by, \(time("lifted_at")), lift_reason
      FROM legal_hold
      """
    case .erasure:
      """
      'erasure ' || id AS place, organisation_id, topic_id, message, \(digest("reason")), requested_by, \(time("requested_at")),
      confirmed_by, \(time("confirmed_at")), refused_by, \(time("refused_at")) FROM erasure
      """
    case .contest:
      "'contest ' || id AS place, month, account_id, line, \(digest("text")), sum, \(time("at")) FROM contest"
    case .contestAnswer:
      """
      'answer to contest ' || contest_id AS place, accepted, \(digest("text")), by, \(time("at")) FROM contest_answer
      """
    case .correction:
      """
      'correction of contest ' || contest_id AS place, month, documents, positive, negative, hits, misses, sum FROM correction
      """
    }
  }

  private func time(_ column: StaticString) -> SQL {
    "(extract(epoch FROM \(unsafe: column)) * 1000000)::bigint AS \(unsafe: column)"
  }

  private func digest(_ column: StaticString) -> SQL {
    "encode(sha256(convert_to(\(unsafe: column)::text, 'UTF8')), 'hex') AS \(unsafe: column)"
  }
}
