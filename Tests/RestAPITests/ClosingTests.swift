import Domain
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
