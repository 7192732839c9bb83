import Domain
import HTTPTypes
import Storage
import TestSupport
import Testing

@testable import RestAPI

/// What the chat servers are told of changes that revoke nothing.
@Suite struct NewsTests {
  private static func admin(_ bench: RestBench) async throws -> Signed {
    let account = try await bench.account("admin")
    try await bench.database.makeMembership(account, role: "admin")
    return try await bench.signedIn(account)
  }

  private static func list(_ ids: [some CustomStringConvertible]) -> String {
    "[" + ids.map(\.description).joined(separator: ", ") + "]"
  }

  private static func topics(_ organisation: TestOrganisation) -> [TopicID] { TopicKind.allCases.map { organisation.topic($0) } }

  @Test func aNewNameIsToldWhereverTheOldOneStands() async throws {
    try await RestBench.run { bench in
      let admin = try await Self.admin(bench)
      let department = try await bench.database.makeDepartment()
      let own = try await bench.database.makeOrganisation("Own", department: department)
      let former = try await bench.database.makeOrganisation("Former", department: department)
      let client = try await bench.database.makeClient("aziza", of: own)
      let (once, watched) = (former.topic(.bank), former.topic(.ttn))
      let session = try await bench.database.makeSession(client)
      _ = try await bench.database.superuser.run { connection in
        try connection.execute(
          """
          INSERT INTO send_key (author_id, key, topic_id, seq, request_hash)
          VALUES (\(client), gen_random_uuid(), \(once), 1, decode(repeat('00', 32), 'hex'))
          """)
        try connection.execute(
          """
          INSERT INTO observation (account_id, session_id, topic_id, reason, ends_at)
          VALUES (\(client), \(session), \(watched), 'checking', now() + interval '30 minutes')
          """)
      }
      let path = "/api/v1/users/\(client)"
      #expect(try await admin.send(.patch, path, #"{"language":"ru"}"#).status == 200)
      #expect(try await admin.send(.patch, path, #"{"name":"Aziza K."}"#).json["name"].string == "Aziza K.")
      // The same once more is no news, and nothing was revoked. Where somebody only watches, nothing may move.
      #expect(try await admin.send(.patch, path, #"{"name":"Aziza K."}"#).status == 200)
      let expected = (Self.topics(own) + [once]).sorted()
      #expect(try await bench.outbox() == [#"access {"topics": \#(Self.list(expected)), "accounts": [\#(client)]}"#])
      #expect(try await bench.access(own.topic(.bank)) == 0)
    }
  }

  @Test func aRenamedOrganisationIsToldToAllWhoSeeIt() async throws {
    try await RestBench.run { bench in
      let admin = try await Self.admin(bench)
      let (department, other) = (try await bench.database.makeDepartment(), try await bench.database.makeDepartment("Other"))
      let organisation = try await bench.database.makeOrganisation("Non", department: department)
      let client = try await bench.database.makeClient("aziza", of: organisation)
      let accountant = try await bench.database.makeAccountant("bobur", of: organisation)
      let supervisor = try await bench.database.makeAccount("nodir")
      try await bench.database.makeMembership(supervisor, role: "supervisor", department: department)
      let foreign = try await bench.database.makeAccount("foreign")
      try await bench.database.makeMembership(foreign, role: "supervisor", department: other)

      let path = "/api/v1/organisations/\(organisation.id)"
      for body in [#"{"name":"Non"}"#, #"{"stir":"123456789"}"#, #"{"department":\#(department)}"#] {
        #expect(try await admin.send(.patch, path, body).status == 200)
      }
      #expect(try await bench.outbox().isEmpty)
      #expect(try await admin.send(.patch, path, #"{"name":"Non 2"}"#).status == 200)
      let accounts = Self.list([admin.account, client, accountant, supervisor])
      #expect(
        try await bench.outbox() == [#"access {"topics": \#(Self.list(Self.topics(organisation))), "accounts": \#(accounts)}"#])
      #expect(try await bench.access(organisation.topic(.bank)) == 0)
    }
  }

  @Test func aNewOrganisationReachesItsOverseers() async throws {
    try await RestBench.run { bench in
      let admin = try await Self.admin(bench)
      let (department, other) = (try await bench.database.makeDepartment(), try await bench.database.makeDepartment("Other"))
      let supervisor = try await bench.database.makeAccount("nodir")
      try await bench.database.makeMembership(supervisor, role: "supervisor", department: department)
      let foreign = try await bench.database.makeAccount("foreign")
      try await bench.database.makeMembership(foreign, role: "supervisor", department: other)
      let made = try await admin.send(.post, "/api/v1/organisations", #"{"name":"Non","department":\#(department)}"#)
      #expect(made.status == 201)
      let accounts = Self.list([admin.account, supervisor])
      #expect(
        try await bench.outbox() == [#"access {"topics": \#(Self.list(made.json["topics"].ids)), "accounts": \#(accounts)}"#])
    }
  }
}
