public import Domain
import Storage

/// An organisation with its five topics.
public struct TestOrganisation: Sendable {
  /// The organisation.
  public let id: OrganisationID
  /// Its department.
  public let department: DepartmentID
  /// Its topics.
  public let topics: [TopicKind: TopicID]

  /// The topic of that kind. Traps when there is none, which cannot be.
  public func topic(_ kind: TopicKind) -> TopicID {
    guard let topic = topics[kind] else { preconditionFailure("an organisation has all five topics") }
    return topic
  }
}

/// Rows that tests start from. Written with plain SQL, so that a test of one room does not hang on another.
extension TestDatabase {
  /// A department. Throws: `DatabaseError`, as all of these do.
  public func makeDepartment(_ name: String = "Department") async throws -> DepartmentID {
    try await app.run { try Self.id("INSERT INTO department (name) VALUES (\(name)) RETURNING id", $0) }
  }

  /// An organisation and its five topics.
  public func makeOrganisation(_ name: String = "Organisation", department: DepartmentID) async throws -> TestOrganisation {
    try await app.transaction { session in
      let id: OrganisationID = try Self.id(
        "INSERT INTO organisation (name, department_id) VALUES (\(name), \(department)) RETURNING id", session)
      let rows = try session.rows(
        "INSERT INTO topic (organisation_id, kind) SELECT \(id), unnest(\(TopicKind.allCases)) RETURNING id, kind")
      let topics = try rows.map { (try $0["kind", as: TopicKind.self], try $0["id", as: TopicID.self]) }
      return TestOrganisation(id: id, department: department, topics: Dictionary(uniqueKeysWithValues: topics))
    }
  }

  /// An account without memberships; its password hash is no hash, so that nobody signs in.
  public func makeAccount(_ login: String, name: String? = nil, language: String = "uz", passwordHash: String = "!") async throws
    -> AccountID
  {
    try await app.run {
      try Self.id(
        """
        INSERT INTO account (login, name, language, password_hash) VALUES (\(login), \(name ?? login), \(language), \(passwordHash))
        RETURNING id
        """, $0)
    }
  }

  /// A role of an account: in an organisation, in a department, or (admin) in neither.
  @discardableResult
  public func makeMembership(
    _ account: AccountID, role: String, organisation: OrganisationID? = nil, department: DepartmentID? = nil
  ) async throws -> MembershipID {
    try await app.run {
      try Self.id(
        """
        INSERT INTO membership (account_id, role, organisation_id, department_id)
        VALUES (\(account), \(role), \(organisation), \(department)) RETURNING id
        """, $0)
    }
  }

  /// An assignment from today in Tashkent, or from and to other days.
  @discardableResult
  public func makeAssignment(
    _ account: AccountID, organisation: OrganisationID, topics: [TopicKind] = TopicKind.allCases,
    from: LocalDate = LocalDate(inTashkentAt: .now), to: LocalDate? = nil, by: AccountID? = nil
  ) async throws -> AssignmentID {
    try await app.run {
      try Self.id(
        """
        INSERT INTO assignment (account_id, organisation_id, topics, starts_on, ends_on, created_by)
        VALUES (\(account), \(organisation), \(topics), \(from), \(to), \(by ?? account)) RETURNING id
        """, $0)
    }
  }

  /// An account that is a client of the organisation.
  public func makeClient(_ login: String, of organisation: TestOrganisation) async throws -> AccountID {
    let account = try await makeAccount(login)
    try await makeMembership(account, role: "client", organisation: organisation.id)
    return account
  }

  /// An account that is an accountant of the organisation's department and assigned to topics of it.
  public func makeAccountant(
    _ login: String, of organisation: TestOrganisation, topics: [TopicKind] = TopicKind.allCases
  ) async throws -> AccountID {
    let account = try await makeAccount(login)
    try await makeMembership(account, role: "accountant", department: organisation.department)
    try await makeAssignment(account, organisation: organisation.id, topics: topics)
    return account
  }

  /// An open session of an account. `tokenHash` has 32 bytes; without it a random one.
  ///
  /// - Parameter hasReadNotice: whether its owner has confirmed that supervisors may watch, without which no server lets anybody do anything.
  public func makeSession(_ account: AccountID, tokenHash: [UInt8]? = nil, hasReadNotice: Bool = true) async throws -> SessionID {
    let hash = tokenHash ?? (0..<32).map { _ in UInt8.random(in: 0...255) }
    return try await app.run {
      let session: SessionID = try Self.id(
        """
        INSERT INTO session (account_id, token_hash, kind, expires_at) VALUES (\(account), \(hash), 'app', now() + interval '30 days')
        RETURNING id
        """, $0)
      if hasReadNotice {
        try $0.execute(
          """
          INSERT INTO acknowledgement (account_id, notice, session_id) VALUES (\(account), 'oversight', \(session)) ON CONFLICT DO NOTHING
          """)
      }
      return session
    }
  }

  /// Says in the action log what these rows are by now, as routes do when they write them: without it a check of the database finds all of them.
  public func writeDown() async throws {
    try await app.run {
      try ActionLog.append(
        "user.create", by: ActionLog.Actor(account: nil, session: nil, address: ""), written: .everything, in: $0)
    }
  }

  /// What a check of the database says of rows for which the action log vouches, and of nothing else.
  public func unwritten() async throws -> [String] {
    try await app.run { try DatabaseAudit.written(in: $0).map(\.description) }
  }

  private static func id<T>(_ sql: SQL, _ session: Session) throws -> Identifier<T> { try session.one(sql).decode(at: 0) }
}
