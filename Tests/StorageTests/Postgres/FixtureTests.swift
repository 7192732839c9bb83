import Domain
import Storage
import TestSupport
import Testing

@Suite("Fixtures")
struct FixtureTests {
  @Test("An organisation has five topics, and those who were assigned take part")
  func organisation() async throws {
    try await withTestDatabase { database in
      let organisation = try await database.makeOrganisation(department: try await database.makeDepartment())
      #expect(organisation.topics.count == 5)
      let client = try await database.makeClient("client", of: organisation)
      let accountant = try await database.makeAccountant("accountant", of: organisation, topics: [.bank])
      _ = try await database.makeSession(client)
      let participants = try await database.app.run { session in
        try session.rows("SELECT topic_id, account_id, staff FROM topic_participant").map {
          "\(try $0["topic_id", as: TopicID.self]) \(try $0["account_id", as: AccountID.self]) \(try $0["staff", as: Bool.self])"
        }
      }
      let expected =
        organisation.topics.values.map { "\($0) \(client) false" } + ["\(organisation.topic(.bank)) \(accountant) true"]
      #expect(Set(participants) == Set(expected))
    }
  }
}
