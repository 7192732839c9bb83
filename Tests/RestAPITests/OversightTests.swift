import Domain
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Storage
import TestSupport
import Testing

@testable import RestAPI

/// The routes of those who oversee: the ledger of ghosts, erasures, holds, joining.
@Suite struct OversightTests {
  @Test func theLedgerIsReadFilteredAndAcknowledged() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let (here, there) = (try await world.newStay(own: true), try await world.newStay(own: false))
      let (admin, supervisor) = (world.person(.admin), world.person(.supervisor))
      func ids(_ person: Signed, _ query: String = "") async throws -> [Int64] {
        try await person.send(.get, "/api/v1/ghosts\(query)").json["items"].ids
      }
      #expect(try await ids(admin) == [there.rawValue, here.rawValue])
      #expect(try await ids(supervisor) == [here.rawValue])
      #expect(try await ids(admin, "?organisation=\(world.here.id)") == [here.rawValue])
      #expect(try await ids(admin, "?from=2020-01-01&to=2020-02-01").isEmpty)
      #expect(try await ids(admin, "?cursor=\(there)") == [here.rawValue])
      #expect(try await admin.send(.get, "/api/v1/ghosts?show=all").status == 422)
      #expect(try await admin.send(.get, "/api/v1/ghosts?from=2020").fields == ["from": "invalid"])
      #expect(try await ids(supervisor, "?show=unacknowledged") == [here.rawValue])
      let answer = try await supervisor.send(.post, "/api/v1/ghosts/\(here)/acknowledge", #"{"remark":"koʻrdim"}"#)
      #expect(answer.status == 200 && answer.json["remark"].string == "koʻrdim")
      #expect(answer.json["acknowledged"]["by"]["id"].number == supervisor.account.rawValue)
      #expect(try await ids(supervisor, "?show=unacknowledged").isEmpty)
      #expect(try await admin.send(.post, "/api/v1/ghosts/\(here)/acknowledge", "{}").status == 409)
      // Not one's own.
      let watcher = try await bench.database.app.run { session -> AccountID in
        try session.one("SELECT account_id FROM observation WHERE id = \(there)").decode(at: 0)
      }
      #expect(try await bench.signedIn(watcher).send(.post, "/api/v1/ghosts/\(there)/acknowledge", "{}").status == 403)
      let detail = try await supervisor.send(.get, "/api/v1/ghosts/\(here)").json
      let kinds = detail["ledger"].list.map { $0["kind"].string }
      #expect(kinds == ["start", "end", "acknowledge"])
      #expect(detail["stay"]["reason"].string == "a complaint")
      let report = try await supervisor.send(.get, "/api/v1/ghosts/report").json["items"].list
      #expect(report.count == 1 && report.first?["stays"].number == 1 && report.first?["seconds"].number == 300)
      #expect(report.first?["organisations"].list == [.text("Here")] && report.first?["unacknowledged"].number == 0)
      #expect(try await bench.actions().last == "observation.acknowledge")
      // Nothing of it reaches anybody else: no news, no notification.
      #expect(try await bench.outbox().isEmpty)
    }
  }

  @Test func anErasureTakesTwoAndIsLogged() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let (topic, seq) = try await world.newMessage(own: true)
      let (admin, supervisor) = (world.person(.admin), world.person(.supervisor))
      let body = #"{"topic":\#(topic),"message":\#(seq),"reason":"sud qarori"}"#
      #expect(
        try await admin.send(.post, "/api/v1/erasures", #"{"topic":\#(topic),"message":\#(seq),"reason":"x"}"#).status == 422)
      #expect(
        try await admin.send(.post, "/api/v1/erasures", #"{"topic":\#(topic),"message":99,"reason":"sud qarori"}"#).fields == [
          "message": "unknown"
        ])
      #expect(
        try await admin.send(.post, "/api/v1/erasures", #"{"topic":987654,"message":1,"reason":"sud qarori"}"#).fields == [
          "topic": "unknown"
        ])
      let asked = try await admin.send(.post, "/api/v1/erasures", body)
      #expect(asked.status == 201 && asked.json["state"].string == "requested" && !asked.text.contains("maxfiy"))
      let id = try #require(asked.json["id"].number)
      #expect(try await admin.send(.post, "/api/v1/erasures", body).status == 409)
      #expect(try await admin.send(.post, "/api/v1/erasures/\(id)/confirm", "{}").status == 403)
      let hold = try await admin.send(.post, "/api/v1/legal-holds", #"{"organisation":\#(world.here.id),"reason":"sud ishi"}"#)
      #expect(hold.status == 201)
      #expect(try await supervisor.send(.get, "/api/v1/erasures?state=requested").json["items"][0]["held"] == .flag(true))
      #expect(try await supervisor.send(.post, "/api/v1/erasures/\(id)/confirm", "{}").status == 409)
      let number = try #require(hold.json["id"].number)
      #expect(try await supervisor.send(.post, "/api/v1/legal-holds/\(number)/lift", #"{"reason":"tugadi"}"#).status == 403)
      #expect(try await admin.send(.post, "/api/v1/legal-holds/\(number)/lift", #"{"reason":"tugadi"}"#).status == 200)
      let before = try await bench.outbox().count
      let confirmed = try await supervisor.send(.post, "/api/v1/erasures/\(id)/confirm", "{}")
      #expect(confirmed.status == 200 && confirmed.json["state"].string == "confirmed")
      // Whoever asked is told, and every node is told to read on.
      let told = try await bench.outbox().dropFirst(before)
      #expect(told.count == 2 && told.first?.hasPrefix("notification ") == true)
      #expect(told.last == #"access {"topics": [\#(topic)], "accounts": []}"#)
      let fault = try await bench.database.app.run { try TopicLog.verifyChain(topic: topic, in: $0) }
      #expect(fault == nil)
      let left: Int64 = try await bench.database.app.run {
        try $0.one("SELECT count(*) FROM topic_body WHERE topic_id = \(topic)").decode(at: 0)
      }
      #expect(left == 0)
      let done = try await bench.actions().filter { $0 != "access.refuse" }
      #expect(done == ["erasure.create", "legal_hold.create", "legal_hold.delete", "erasure.confirm"])
      // A check of the database believes it: both rows of the log are of that moment and of sessions that were open.
      let faults = try await bench.database.app.run { try DatabaseAudit.run(now: { .now }, in: $0).faults.map(\.place) }
      let doubted = faults.filter { $0.hasPrefix("erasure") || $0.hasPrefix("legal hold") }
      #expect(doubted == [])
      #expect(try await supervisor.send(.get, "/api/v1/legal-holds").json["items"][0]["liftReason"].string == "tugadi")
    }
  }

  @Test func theFirstPersonMakesNoSecondOne() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let (topic, seq) = try await world.newMessage(own: true)
      let admin = world.person(.admin)
      // By every route that gives somebody a way in or a role, each for a person of their own.
      var people: [(what: String, account: AccountID)] = []
      func person(_ login: String) async throws -> AccountID {
        let account = try await bench.account(login)
        try await bench.database.makeMembership(account, role: "admin")
        return account
      }
      let made = try await admin.send(
        .post, "/api/v1/users",
        #"{"name":"Made","login":"made","password":"parol-1234-uzun","language":"uz","role":"admin"}"#)
      people.append(("made", AccountID(try #require(made.json["id"].number, "\(made.text)"))))
      let promoted = try await bench.account("promoted")
      #expect(try await admin.send(.post, "/api/v1/users/\(promoted)/memberships", #"{"role":"admin"}"#).status == 201)
      people.append(("promoted", promoted))
      let reset = try await person("reset")
      #expect(try await admin.send(.patch, "/api/v1/users/\(reset)", #"{"password":"boshqa-parol-12"}"#).status == 200)
      people.append(("reset", reset))
      let linked = try await person("linked")
      #expect(try await admin.send(.post, "/api/v1/users/\(linked)/reset-links", "{}").status == 201)
      people.append(("linked", linked))
      let enabled = try await person("enabled")
      for flag in [true, false] {
        #expect(try await admin.send(.patch, "/api/v1/users/\(enabled)", #"{"disabled":\#(flag)}"#).status == 200)
      }
      people.append(("enabled", enabled))
      let bare = try await person("bare")
      _ = try await bench.signedIn(bare).enrol()
      #expect(try await admin.send(.delete, "/api/v1/users/\(bare)/second-factor").status == 204)
      people.append(("bare", bare))
      let renamed = try await person("renamed")
      #expect(try await admin.send(.patch, "/api/v1/users/\(renamed)", #"{"name":"Renamed"}"#).status == 200)

      let body = #"{"topic":\#(topic),"message":\#(seq),"reason":"sud qarori"}"#
      let id = try #require(try await admin.send(.post, "/api/v1/erasures", body).json["id"].number)
      for (what, account) in people {
        let second = try await bench.signedIn(account)
        #expect(try await second.send(.post, "/api/v1/erasures/\(id)/confirm", "{}").status == 403, "\(what)")
      }
      // Somebody whose name was mended is who they were.
      #expect(try await bench.signedIn(renamed).send(.post, "/api/v1/erasures/\(id)/confirm", "{}").status == 200)
    }
  }

  @Test func theFilesOfAnErasedMessageGoFromTheStore() async throws {
    try await DocumentBench.run { bench in
      let text = "bir ikki uch, maxfiy"
      let document = try await bench.document(bench.client, "hisob.txt", text)
      let (topic, account, now) = (bench.topic, bench.client.account, bench.bench.clock.time)
      let request = LogRequest(
        topic: topic, account: account, session: nil, key: .random(),
        action: .send(body: "", reply: 0, holding: false, documents: [document]), at: now, salt: [UInt8](repeating: 1, count: 16))
      _ = try await bench.database.app.run { try TopicLog.append([.append(request)], in: $0) }
      let preview = try await bench.make(["preview"], of: document, Array("what is shown of it".utf8))
      let (hash, shown) = (BlobHash(of: Array(text.utf8)), try #require(BlobHash(bytes: preview)))
      let keeper = Housekeeping(services: bench.bench.services), blobs = bench.bench.services.blobs
      await keeper.tidy(hourly: true)
      for one in [hash, shown] { #expect(try await blobs.size(of: one) != nil) }
      let asked = try await bench.admin.send(
        .post, "/api/v1/erasures", #"{"topic":\#(topic),"message":1,"reason":"sud qarori"}"#)
      let id = try #require(asked.json["id"].number)
      #expect(try await bench.supervisor.send(.post, "/api/v1/erasures/\(id)/confirm", "{}").status == 200)
      await keeper.tidy(hourly: false)
      for one in [hash, shown] { #expect(try await blobs.size(of: one) == nil) }
      let removed = try await bench.bench.actions().filter { $0 == "file.remove" }
      #expect(removed.count == 2)
      // Who has the same file and brings it again has it, and keeps it.
      let again = try await bench.document(bench.client, "hisob.txt", text)
      #expect(again != document)
      await keeper.tidy(hourly: true)
      #expect(try await blobs.size(of: hash) == Int64(text.utf8.count))
    }
  }

  @Test func aHoldOfAnotherOrganisationsTopicIsUnknown() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      for topic in ["\(world.there.topic(.bank))", "987654"] {
        let body = #"{"organisation":\#(world.here.id),"topic":\#(topic),"reason":"sud ishi"}"#
        #expect(try await world.person(.admin).send(.post, "/api/v1/legal-holds", body).fields == ["topic": "unknown"])
      }
    }
  }

  @Test func whoJoinsTakesPartAndLeavesAgain() async throws {
    try await DocumentBench.run { bench in
      let (supervisor, topic) = (bench.supervisor, bench.topic)
      try await bench.observe(supervisor)
      #expect(try await supervisor.send(.get, "/api/v1/topics/\(topic)/documents").status == 200)
      let began = try await bench.begin(supervisor, "a.txt", size: 5)
      #expect(began.answer.status == 404, "a ghost writes nothing")
      #expect(try await supervisor.send(.post, "/api/v1/topics/\(topic)/join", "{}").status == 204)
      #expect(try await supervisor.send(.post, "/api/v1/topics/\(topic)/join", "{}").status == 409)
      let open = try await bench.count("SELECT count(*) FROM observation WHERE ended_at IS NULL")
      #expect(open == 0)
      #expect(try await bench.begin(supervisor, "a.txt", size: 5).answer.status == 201)
      // Told as any joining is.
      #expect(try await bench.bench.outbox() == [#"access {"topics": [\#(topic)], "accounts": [\#(supervisor.account)]}"#])
      // Only here.
      #expect(try await bench.begin(supervisor, "a.txt", size: 5, topic: bench.here.topic(.ttn)).answer.status == 404)
      #expect(try await supervisor.send(.delete, "/api/v1/topics/\(topic)/join").status == 204)
      #expect(try await supervisor.send(.delete, "/api/v1/topics/\(topic)/join").status == 409)
      #expect(try await supervisor.send(.get, "/api/v1/topics/\(topic)/documents").status == 404)
      let done = try await bench.bench.actions().filter { $0.hasPrefix("topic.") }
      #expect(done == ["topic.join", "topic.leave"])
    }
  }

  @Test func leavingOneTopicKeepsTheOthers() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let admin = world.person(.admin)
      try await bench.database.makeAssignment(admin.account, organisation: world.here.id)
      #expect(try await admin.send(.delete, "/api/v1/topics/\(world.here.topic(.faktura))/join").status == 204)
      let items = try await admin.send(.get, "/api/v1/assignments?account=\(admin.account)").json["items"].list
      let topics = items.first?["topics"].list.compactMap(\.string)
      #expect(items.count == 1 && topics == ["bank", "dogovor", "dovernost", "ttn"])
    }
  }

  @Test func theRootsOfTheDaysAreLaidIntoAFolder() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      _ = try await world.newStay(own: true)
      let folder = TestFolder.path + "/roots-\(Key.random())"
      let roots = GhostRoots(database: bench.services.database, folder: folder)
      let today = LocalDate(inTashkentAt: .now)
      #expect(try await roots.write(before: today) == 1)
      #expect(try await roots.write(before: today) == 0)
      let file = URL(filePath: folder).appending(path: "ghosts-\(today.advanced(by: -1)).txt")
      let line = try String(contentsOf: file, encoding: .utf8)
      #expect(GhostLedger.Root(line: line.trimmingCharacters(in: .newlines))?.head.seq == 0)
      let listed = try await world.person(.admin).send(.get, "/api/v1/ghosts/roots").json["items"].list
      let days = listed.map { $0["day"].string }
      #expect(days == [today.advanced(by: -1).description])
      #expect(try await GhostRoots(database: bench.services.database, folder: "").write(before: today) == 0)
    }
  }

  /// What a file is written into, that lets something happen after its first piece.
  private struct Sink: ResponseBodyWriter {
    final class Pieces: @unchecked Sendable { var count = 0 }
    let pieces: Pieces
    let afterFirst: @Sendable () async throws -> Void

    mutating func write(_ buffer: ByteBuffer) async throws {
      pieces.count += 1
      if pieces.count == 1 { try await afterFirst() }
    }
    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
  }

  @Test(arguments: [false, true])
  func aDownloadStopsInTheMiddleWhenTheStayEnds(_ byItself: Bool) async throws {
    try await DocumentBench.run { bench in
      let document = try await bench.document(bench.client)
      try await bench.send(document, as: 1)
      try await bench.make(of: document, [UInt8](repeating: 65, count: 1 << 20), type: "txt")
      try await bench.observe(bench.supervisor)
      let (clock, services) = (bench.bench.clock, bench.bench.services)
      for person in [bench.supervisor, bench.accountant] {
        let reader = DocumentReader(account: person.account, session: person.session, at: clock.time)
        let found = try await bench.database.app.run { try Documents.file(document, .file, for: reader, in: $0) }
        let file = try #require(found)
        let answer = try await FileAnswer(file: file, isDownload: true).response(
          .whole, from: services.blobs, hasBody: true, watch: StayWatch(file, services))
        let pieces = Sink.Pieces()
        let sink = Sink(pieces: pieces) {
          clock.advance(byItself ? TopicLog.observationTime + .seconds(60) : .seconds(2))
          if !byItself {
            try await bench.database.app.run { try $0.execute("UPDATE observation SET ended_at = now() WHERE ended_at IS NULL") }
          }
        }
        let error = await failure { try await answer.body.write(sink) }
        // A participant gets all of it, a ghost the piece that was on its way.
        let isGhost = person.account == bench.supervisor.account
        #expect((error as? Problem)?.code == (isGhost ? "not_found" : nil))
        #expect(isGhost ? pieces.count == 1 : pieces.count > 10)
      }
      let reader = DocumentReader(account: bench.supervisor.account, session: bench.supervisor.session, at: clock.time)
      let late = try await bench.database.app.run { try Documents.file(document, .file, for: reader, in: $0) }
      #expect(late == nil)
    }
  }
}
