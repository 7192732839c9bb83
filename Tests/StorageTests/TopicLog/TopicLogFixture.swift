import Domain
import Storage
import TestSupport

/// An organisation with two clients, an accountant, a supervisor, an admin, and somebody who has nothing to do with it.
struct LogWorld: Sendable {
  let organisation: TestOrganisation
  let client: AccountID
  let secondClient: AccountID
  let accountant: AccountID
  let supervisor: AccountID
  let admin: AccountID
  let stranger: AccountID
  let foreignTopic: TopicID
  /// When everything happens unless a test says otherwise.
  let start = Timestamp(microseconds: 1_790_000_000_000_000)

  var topic: TopicID { organisation.topic(.bank) }

  static func make(_ database: TestDatabase) async throws -> LogWorld {
    let department = try await database.makeDepartment("Birinchi")
    let other = try await database.makeDepartment("Ikkinchi")
    let organisation = try await database.makeOrganisation("Alfa", department: department)
    let foreign = try await database.makeOrganisation("Beta", department: other)
    let supervisor = try await database.makeAccount("supervisor")
    try await database.makeMembership(supervisor, role: "supervisor", department: department)
    let admin = try await database.makeAccount("admin")
    try await database.makeMembership(admin, role: "admin")
    let world = LogWorld(
      organisation: organisation, client: try await database.makeClient("client", of: organisation),
      secondClient: try await database.makeClient("second", of: organisation),
      accountant: try await database.makeAccountant("accountant", of: organisation), supervisor: supervisor, admin: admin,
      stranger: try await database.makeClient("stranger", of: foreign), foreignTopic: foreign.topic(.bank))
    // Everybody was there long before `start`.
    try await database.superuser.run { session in
      try session.execute("UPDATE membership SET created_at = '2026-01-01'")
      try session.execute("UPDATE assignment SET created_at = '2026-01-01', starts_on = '2026-01-01'")
    }
    return world
  }

  /// A request to append, `after` seconds after the start.
  func request(
    _ account: AccountID, _ action: LogAction, topic: TopicID? = nil, key: Key = .random(), after seconds: Int64 = 0,
    session: SessionID? = nil
  ) -> LogRequest {
    LogRequest(
      topic: topic ?? self.topic, account: account, session: session, key: key, action: action,
      at: start.advanced(by: .seconds(seconds)), salt: [UInt8](repeating: 7, count: 16))
  }

  /// A message.
  func message(_ account: AccountID, _ body: String, after seconds: Int64 = 0) -> LogItem {
    .append(request(account, .send(body: body, reply: 0, holding: false), after: seconds))
  }
}

extension TestDatabase {
  /// Appends items as one batch.
  func append(_ items: [LogItem]) async throws -> LogBatch { try await app.run { try TopicLog.append(items, in: $0) } }

  /// Appends one row; throws the refusal.
  @discardableResult
  func append(_ request: LogRequest) async throws -> LogEntry {
    switch try await append([.append(request)]).results.first {
    case .appended(let entry, _): return entry
    case .refused(let error): throw error
    default: throw DomainError(.unavailable, "no result")
    }
  }

  /// The code of the refusal, nil when there was none.
  func refusal(_ request: LogRequest) async throws -> DomainError.Code? {
    do {
      try await append(request)
      return nil
    } catch let error as DomainError {
      return error.code
    }
  }

  func state(_ topic: TopicID, _ account: AccountID, epoch: Key? = nil, after: Int64? = nil, session: SessionID? = nil)
    async throws
    -> TopicState
  {
    try await app.run {
      try TopicLog.state(topic: topic, account: account, session: session, epoch: epoch, after: after, at: .now, in: $0)
    }
  }
}
