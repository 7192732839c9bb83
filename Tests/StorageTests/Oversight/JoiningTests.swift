import Domain
import TestSupport
import Testing

@testable import Storage

/// Who joins a topic takes part in it as one who oversees it, and no longer than that.
@Suite struct JoiningTests {
  private func join(_ account: AccountID, _ world: LogWorld, _ database: TestDatabase) async throws {
    let now = Timestamp.now
    try await database.app.run { session in
      try AccessChange.run(in: session) {
        _ = try Assignments.join(
          world.topic, of: world.organisation.id, kind: .bank, by: account, today: LocalDate(inTashkentAt: now), at: now,
          in: session)
      }
    }
  }

  private func end(_ role: Role, of account: AccountID, _ database: TestDatabase) async throws {
    try await database.app.run { session in
      let membership: MembershipID = try session.one(
        "SELECT id FROM membership WHERE account_id = \(account) AND role = \(role) AND ended_at IS NULL"
      ).decode(at: 0)
      _ = try AccessChange.run(in: session) { try Accounts.endMembership(membership, in: session) }
    }
  }

  private func takesPart(_ account: AccountID, _ world: LogWorld, _ database: TestDatabase) async throws -> Bool {
    let topic = world.topic
    return try await database.app.run {
      try $0.row("SELECT FROM topic_participant WHERE topic_id = \(topic) AND account_id = \(account)") != nil
    }
  }

  @Test func itEndsWithTheRoleThatAllowedIt() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      let (supervisor, department) = (world.supervisor, world.organisation.department)
      try await join(supervisor, world, database)
      #expect(try await takesPart(supervisor, world, database))
      try await end(.supervisor, of: supervisor, database)
      #expect(try await !takesPart(supervisor, world, database))
      // As an accountant of the same department it has nothing to do with the topic, until somebody assigns it.
      _ = try await database.app.run { session in
        try AccessChange.run(in: session) {
          try Accounts.addMembership(supervisor, role: .accountant, organisation: nil, department: department, in: session)
        }
      }
      #expect(try await !takesPart(supervisor, world, database))
      #expect(try await database.refusal(world.request(supervisor, .send(body: "x", reply: 0, holding: false))) == .notFound)
      try await database.makeAssignment(supervisor, organisation: world.organisation.id)
      #expect(try await takesPart(supervisor, world, database))
    }
  }

  @Test func itGoesOnAsLongAsAnotherRoleAllowsIt() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      try await database.makeMembership(world.supervisor, role: "admin")
      try await join(world.supervisor, world, database)
      try await end(.supervisor, of: world.supervisor, database)
      #expect(try await takesPart(world.supervisor, world, database))
      try await end(.admin, of: world.supervisor, database)
      #expect(try await !takesPart(world.supervisor, world, database))
    }
  }

  @Test func whatAnAdminAssignedGoesOn() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      try await database.makeMembership(world.supervisor, role: "accountant", department: world.organisation.department)
      try await database.makeAssignment(world.supervisor, organisation: world.organisation.id, by: world.admin)
      try await end(.supervisor, of: world.supervisor, database)
      #expect(try await takesPart(world.supervisor, world, database))
    }
  }

  @Test func itEndsWhenTheOrganisationMovesToAnotherDepartment() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      for account in [world.supervisor, world.admin] { try await join(account, world, database) }
      let (organisation, other) = (world.organisation.id, try await database.makeDepartment("Uchinchi"))
      try await database.app.run { session in
        try AccessChange.run(in: session) {
          try Organisations.update(organisation, name: nil, stir: nil, department: other, in: session)
        }
      }
      #expect(try await !takesPart(world.supervisor, world, database))
      #expect(try await takesPart(world.admin, world, database))
      // Whoever looked before it moved doesn't come in behind it.
      let late = await failure { try await join(world.supervisor, world, database) }
      #expect((late as? DomainError)?.code == .notFound)
      #expect(try await !takesPart(world.supervisor, world, database))
    }
  }

  @Test func whatIsLeftOfItIsJoinedToo() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      try await join(world.supervisor, world, database)
      let (admin, accountant, organisation) = (world.admin, world.accountant, world.organisation.id)
      let today = LocalDate(inTashkentAt: .now)
      // For a day somebody else has the topic alone.
      let plan = AssignmentPlan(
        account: accountant, organisations: [organisation], topics: [.bank], from: today.advanced(by: 3),
        to: today.advanced(by: 3), replaces: true)
      try await database.app.run { session in
        let membership = Membership(id: MembershipID(1), role: .admin, organisation: nil, department: nil)
        let viewer = Viewer(account: admin, reach: Reach([membership], for: Permission(.assignment, .read)))
        try AccessChange.run(in: session) {
          let steps = try Assignments.steps(of: plan, for: viewer, in: session)
          _ = try Assignments.carryOut(plan, steps, today: today, by: admin, in: session)
        }
      }
      #expect(try await takesPart(world.supervisor, world, database))
      try await end(.supervisor, of: world.supervisor, database)
      #expect(try await !takesPart(world.supervisor, world, database))
    }
  }

  @Test func itIsNobodysWork() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      let (supervisor, topic) = (world.supervisor, world.topic)
      // Accountant and supervisor at once: who joined oversees.
      try await database.makeMembership(supervisor, role: "accountant", department: world.organisation.department)
      try await join(supervisor, world, database)
      let later = Timestamp.now.advanced(by: .seconds(60))
      let work = try await database.app.run { try TopicWorks.read([topic], calendar: .standard, in: $0)[topic] }
      #expect(work?.takesPart(supervisor, at: later) == true && work?.isAccountant(supervisor, at: later) == false)
      #expect(work?.holder(at: later) == world.accountant)
    }
  }
}
