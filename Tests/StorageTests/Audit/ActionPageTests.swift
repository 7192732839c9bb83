import Domain
import TestSupport
import Testing

@testable import Storage

@Suite("Reading the action log")
struct ActionPageTests {
  /// Rows of every mixture of values, some of them at the same moment.
  private func fill(_ database: TestDatabase, rows: Int64) async throws {
    let department = try await database.makeDepartment()
    for number in 1...3 {
      _ = try await database.makeOrganisation("O\(number)", department: department)
      _ = try await database.makeAccount("a\(number)")
    }
    try await database.app.run { session in
      try session.execute(
        """
        INSERT INTO action_log (at, account_id, organisation_id, action, address, detail)
        SELECT '2026-01-01'::timestamptz + (g / 3) * interval '1 minute', nullif(g % 4, 0), nullif((g / 4) % 4, 0),
               CASE g % 5 WHEN 0 THEN 'session.start' ELSE 'document.view' END, '10.0.0.' || (g / 7) % 3,
               CASE g % 11 WHEN 0 THEN jsonb_build_object('account', 1 + g % 3) ELSE '{}' END
          FROM generate_series(1, \(rows)) g
        """)
    }
    try await database.superuser.run { try $0.execute("ANALYZE action_log") }
  }

  private static let filters: [ActionFilter] = (0..<64).map { bits in
    func has(_ bit: Int) -> Bool { bits & (1 << bit) != 0 }
    let start = Timestamp(microseconds: 1_767_225_600_000_000)
    return ActionFilter(
      account: has(0) ? AccountID(1) : nil, action: has(1) ? "document.view" : nil, subject: has(2) ? AccountID(2) : nil,
      organisation: has(3) ? OrganisationID(2) : nil, address: has(4) ? "10.0.0.1" : nil,
      from: has(5) ? start.advanced(by: .seconds(3600)) : nil, until: has(5) ? start.advanced(by: .seconds(36_000)) : nil)
  }

  @Test("Page by page every filter gives what a plain query gives, in order, each row once")
  func pages() async throws {
    try await withTestDatabase { database in
      try await fill(database, rows: 1000)
      try await database.app.run { session in
        for filter in Self.filters {
          var (found, cursor) = ([Int64](), ActionCursor?.none)
          while true {
            let page = try ActionLog.page(filter, before: cursor, limit: 7, in: session)
            found += page.map(\.id)
            guard let last = page.last, page.count == 7 else { break }
            cursor = ActionCursor(last.cursor.text)
            #expect(cursor == last.cursor)
          }
          let all = try ActionLog.page(ActionFilter(), limit: 500, in: session)
          #expect(all.count == 500)
          let plain: [Int64] = try session.rows(
            """
            SELECT id FROM action_log l WHERE (\(filter.account)::bigint IS NULL OR account_id = \(filter.account))
               AND (\(filter.action)::text IS NULL OR action = \(filter.action))
               AND (\(filter.subject)::bigint IS NULL OR (detail ->> 'account')::bigint = \(filter.subject))
               AND (\(filter.organisation)::bigint IS NULL OR organisation_id = \(filter.organisation))
               AND (\(filter.address)::text IS NULL OR address = \(filter.address))
               AND (\(filter.from)::timestamptz IS NULL OR at >= \(filter.from) AND at < \(filter.until))
             ORDER BY at DESC, id DESC
            """
          ).map { try $0["id"] }
          #expect(found == plain, "\(filter)")
        }
      }
    }
  }

  @Test("No combination of filters reads the whole table, on the first page or a later one")
  func plans() async throws {
    try await withTestDatabase { database in
      try await fill(database, rows: 20_000)
      try await database.app.run { session in
        let cursor = ActionCursor(at: Timestamp(microseconds: 1_767_400_000_000_000), id: 5000)
        for filter in Self.filters {
          for place in [nil, cursor] {
            let plan = try session.rows("EXPLAIN \(ActionLog.statement(filter, before: place, limit: 100))")
              .map { try $0.decode(at: 0, as: String.self) }.joined(separator: "\n")
            #expect(!plan.contains("Seq Scan on action_log"), "\(filter): \(plan)")
          }
        }
      }
    }
  }

  @Test("Only what a page gave is a cursor", arguments: ["", "1", "1-", "-1-2", "1-0", "1-2-3", "01-2", "1-x", " 1-2"])
  func cursors(text: String) { #expect(ActionCursor(text) == nil) }
}
