import Domain
import Storage
import TestSupport
import Testing

@Suite("Notifications")
struct NotificationTests {
  @Test("A line goes to its reader, newest first, and is read once")
  func lines() async throws {
    try await withTestDatabase { database in
      let organisation = try await database.makeOrganisation(department: try await database.makeDepartment())
      let (aziza, bobur) = (try await database.makeAccount("aziza"), try await database.makeAccount("bobur"))
      let topic = organisation.topic(.faktura)
      try await database.app.run { session in
        var feed = OutboxFeed()
        _ = try feed.next(in: session)
        let ids = try session.transaction {
          try (1...3).map { number in
            try Notifications.add(
              to: aziza, kind: .waitSoon, detail: ["name": "a \"b\" \u{1} c", "count": .number(Int64(number))], topic: topic,
              in: session)
          }
        }
        let other = try session.transaction { try Notifications.add(to: bobur, kind: .sessionNew, in: session) }
        let first = try Notifications.list(of: aziza, limit: 2, in: session)
        #expect(first.items.map(\.id) == [ids[2], ids[1]] && first.next == ids[1].rawValue)
        let rest = try Notifications.list(of: aziza, before: NotificationID(try #require(first.next)), limit: 2, in: session)
        #expect(rest.items.map(\.id) == [ids[0]] && rest.next == nil)
        // The organisation follows from the topic.
        #expect(rest.items[0].organisation == organisation.id && rest.items[0].topic == topic)
        let json = rest.items[0].json
        #expect(json.contains(#""detail":{"name": "a \"b\" \u0001 c", "count": 1}"#), "\(json)")

        let told = try feed.next(in: session)
        let news = told.flatMap { news -> [NotificationNews] in if case .notifications(let list) = news { list } else { [] } }
        #expect(news.map(\.record?.id) == ids + [other] && news.map(\.unread) == [3, 3, 3, 1])
        #expect(try feed.next(in: session).isEmpty)

        // Nobody reads another's lines.
        let none = try session.transaction { try Notifications.read(of: aziza, ids: [other], in: session) }
        #expect(none == 0)
        let one = try session.transaction { try Notifications.read(of: aziza, ids: [ids[2], other], in: session) }
        let two = try session.transaction { try Notifications.read(of: aziza, upTo: ids[1], in: session) }
        let again = try session.transaction { try Notifications.read(of: aziza, upTo: ids[2], in: session) }
        #expect([one, two, again] == [1, 2, 0])
        #expect(try Notifications.unread(of: aziza, in: session) == 0)
        #expect(try Notifications.unread(of: bobur, in: session) == 1)
        let silent = try feed.next(in: session)
        #expect(silent == [.notifications([NotificationNews(account: aziza, record: nil, unread: 0)])])
      }
    }
  }

  @Test("A topic of another organisation, and a word that is none, are refused")
  func refusals() async throws {
    try await withTestDatabase { database in
      let aziza = try await database.makeAccount("aziza")
      for kind in ["", "Wait", "wait soon", "wait.", String(repeating: "a", count: 65)] {
        let error = await databaseError {
          try await database.app.transaction {
            try $0.execute("INSERT INTO notification (account_id, kind) VALUES (\(aziza), \(kind))")
          }
        }
        let isRefused = if case .checkViolation = error?.kind { true } else { false }
        #expect(isRefused, "\(kind)")
      }
      let error = await databaseError {
        try await database.app.transaction { try Notifications.add(to: aziza, kind: .caseSilent, topic: TopicID(99), in: $0) }
      }
      let isRefused = if case .checkViolation = error?.kind { true } else { false }
      #expect(isRefused)
    }
  }

  @Test("What was told stays as it was told, also for the owner")
  func guarded() async throws {
    try await withTestDatabase { database in
      let (aziza, bobur) = (try await database.makeAccount("aziza"), try await database.makeAccount("bobur"))
      _ = try await database.app.transaction { try Notifications.add(to: aziza, kind: .caseSilent, in: $0) }
      let changes: [SQL] = [
        "UPDATE notification SET kind = 'b'", "UPDATE notification SET detail = '{\"a\": 1}'",
        "UPDATE notification SET at = now()",
        "UPDATE notification SET account_id = \(bobur)", "DELETE FROM notification", "TRUNCATE notification",
      ]
      for change in changes {
        let app = await databaseError { try await database.app.run { try $0.execute(change) } }
        let owner = await databaseError { try await database.owner.run { try $0.execute(change) } }
        #expect(app?.kind == .insufficientPrivilege && owner?.kind == .insufficientPrivilege, "\(change.statement)")
      }
      let read: SQL = "UPDATE notification SET read_at = now()"
      _ = try await database.app.run { try $0.execute(read) }
      let again = await databaseError { try await database.app.run { try $0.execute(read) } }
      #expect(again?.kind == .insufficientPrivilege)
    }
  }
}
