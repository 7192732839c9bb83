public import Domain

/// Assigning many at once: an accountant takes topics of several organisations from a day on, instead of whoever has them or beside them.
public struct AssignmentPlan: Sendable, Hashable {
  /// The most organisations at once.
  public static let mostOrganisations = 500

  /// Who takes the topics.
  public var account: AccountID
  /// Whose topics.
  public var organisations: [OrganisationID]
  /// The topics.
  public var topics: [TopicKind]
  /// The first day; today or later.
  public var from: LocalDate
  /// The last day; nil: open.
  public var to: LocalDate?
  /// Whether others lose these topics for these days.
  public var replaces: Bool

  /// A plan.
  public init(
    account: AccountID, organisations: [OrganisationID], topics: [TopicKind], from: LocalDate, to: LocalDate?, replaces: Bool
  ) {
    (self.account, self.organisations, self.topics) = (account, organisations, topics)
    (self.from, self.to, self.replaces) = (from, to, replaces)
  }

  /// What an assignment that stands in the way keeps of itself: other topics, and the days before and after.
  public struct Piece: Sendable, Hashable {
    /// The topics.
    public let topics: [TopicKind]
    /// The first day.
    public let from: LocalDate
    /// The last day; nil: open.
    public let to: LocalDate?
  }

  /// What becomes of one organisation.
  public struct Step: Sendable {
    /// The organisation.
    public let organisation: Named<OrganisationID>
    /// Whether the accountant has all of it already, so that nothing happens.
    public let isSame: Bool
    /// Assignments of these topics and days that others have: they stay beside the new one, or make room for it.
    public let others: [Assignments.Record]
    /// Those of the accountant that the new one takes the place of, wholly or for these topics and days.
    public let own: [Assignments.Record]
  }

  /// What is left of an assignment when these topics are taken out of it for these days. Days before today are over and need no piece.
  public func remainder(of record: Assignments.Record, today: LocalDate) -> [Piece] {
    let begin = max(record.from, today)
    if let end = record.to, end < begin { return [] }
    let (lost, kept) = (record.topics.filter(topics.contains), record.topics.filter { !topics.contains($0) })
    var pieces: [Piece] = []
    if !kept.isEmpty { pieces.append(Piece(topics: kept, from: begin, to: record.to)) }
    guard !lost.isEmpty else { return pieces }
    if begin < from {
      let before = from.advanced(by: -1)
      pieces.append(Piece(topics: lost, from: begin, to: record.to.map { min($0, before) } ?? before))
    }
    if let to, record.to.map({ $0 > to }) ?? true {
      pieces.append(Piece(topics: lost, from: max(begin, to.advanced(by: 1)), to: record.to))
    }
    return pieces
  }

  /// Whether an assignment has some of these topics on some of these days.
  func meets(_ record: Assignments.Record) -> Bool {
    record.topics.contains(where: topics.contains) && record.to.map { $0 >= from } ?? true && to.map { record.from <= $0 } ?? true
  }

  /// Whether an assignment has all of these topics on all of these days.
  func isCovered(by record: Assignments.Record) -> Bool {
    topics.allSatisfy(record.topics.contains) && record.from <= from
      && (record.to == nil || to.map { end in record.to.map { $0 >= end } ?? true } ?? false)
  }
}

extension Assignments {
  /// What a plan would do, by organisation, in the order of their ids. Organisations out of sight are left out, those that are closed too.
  ///
  /// - Throws: `DatabaseError`.
  public static func steps(of plan: AssignmentPlan, for viewer: Viewer, in session: Session) throws -> [AssignmentPlan.Step] {
    let rows = try session.rows(
      """
      SELECT o.id, o.name FROM organisation o
       WHERE o.id = ANY (\(plan.organisations)) AND o.closed_at IS NULL AND \(viewer.organisations) ORDER BY o.id
      """)
    let organisations: [Named<OrganisationID>] = try rows.map { row in Named(id: try row["id"], name: try row["name"]) }
    let live = try records(
      where: "s.organisation_id = ANY (\(organisations.map(\.id))) AND s.topics && \(plan.topics)", for: viewer, limit: 20_000,
      in: session
    ).filter(plan.meets)
    let byOrganisation = Dictionary(grouping: live, by: \.organisation.id)
    return organisations.map { organisation in
      let found = byOrganisation[organisation.id] ?? []
      let own = found.filter { $0.account.id == plan.account }
      let others = found.filter { $0.account.id != plan.account }
      let isCovered = own.contains(where: plan.isCovered)
      return AssignmentPlan.Step(
        organisation: organisation, isSame: isCovered && (!plan.replaces || others.isEmpty), others: others,
        own: isCovered ? [] : own)
    }
  }

  /// Who has what of these organisations, by organisation, as far as it is in sight. Throws: `DatabaseError`.
  public static func standing(
    in organisations: [OrganisationID], for viewer: Viewer, in session: Session
  ) throws -> [OrganisationID: [Record]] {
    let found = try records(where: "s.organisation_id = ANY (\(organisations))", for: viewer, limit: 20_000, in: session)
    return Dictionary(grouping: found, by: \.organisation.id)
  }

  /// Carries a plan out: ends what makes room, keeps what is left of it, and makes the new assignments. Inside `AccessChange.run`, under the locks of
  /// the accounts concerned.
  ///
  /// - Returns: the assignments that were made for the plan.
  /// - Throws: `DatabaseError`.
  public static func carryOut(
    _ plan: AssignmentPlan, _ steps: [AssignmentPlan.Step], today: LocalDate, by actor: AccountID, in session: Session
  ) throws -> [AssignmentID] {
    var made: [AssignmentID] = []
    for step in steps where !step.isSame {
      for record in step.own + (plan.replaces ? step.others : []) {
        guard try end(record.id, in: session) else { continue }
        for piece in plan.remainder(of: record, today: today) {
          _ = try create(
            account: record.account.id, organisation: step.organisation.id, topics: piece.topics, from: piece.from, to: piece.to,
            by: actor, leftOf: record.id, in: session)
        }
      }
      // Whoever has all of it already only makes the others go.
      if step.own.isEmpty, try isCovered(plan, step.organisation.id, in: session) { continue }
      made.append(
        try create(
          account: plan.account, organisation: step.organisation.id, topics: plan.topics, from: plan.from, to: plan.to, by: actor,
          in: session))
    }
    return made
  }

  private static func isCovered(_ plan: AssignmentPlan, _ organisation: OrganisationID, in session: Session) throws -> Bool {
    let row = try session.row(
      """
      SELECT 1 FROM assignment
       WHERE account_id = \(plan.account) AND organisation_id = \(organisation) AND ended_at IS NULL AND topics @> \(plan.topics)
         AND starts_on <= \(plan.from) AND coalesce(ends_on, 'infinity') >= coalesce(\(plan.to), 'infinity') LIMIT 1
      """)
    return row != nil
  }
}
