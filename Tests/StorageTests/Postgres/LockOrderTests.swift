import Domain
import Storage
import TestSupport
import Testing

/// Who writes at once waits for each other in one order (docs/data-model.md), and never meets in a deadlock. Nothing is run again here, as it is elsewhere, so
/// that one would show.
@Suite("The order of locks", .timeLimit(.minutes(10)))
struct LockOrderTests {
  /// What somebody does on a connection.
  private struct Deed: Sendable {
    let name: String
    let body: @Sendable (Session) throws -> Void

    init(_ name: String, _ body: @escaping @Sendable (Session) throws -> Void) { (self.name, self.body) = (name, body) }

    /// A change of who may do what, in one transaction.
    static func change(_ name: String, _ body: @escaping @Sendable (Session) throws -> Void) -> Deed {
      Deed(name) { session in try AccessChange.run(in: session) { try body(session) } }
    }

    /// Somebody writes into all topics in one batch, as the appender of a busy server does, and then into each.
    static func writing(_ account: AccountID, into topics: [TopicID], _ world: LogWorld) -> Deed {
      Deed("writing") { session in
        for batch in [topics.reversed()] + topics.map({ [$0] }) {
          let items = batch.map { topic in
            LogItem.append(world.request(account, .send(body: "x", reply: 0, holding: false), topic: topic))
          }
          if let failure = try TopicLog.append(items, in: session).failures.first { throw failure.error }
        }
      }
    }
  }

  /// Does all at once, each on a connection of its own. What a rule refuses is well; a deadlock, or anything else, isn't.
  private func atOnce(_ pool: Postgres, _ deeds: [Deed]) async {
    await withTaskGroup(of: Void.self) { group in
      for deed in deeds {
        group.addTask {
          do {
            try await pool.run { try deed.body($0) }
          } catch is DomainError {
          } catch let error as DatabaseError where error.constraint == "organisation_open" {
          } catch {
            Issue.record("\(deed.name): \(error)")
          }
        }
      }
    }
  }

  private func run(_ body: (TestDatabase, LogWorld, Postgres) async throws -> Void) async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      var configuration = database.configuration()
      configuration.poolSize = 10
      configuration.transactionAttempts = 1
      let pool = Postgres(configuration)
      try await body(database, world, pool)
      await pool.close()
    }
  }

  @Test("A company is closed while its people write and are given work")
  func closing() async throws {
    try await run { database, world, pool in
      let (admin, supervisor, accountant) = (world.admin, world.supervisor, world.accountant)
      let today = LocalDate(inTashkentAt: .now)
      for round in 0..<12 {
        let organisation = try await database.makeOrganisation("Gamma \(round)", department: world.organisation.department)
        let (id, topics) = (organisation.id, organisation.topics.values.sorted())
        try await database.makeAssignment(accountant, organisation: id)
        var deeds = [Deed.writing(accountant, into: topics, world)]
        for number in 0..<3 {
          let client = try await database.makeClient("client-\(round)-\(number)", of: organisation)
          deeds.append(.writing(client, into: topics, world))
        }
        deeds.append(.change("closing") { _ = try Organisations.close(id, at: .now, in: $0) })
        deeds.append(
          .change("assigning") {
            _ = try Assignments.create(
              account: accountant, organisation: id, topics: [.ttn], from: today, to: nil, by: admin, in: $0)
          })
        deeds.append(
          .change("joining") {
            _ = try Assignments.join(
              organisation.topic(.bank), of: id, kind: .bank, by: supervisor, today: today, at: .now, in: $0)
          })
        await atOnce(pool, deeds)
      }
    }
  }

  @Test("An account ends while it is assigned, joins and writes")
  func ending() async throws {
    try await run { database, world, pool in
      let (admin, organisation, today) = (world.admin, world.organisation, LocalDate(inTashkentAt: .now))
      let topics = organisation.topics.values.sorted()
      for round in 0..<12 {
        let account = try await database.makeAccountant("accountant-\(round)", of: organisation)
        let membership = try await database.makeMembership(account, role: "supervisor", department: organisation.department)
        let signedIn = try await database.makeSession(account)
        var deeds = [account, world.client, world.accountant].map { Deed.writing($0, into: topics, world) }
        deeds.append(.change("disabling") { try Accounts.setDisabled(account, true, in: $0) })
        deeds.append(.change("ending the role") { _ = try Accounts.endMembership(membership, in: $0) })
        deeds.append(.change("ending the session") { _ = try Sessions.end(signedIn, reason: "test", in: $0) })
        deeds.append(
          .change("assigning") {
            _ = try Assignments.create(
              account: account, organisation: organisation.id, topics: [.bank, .ttn], from: today, to: nil, by: admin, in: $0)
          })
        deeds.append(
          .change("joining") {
            _ = try Assignments.join(
              organisation.topic(.dogovor), of: organisation.id, kind: .dogovor, by: account, today: today, at: .now, in: $0)
          })
        await atOnce(pool, deeds)
      }
    }
  }

  @Test("A message is erased while holds are set and people write")
  func erasing() async throws {
    try await run { database, world, pool in
      let (topic, organisation, admin, supervisor) = (world.topic, world.organisation.id, world.admin, world.supervisor)
      let signedIn = try await database.makeSession(supervisor)
      let topics = world.organisation.topics.values.sorted()
      for _ in 0..<12 {
        let message = try await database.append(world.request(world.client, .send(body: "x", reply: 0, holding: false))).seq
        let erasure = try await database.app.run { try Erasures.request(message, in: topic, reason: "sud qarori", by: admin, $0) }
        var deeds = [world.client, world.accountant].map { Deed.writing($0, into: topics, world) }
        deeds.append(
          .change("erasing") { try Erasures.confirm(erasure, by: supervisor, session: signedIn, at: .now, in: $0) })
        deeds.append(
          Deed("holding") { session in
            let hold = try session.transaction {
              try LegalHolds.set(organisation: organisation, topic: nil, reason: "sud ishi", by: admin, in: session)
            }
            try session.transaction { try LegalHolds.lift(hold, reason: "tugadi", by: admin, in: session) }
          })
        deeds.append(Deed("taking files away") { _ = try ErasedFiles.retire(in: $0) })
        await atOnce(pool, deeds)
      }
    }
  }

  @Test("A company moves to another department while its overseers join, leave and write")
  func moving() async throws {
    try await run { database, world, pool in
      let (organisation, today) = (world.organisation, LocalDate(inTashkentAt: .now))
      let other = try await database.makeDepartment("Uchinchi")
      let topics = organisation.topics.values.sorted()
      for round in 0..<12 {
        let department = round % 2 == 0 ? other : organisation.department
        var deeds = [world.client, world.supervisor].map { Deed.writing($0, into: topics, world) }
        deeds.append(
          .change("moving") {
            try Organisations.update(organisation.id, name: nil, stir: nil, department: department, in: $0)
          })
        for kind in [TopicKind.bank, .ttn] {
          for account in [world.supervisor, world.admin] {
            deeds.append(
              Deed("joining and leaving") { session in
                _ = try AccessChange.run(in: session) {
                  try Assignments.join(
                    organisation.topic(kind), of: organisation.id, kind: kind, by: account, today: today, at: .now, in: session)
                }
                _ = try AccessChange.run(in: session) {
                  try Assignments.leave(of: organisation.id, kind: kind, by: account, today: today, in: session)
                }
              })
          }
        }
        await atOnce(pool, deeds)
      }
    }
  }
}
