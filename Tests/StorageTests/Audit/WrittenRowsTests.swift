import Domain
import TestSupport
import Testing

@testable import Storage

/// People, roles, assignments, settings, targets, pay, holds and doubts against what the action log says of them.
@Suite("Rows that the action log vouches for")
struct WrittenRowsTests {
  /// What a superuser runs, and what is said of it.
  private static let changes: [(script: [SQL], faults: [String])] = [
    (
      ["INSERT INTO membership (id, account_id, role) OVERRIDING SYSTEM VALUE VALUES (70, 3, 'admin')"],
      ["membership 70: the action log doesn't say that it was written"]
    ),
    (["UPDATE membership SET created_at = created_at - interval '1 year' WHERE id = 1"], [other("membership 1")]),
    (["UPDATE membership SET ended_at = now() WHERE id = 2"], [other("membership 2")]),
    (["DELETE FROM membership WHERE id = 4"], [gone("membership 4")]),
    (
      [
        """
        INSERT INTO assignment (id, account_id, organisation_id, topics, starts_on, ends_on, created_by, created_at) OVERRIDING SYSTEM VALUE
        VALUES (70, 5, 1, '{1,2}', '2026-01-01', '2026-02-01', 2, '2026-01-01')
        """
      ], ["assignment 70: the action log doesn't say that it was written"]
    ),
    (["UPDATE assignment SET topics = '{1}'"], [other("assignment 1")]),
    (["UPDATE assignment SET joined = true"], [other("assignment 1")]),
    (["DELETE FROM assignment"], [gone("assignment 1")]),
    (
      ["INSERT INTO salary (account_id, version, month, amount, made_by) VALUES (5, 2, '2026-10-01', 9000000, 2)"],
      ["salary of account 5, version 2: the action log doesn't say that it was written"]
    ),
    (["UPDATE salary SET amount = amount + 1"], [other("salary of account 5, version 1")]),
    (
      ["INSERT INTO bonus_rule (version, month, rules, made_by) SELECT 2, month, rules, made_by FROM bonus_rule"],
      ["bonus rules, version 2: the action log doesn't say that it was written"]
    ),
    (["UPDATE bonus_rule SET rules = rules || ' '"], [other("bonus rules, version 1")]),
    (["UPDATE response_target SET minutes = 600 WHERE id = 1"], [other("response target 1")]),
    (["UPDATE response_target SET since = since - interval '1 hour' WHERE id = 2"], [other("response target 2")]),
    (["DELETE FROM response_target WHERE id = 2"], [gone("response target 2")]),
    (["UPDATE setting_change SET value = '{}'"], [other("setting documents, version 1")]),
    (
      ["INSERT INTO setting_change SELECT name, 2, value, changed_by FROM setting_change"],
      ["setting documents, version 2: the action log doesn't say that it was written"]
    ),
    (["DELETE FROM legal_hold"], [gone("legal hold 1")]),
    (["UPDATE legal_hold SET lifted_by = 2, lifted_at = now(), lift_reason = 'tugadi'"], [other("legal hold 1")]),
    (["UPDATE account SET disabled_at = NULL WHERE id = 6"], [other("account 6")]),
    (["UPDATE account SET login = 'boshqa' WHERE id = 2"], [other("account 2")]),
    (
      ["INSERT INTO account_gap VALUES (5, '2026-10-01T00:00Z', '2026-10-02T00:00Z')"],
      ["absence of account 5 since 2026-10-01-00:00:00.000000: the action log doesn't say that it was written"]
    ),
    (["UPDATE organisation SET department_id = 2 WHERE id = 1"], [other("organisation 1")]),
    // Somebody else's chat.
    (
      [
        "DELETE FROM topic WHERE organisation_id = 2 AND kind = 1",
        "UPDATE topic SET organisation_id = 2 WHERE organisation_id = 1 AND kind = 1",
      ],
      [other("organisation 1"), other("organisation 2")]
    ),
    (["UPDATE department SET retired_at = now() WHERE id = 1"], [other("department 1")]),
    (["UPDATE erasure SET refused_by = 1, refused_at = now()"], [other("erasure 1")]),
    (["DELETE FROM erasure"], [gone("erasure 1")]),
    // A correction that nobody asked for, and that closing the month would pay and seal.
    (
      [
        """
        INSERT INTO contest (id, month, account_id, line, text, sum) OVERRIDING SYSTEM VALUE VALUES (70, '2026-10-01', 5, 'documents', 'koʻp edi', 0)
        """, "INSERT INTO contest_answer (contest_id, accepted, text, by) VALUES (70, true, 'toʻgʻri', 2)",
        "INSERT INTO correction VALUES (70, '2026-10-01', 500, 0, 0, 0, 0, 0)",
      ],
      ["answer to contest 70", "contest 70", "correction of contest 70"].map {
        "\($0): the action log doesn't say that it was written"
      }
    ),
    (["UPDATE correction SET documents = 500"], [other("correction of contest 1")]),
    (["UPDATE contest_answer SET text = 'boshqa gap'"], [other("answer to contest 1")]),
    (["DELETE FROM correction"], [gone("correction of contest 1")]),
    (["UPDATE contest SET sum = sum + 1"], [other("contest 1")]),
  ]

