public import Domain
public import Storage

/// A moment of Tashkent: `2026-11-20T12:30`. What isn't one is 1970.
public func tashkent(_ text: String) -> Timestamp {
  Timestamp(rfc3339: text + ":00+05:00") ?? Timestamp(microseconds: 0)
}

/// Writes a topic's rows with times of one's own choosing, straight into the tables: the clock reads nothing else.
public struct WorkLog: Sendable {
  private let database: TestDatabase
  private let topic: TopicID
  private var seq: Int64 = 0
  private var number: Int32 = 0
  private var isOpen = false

  /// An empty log.
  public init(_ database: TestDatabase, _ topic: TopicID) { (self.database, self.topic) = (database, topic) }

  /// Appends a row and returns its number.
  @discardableResult
  public mutating func append(
    _ kind: Int16, _ time: String, by author: AccountID?, staff: Bool = false, holding: Bool = false, message: Int64 = 0,
    stars: Int16 = 0,
    meta: String = "", of caseNumber: Int32? = nil
  ) async throws -> Int64 {
    seq += 1
    let (at, zero, seq, topic) = (tashkent(time), [UInt8](repeating: 0, count: 32), seq, topic)
    let opens = kind == 1 && !isOpen
    if opens { (number, isOpen) = (number + 1, true) }
    if kind == 7 { isOpen = false }
    if kind == 8 { isOpen = true }
    let number = caseNumber ?? number
    let about = kind == 1 ? seq : message
    let version: Int32 = kind == 1 ? 1 : kind == 2 || kind == 3 ? 2 : 0
    try await database.app.transaction { session in
      try session.execute(
        """
        INSERT INTO topic_entry (topic_id, seq, kind, at, author_id, staff, case_number, message, version, holding, stars, meta, prev_hash, hash)
        VALUES (\(topic), \(seq), \(kind), \(at), \(author), \(staff), \(number), \(about), \(version), \(holding), \(stars), \(meta), \(zero),
                \(zero))
        """)
      try session.execute("UPDATE topic SET head = \(seq) WHERE id = \(topic)")
      if opens {
        try session.execute(
          "INSERT INTO topic_case (topic_id, number, opened_seq, opened_at) VALUES (\(topic), \(number), \(seq), \(at))")
      }
      if kind == 7 {
        try session.execute(
          """
          UPDATE topic_case SET closed_seq = \(seq), closed_at = \(at), closed_by = \(author) WHERE topic_id = \(topic) AND number = \(number)
          """)
      }
      if kind == 8 {
        try session.execute(
          "UPDATE topic_case SET closed_seq = NULL, closed_at = NULL, closed_by = NULL WHERE topic_id = \(topic) AND number = \(number)"
        )
      }
      if kind == 9 {
        try session.execute(
          """
          UPDATE topic_case SET rated_seq = \(seq), rated_at = \(at), rated_by = \(author), stars = \(stars)
           WHERE topic_id = \(topic) AND number = \(number)
          """)
      }
    }
    return seq
  }

  /// A document of the client's that a message carries, with content of its own or another's.
  public func document(_ organisation: OrganisationID, by account: AccountID, message: Int64, content: UInt8) async throws
    -> DocumentID
  {
    let (hash, topic) = ([UInt8](repeating: content, count: 32), topic)
    return try await database.app.transaction { session in
      try session.execute("INSERT INTO blob (hash, size) VALUES (\(hash), 5) ON CONFLICT DO NOTHING")
      return try session.one(
        """
        INSERT INTO document (organisation_id, topic_id, uploader_id, staff, name, type, size, hash, message)
        VALUES (\(organisation), \(topic), \(account), false, 'a.txt', 'txt', 5, \(hash), \(message)) RETURNING id
        """
      ).decode(at: 0)
    }
  }

  /// A document's state, as a row of the log and as its mark.
  public mutating func mark(_ document: DocumentID, _ state: DocumentState, _ time: String, by account: AccountID) async throws {
    let row = try await append(10, time, by: account, staff: state != .returned)
    let (topic, at) = (topic, tashkent(time))
    try await database.app.run { session in
      try session.execute(
        """
        INSERT INTO document_mark (topic_id, seq, document_id, state, by, at)
        VALUES (\(topic), \(row), \(document), \(state.rawValue), \(account), \(at))
        """)
    }
  }
}

/// An organisation with an accountant and a client, all of them since the beginning of 2026, who are to be answered within 30 minutes.
public struct WorkFirm: Sendable {
  /// Its database.
  public let database: TestDatabase
  /// The organisation.
  public let organisation: TestOrganisation
  /// Its accountant.
  public let accountant: AccountID
  /// A client of it.
  public let client: AccountID
  /// The firm's admin.
  public let admin: AccountID

  /// Makes all of them. Throws: `DatabaseError`.
  public init(_ database: TestDatabase) async throws {
    self.database = database
    organisation = try await database.makeOrganisation(department: try await database.makeDepartment())
    client = try await database.makeClient("client", of: organisation)
    admin = try await database.makeAccount("admin")
    try await database.makeMembership(admin, role: "admin")
    accountant = try await Self.accountant("accountant", of: organisation, database)
    let (boss, kinds) = (admin, TopicKind.allCases)
    try await database.app.transaction { session in
      for kind in kinds {
        _ = try ResponseTargets.set(kind, minutes: 30, from: tashkent("2026-01-01T00:00"), by: boss, in: session)
      }
    }
  }

  /// An accountant of the organisation, and since when; dates of the rows included.
  public static func accountant(
    _ login: String, of organisation: TestOrganisation, _ database: TestDatabase, from: String = "2026-01-01", to: String? = nil
  ) async throws -> AccountID {
    let account = try await database.makeAccount(login)
    let (since, first, last) = (tashkent("2026-01-01T00:00"), LocalDate(from), to.flatMap { LocalDate($0) })
    try await database.app.run { session in
      try session.execute(
        """
        INSERT INTO membership (account_id, role, department_id, created_at)
        VALUES (\(account), 'accountant', \(organisation.department), \(since))
        """)
      try session.execute(
        """
        INSERT INTO assignment (account_id, organisation_id, topics, starts_on, ends_on, created_by, created_at)
        VALUES (\(account), \(organisation.id), \(TopicKind.allCases), \(first), \(last), \(account), \(since))
        """)
    }
    return account
  }

  /// A month of the log, by the standard calendar.
  public func load(_ month: Month) async throws -> LoadedMonth {
    try await database.app.run { session in
      try MonthLoader(month, calendar: .standard, in: session).load()
    }
  }
}
