import Audit
import Crypto
import Domain
import Foundation
import HTTPTypes
import Storage
import TestSupport
import Testing

@testable import RestAPI

/// A company that leaves.
@Suite struct ClosingTests {
  @Test func nobodyGetsInAndNothingIsLost() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let (admin, client) = (world.person(.admin), world.person(.client))
      let invitation = try await world.newInvitation(to: world.here.id, by: client.account)
      let path = "/api/v1/organisations/\(world.here.id)/closing"
      let preview = try await admin.send(.get, path)
      #expect(
        preview.json["memberships"].number == 6 && preview.json["assignments"].number == 1
          && preview.json["invitations"].number == 1)
      let topic = world.here.topic(.bank)
      let before = try await bench.access(topic)
      let closed = try await admin.send(.post, path, #"{"reason":"Shartnoma tugadi"}"#)
      #expect(closed.status == 200 && closed.text == preview.text, "\(closed.text)")
      // What was decided before it counts no more in the chat: whoever takes part is read again under the topic's lock.
      #expect(try await bench.access(topic) == before + 1)
      let participants: Int64? = try await bench.database.app.run {
        try $0.value("SELECT count(*) FROM topic_participant WHERE topic_id = \(topic)")
      }
      #expect(participants == 0)
      #expect(try await client.send(.get, "/api/v1/organisations").json["items"].list.isEmpty)
      #expect(try await client.send(.get, "/api/v1/session").json["memberships"] == .list([]))
      #expect(try await bench.send(.post, "/api/v1/one-time/look", #"{"token":"\#(invitation.token)"}"#).status == 404)
      let list = try await admin.send(.get, "/api/v1/organisations").json["items"].list
      let isOpen = list.map { $0["closedAt"] == .null }
      #expect(isOpen == [false, true])
      // Twice is once, and nobody comes back by another door.
      #expect(try await admin.send(.post, path, #"{"reason":"Yana"}"#).status == 404)
      let accountant = world.person(.accountant).account
      for (path, body) in [
        ("/api/v1/users/\(client.account)/memberships", #"{"role":"client","organisation":\#(world.here.id)}"#),
        (
          "/api/v1/assignments",
          #"{"account":\#(accountant),"organisation":\#(world.here.id),"topics":["bank"],"from":"2030-01-01"}"#
        ),
        ("/api/v1/invitations", #"{"role":"client","organisation":\#(world.here.id)}"#),
      ] {
        let answer = try await admin.send(.post, path, body)
        #expect(answer.status == 409 && answer.code == "organisation_closed", "\(path) \(answer.text)")
      }
      let done = try await bench.actions().filter { $0 != "access.refuse" }
      #expect(done == ["organisation.close"])
      let told = try await bench.outbox().last
      #expect(told?.contains("\"\(client.account)") == false && told?.contains("\(client.account)") == true)
    }
  }

  @Test("The whole of one company as one signed archive; refused without a key, and logged before it goes out")
  func bundle() async throws {
    try await withTemporaryFolder { folder in
      let key = Curve25519.Signing.PrivateKey()
      try SigningKey.pem(key).write(toFile: folder + "/key.pem", atomically: true, encoding: .utf8)
      try await RestBench.run(environment: ["REST_AUDIT_KEY": folder + "/key.pem"]) { bench in
        let world = try await AccessWorld.make(bench)
        let admin = world.person(.admin)
        for organisation in [world.here, world.there] {
          let client = organisation.id == world.here.id ? world.person(.client) : world.foreignClient
          let send = LogRequest(
            topic: organisation.topic(.bank), account: client.account, session: nil, key: .random(),
            action: .send(body: "Salom", reply: 0, holding: false), at: .now, salt: [UInt8](repeating: 7, count: 16))
          _ = try await bench.database.app.run { try TopicLog.append([.append(send)], in: $0) }
        }
        let (path, closing) = (
          "/api/v1/organisations/\(world.here.id)/bundle", "/api/v1/organisations/\(world.here.id)/closing"
        )
        #expect(try await admin.send(.post, closing, #"{"reason":"Shartnoma tugadi"}"#).json["openCases"].number == 1)
        // Of a company that has left as of any other.
        let answer = try await admin.send(.get, path)
        #expect(answer.status == 200 && answer.headers[.contentType] == "application/x-tar")
        #expect(answer.headers[.contentDisposition]?.hasPrefix("attachment") == true)
        let file = folder + "/bundle.tar"
        try Data(answer.bytes).write(to: URL(filePath: file))
        let report = try BundleVerifier.verify(path: file, key: key.publicKey)
        #expect(report.faults == [])
        // The message and its close of the one company; nothing of the other.
        #expect(report.counts["organisations"] == 1 && report.counts["topics"] == 5 && report.counts["messages"] == 2)
        #expect(try await bench.actions().last == "audit.export")
        #expect(try await admin.send(.head, path).status == 200)
        let downloads = try await bench.actions().filter { $0 == "audit.export" }
        #expect(downloads.count == 1)
        #expect(try await admin.send(.get, "/api/v1/organisations/999999/bundle").status == 404)

        // What can't be logged isn't sent.
        try await bench.database.superuser.run { try $0.execute("REVOKE INSERT ON action_log FROM onefin_app") }
        let unlogged = try await admin.send(.get, path)
        #expect(unlogged.status == 500 && unlogged.headers[.contentType] != "application/x-tar")
      }
    }
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let path = "/api/v1/organisations/\(world.here.id)/bundle"
      #expect(try await world.person(.admin).send(.get, path).status == 409)
      #expect(try await bench.actions().isEmpty)
    }
  }

  @Test func whoIsGivenARoleAtThatMomentLosesItToo() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let admin = world.person(.admin)
      let account = try await bench.account("late")
      let organisation = world.here.id
      let answer = try await bench.answer(behind: { session in
        _ = try Accounts.addMembership(account, role: .client, organisation: organisation, department: nil, in: session)
      }) {
        try await admin.send(.post, "/api/v1/organisations/\(organisation)/closing", #"{"reason":"Shartnoma tugadi"}"#)
      }
      #expect(answer.status == 200, "\(answer.text)")
      let live: Int64? = try await bench.database.app.run {
        try $0.value("SELECT count(*) FROM membership WHERE organisation_id = \(organisation) AND ended_at IS NULL")
      }
      #expect(live == 0)
    }
  }
}
