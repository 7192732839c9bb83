import Domain
import Foundation
import HTTPTypes
import Storage
import TestSupport
import Testing

@testable import RestAPI

/// What whoever takes no part reads over REST, and that nobody else's answer shows it.
@Suite struct GhostReadingTests {
  /// A way of reading something of a topic: asks for it, as `person`.
  private struct Way: Sendable {
    let name: String
    let ask: @Sendable (DocumentBench, Signed, DocumentID) async throws -> Answer

    /// The address of a file, signed for the session that asks: whether somebody may have it is looked at again when it is opened.
    static func file(_ rendition: DocumentRendition, _ more: String = "") -> Way {
      Way(name: "\(rendition)\(more)") { bench, person, document in
        let expires = bench.bench.clock.time.advanced(by: .seconds(60)).microseconds / 1_000_000
        let target = FileLinks.Target(document: document, rendition: rendition, session: person.session, expires: expires)
        let signature = try await bench.bench.services.links.sign(target)
        return try await person.send(
          .get, "/files/\(document)/\(rendition.rawValue)?expires=\(expires)&signature=\(signature)\(more)")
      }
    }

    static let all: [Way] = [
      Way(name: "list") { bench, person, document in
        try await person.send(.get, "/api/v1/topics/\(bench.topic)/documents?ids=\(document)")
      },
      Way(name: "gallery") { bench, person, _ in try await person.send(.get, "/api/v1/topics/\(bench.topic)/documents") },
      Way(name: "filtered gallery") { bench, person, _ in
        try await person.send(.get, "/api/v1/topics/\(bench.topic)/documents?person=\(bench.client.account)")
      },
      Way(name: "link") { _, person, document in
        try await person.send(.post, "/api/v1/documents/\(document)/links", #"{"rendition":"file"}"#)
      },
      Way(name: "links") { bench, person, document in
        try await person.send(
          .post, "/api/v1/topics/\(bench.topic)/documents/links", #"{"documents":[\#(document)],"rendition":"thumbnail"}"#)
      },
      file(.file), file(.file, "&download=1"), file(.preview), file(.thumbnail),
    ]
  }

  private static func run(_ body: @escaping @Sendable (DocumentBench, DocumentID) async throws -> Void) async throws {
    try await DocumentBench.run { bench in
      let document = try await bench.document(bench.client, "maxfiy.txt")
      try await bench.send(document, as: 1)
      try await bench.make(["clean", "preview", "thumbnail"], of: document, Sample.pdf)
      try await body(bench, document)
    }
  }

  /// That every way answers as it does for a topic and a document that aren't there.
  private static func expectNothing(_ bench: DocumentBench, _ person: Signed, _ document: DocumentID, _ why: Comment) async throws
  {
    for way in Way.all {
      let answer = try await way.ask(bench, person, document)
      #expect(answer.status == 404 && !answer.text.contains("maxfiy") && !answer.text.contains("%PDF"), "\(way.name): \(why)")
    }
    let rows = try await bench.database.app.run { try GhostLedger.rows(after: 0, limit: 100, in: $0).map(\.kind) }
    #expect(!rows.contains(.documents) && !rows.contains(.file), why)
  }

  @Test func nothingIsReadWithoutTheRightObservation() async throws {
    try await Self.run { bench, document in
      for person in [bench.admin, bench.supervisor] { try await Self.expectNothing(bench, person, document, "none") }
      // Of other topics.
      let supervisor = bench.supervisor
      for kind in TopicKind.allCases where kind != .bank {
        let topic = bench.here.topic(kind)
        try await bench.database.app.run {
          try $0.execute(
            """
            INSERT INTO observation (account_id, session_id, topic_id, reason, ends_at)
            VALUES (\(supervisor.account), \(supervisor.session), \(topic), 'a complaint', now() + interval '30 minutes')
            """)
        }
      }
      try await Self.expectNothing(bench, supervisor, document, "another topic's")
      // Of another session, and of somebody else.
      let phone = try await bench.bench.signedIn(supervisor.account)
      try await bench.observe(phone)
      try await Self.expectNothing(bench, supervisor, document, "another session's")
      try await Self.expectNothing(bench, bench.admin, document, "somebody else's")
      // One that was ended.
      try await bench.observe(supervisor)
      try await bench.database.app.run { try $0.execute("UPDATE observation SET ended_at = now() WHERE ended_at IS NULL") }
      try await Self.expectNothing(bench, supervisor, document, "ended")
      // One whose time is over.
      try await bench.observe(supervisor)
      bench.bench.clock.advance(TopicLog.observationTime + .seconds(60))
      try await Self.expectNothing(bench, supervisor, document, "over")
    }
  }

  @Test func theOwnShowsEverythingAndTheLedgerSaysSo() async throws {
    try await Self.run { bench, document in
      try await bench.observe(bench.supervisor)
      for way in Way.all {
        let answer = try await way.ask(bench, bench.supervisor, document)
        #expect([200, 201].contains(answer.status), "\(way.name): \(answer.text)")
      }
      let rows = try await bench.database.app.run { try GhostLedger.rows(after: 0, limit: 100, in: $0) }
      let listings = rows.filter { $0.kind == .documents }.count
      #expect(listings == 3)
      let opened = rows.filter { $0.kind == .file }.map(\.document)
      #expect(opened == Array(repeating: document.rawValue, count: 4))
      let fault = try await bench.database.app.run { try GhostLedger.verify(in: $0) }
      #expect(fault == nil)
      // Its end takes it all away again.
      try await bench.database.app.run { try $0.execute("UPDATE observation SET ended_at = now()") }
      for way in Way.all { #expect(try await way.ask(bench, bench.supervisor, document).status == 404, "\(way.name)") }
    }
  }

  // MARK: Byte identity

  /// Everything that participants ask over REST, and what they are told, word for word.
  private static func told(_ bench: DocumentBench, _ document: DocumentID) async throws -> [String] {
    let topic = bench.topic
    let paths = [
      "/api/v1/session", "/api/v1/sessions", "/api/v1/users", "/api/v1/organisations", "/api/v1/departments",
      "/api/v1/assignments",
      "/api/v1/topics/\(topic)/documents", "/api/v1/topics/\(topic)/documents?ids=\(document)",
      "/api/v1/uploads/\(Key(high: 3, low: 4))",
      "/api/v1/ghosts", "/api/v1/ghosts/1", "/api/v1/ghosts/report", "/api/v1/erasures", "/api/v1/legal-holds", "/api/v1/config",
      "/api/v1/notifications", "/api/v1/notifications?limit=1", "/api/v1/queue", "/api/v1/integrity/roots",
    ]
    var lines: [String] = []
    for (name, person) in [("client", bench.client), ("accountant", bench.accountant)] {
      for path in paths {
        let answer = try await person.send(.get, path)
        let headers = answer.headers.filter { $0.name != .date && $0.name.canonicalName != "x-request-id" }
          .map { "\($0.name): \($0.value)" }.sorted()
        lines.append("\(name) \(path) \(answer.status) \(headers) \(answer.text)")
      }
      for way in Way.all {
        let answer = try await way.ask(bench, person, document)
        let headers = answer.headers.filter { $0.name != .date && $0.name.canonicalName != "x-request-id" }
          .map { "\($0.name): \($0.value)" }.sorted()
        lines.append("\(name) \(way.name) \(answer.status) \(headers) \(answer.text)")
      }
      for (path, body) in [("/api/v1/topics/\(topic)/join", "{}"), ("/api/v1/ghosts/1/acknowledge", "{}")] {
        let answer = try await person.send(.post, path, body)
        lines.append("\(name) \(path) \(answer.status) \(answer.text)")
      }
    }
    return lines
  }

  /// Everything that somebody who watches can do over REST, before the participants ask anything and between.
  private static func haunt(_ bench: DocumentBench, _ document: DocumentID) async throws {
    for person in [bench.supervisor, bench.admin] {
      try await bench.observe(person)
      for way in Way.all { #expect([200, 201].contains(try await way.ask(bench, person, document).status), "\(way.name)") }
      _ = try await Way.file(.original).ask(bench, person, document)
      // What a ghost may not do, tried.
      #expect(try await bench.begin(person, "a.txt", size: 5).answer.status == 404)
      for path in ["/api/v1/ghosts", "/api/v1/ghosts/report", "/api/v1/ghosts/roots", "/api/v1/erasures", "/api/v1/legal-holds"] {
        #expect(try await person.send(.get, path).status == 200)
      }
      try await bench.database.app.run { try $0.execute("UPDATE observation SET ended_at = now() WHERE ended_at IS NULL") }
    }
    let last = try await bench.count("SELECT max(id) FROM observation")
    #expect(try await bench.supervisor.send(.post, "/api/v1/ghosts/\(last)/acknowledge", "{}").status == 200)
  }

  /// What differs between any two databases: moments, and what is signed with a random key.
  private static func steady(_ lines: [String]) -> [String] {
    lines.map {
      $0.replacing(#/\d{4}-\d\d-\d\dT[0-9:.]+Z/#, with: "T").replacing(#/(expires=\d+&)?signature=[A-Za-z0-9_-]+/#, with: "S")
        .replacing(#/"csrf":"[^"]+"/#, with: "C").replacing(#/onefin_session=[^;]+/#, with: "K")
    }
  }

  private static func play(hasGhost: Bool) async throws -> [String] {
    let said = Said()
    try await Self.run { bench, document in
      if hasGhost { try await haunt(bench, document) }
      await said.add(try await told(bench, document))
      if hasGhost { try await haunt(bench, document) }
      // A second time: what the first round has counted would show now.
      await said.add(try await told(bench, document))
      // And what is new afterwards has the same numbers.
      let (id, _) = try await bench.begin(bench.client, "ikkinchi.txt", size: Sample.text.count, id: Key(high: 5, low: 6))
      let next = try await bench.append(bench.client, id, at: 0, Sample.text)
      await said.add(["\(next.status) \(next.text)"])
    }
    return steady(await said.lines)
  }

  private actor Said {
    var lines: [String] = []
    func add(_ more: [String]) { lines += more }
  }

  @Test func participantsAreToldTheSameWithAndWithoutAGhost() async throws {
    let without = try await Self.play(hasGhost: false)
    let with = try await Self.play(hasGhost: true)
    #expect(without.count > 90 && with.count == without.count)
    for (place, line) in with.enumerated() { #expect(line == without[place]) }
  }
}