  private static func other(_ place: String) -> String { "\(place): it isn't what the action log says" }
  private static func gone(_ place: String) -> String { "\(place): it is gone, and the action log says that it was written" }

  @Test("Whoever changes, adds or takes one away is found, and the row is named")
  func found() async throws {
    try await withTestDatabase { database in
      try await firm(database)
      for (script, expected) in Self.changes {
        let found = try await database.superuser.run { session -> [String] in
          try session.execute("BEGIN")
          try session.execute("SET LOCAL session_replication_role = replica")
          // Whatever a session's time zone is, the same is compared.
          try session.execute("SET LOCAL TimeZone = 'Asia/Tashkent'")
          for line in script { try session.execute(line) }
          let found = try DatabaseAudit.written(in: session).map(\.description)
          try session.execute("ROLLBACK")
          return found
        }
        #expect(found == expected, "\(script.map(\.statement))")
      }
    }
  }

  @Test("The newest that the log says of a row counts, and a log that can't be read says nothing")
  func newest() async throws {
    try await withTestDatabase { database in
      try await firm(database)
      let admin = ActionLog.Actor(account: AccountID(2), session: nil, address: "::1")
      func written() async throws -> [String] {
        try await database.app.run { try DatabaseAudit.written(in: $0).map(\.description) }
      }
      #expect(try await written() == [])
      try await database.app.transaction { session in
        _ = try Accounts.endMembership(MembershipID(4), in: session)
        try ActionLog.append("membership.delete", by: admin, written: .membership(MembershipID(4)), in: session)
        try Accounts.setDisabled(AccountID(6), false, in: session)
        try ActionLog.append("account.update", by: admin, written: .account(AccountID(6)), in: session)
      }
      #expect(try await written() == [])
      // An ended role that stands again is the one that the log had before, and not the one that it has now.
      try await database.app.run { _ = try $0.execute("UPDATE membership SET ended_at = NULL WHERE id = 4") }
      #expect(try await written() == [Self.other("membership 4")])
      try await database.superuser.run { session in
        try session.execute("SET session_replication_role = replica")
        try session.execute("UPDATE action_log SET detail = '{\"written\": [1]}'")
      }
      let found = try await written()
      let isUnsaid = found.allSatisfy { $0.hasSuffix("the action log doesn't say that it was written") }
      #expect(found.count > 20 && isUnsaid)
    }
  }

  /// One of everything, and the action log's word for it.
  private func firm(_ database: TestDatabase) async throws {
    let world = try await LogWorld.make(database)
    let month = Month(inTashkentAt: world.start)
    let rules = BonusRules(
      documents: .init(steps: [.init(from: 0, rate: 4000)]), positive: .init(steps: []), negative: .init(steps: []),
      sla: .init(steps: []), cap: nil)
    try await database.app.transaction { session in
      let (admin, accountant) = (world.admin, world.accountant)
      _ = try BonusRuleBook.add(rules, from: month, note: "", after: 0, by: admin, in: session)
      _ = try Salaries.set(5_000_000, of: accountant, from: month, after: 0, by: admin, in: session)
      _ = try ResponseTargets.set(.bank, minutes: 30, from: world.start, by: admin, in: session)
      _ = try ResponseTargets.set(world.organisation.id, minutes: 15, from: world.start, by: admin, in: session)
      _ = try Settings.write("documents", json: "{\"a\":1}", after: 0, by: admin, in: session)
      _ = try LegalHolds.set(organisation: world.organisation.id, topic: nil, reason: "sud ishi", by: admin, in: session)
      try Accounts.setDisabled(world.stranger, true, in: session)
      let doubt = try #require(
        try Contests.add(.documents, of: accountant, in: month, text: "ikkitasi yoʻq", sum: 8000, session: session))
      _ = try Contests.answer(
        doubt, isAccepted: true, text: "ha, shunday", correction: FigureCorrection(documents: 2), by: admin, in: session)
    }
    try await database.superuser.run { session in
      try session.execute("SET session_replication_role = replica")
      try session.execute(
        """
        INSERT INTO erasure (organisation_id, topic_id, message, reason, requested_by)
        VALUES (\(world.organisation.id), \(world.topic), 1, 'sud qarori', \(world.admin))
        """)
      try session.execute("RESET session_replication_role")
    }
    try await database.writeDown()
  }
}
