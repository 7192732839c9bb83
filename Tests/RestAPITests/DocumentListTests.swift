import Domain
import HTTPTypes
import Storage
import TestSupport
import Testing

@testable import RestAPI

/// Who knows of which documents.
@Suite struct DocumentListTests {
  private func gallery(_ person: Signed, _ topic: TopicID, _ query: String = "") async throws -> Answer {
    try await person.send(.get, "/api/v1/topics/\(topic)/documents" + (query.isEmpty ? "" : "?\(query)"))
  }

  private func numbers(_ answer: Answer) -> [Int64] { answer.json["items"].list.compactMap { $0["document"].number } }

  @Test func whatWasSentIsSeenByTheTopicAndWhatWasNotByItsUploaderAlone() async throws {
    try await DocumentBench.run { bench in
      let document = try await bench.document(bench.client)
      let query = "ids=\(document),987654"
      #expect(numbers(try await gallery(bench.client, bench.topic, query)) == [document.rawValue])
      #expect(numbers(try await gallery(bench.accountant, bench.topic, query)).isEmpty)
      #expect(numbers(try await gallery(bench.client, bench.topic)).isEmpty, "the gallery shows what was sent")
      try await bench.send(document, as: 1)
      for person in [bench.client, bench.accountant] {
        #expect(numbers(try await gallery(person, bench.topic, query)) == [document.rawValue])
        #expect(numbers(try await gallery(person, bench.topic)) == [document.rawValue])
      }
      // By the id through another topic it isn't there.
      #expect(numbers(try await gallery(bench.client, bench.here.topic(.ttn), query)).isEmpty)
      let foreign = try await gallery(bench.stranger, bench.topic, query)
      let missing = try await gallery(bench.stranger, TopicID(987_654), query)
      #expect(foreign.status == 404 && foreign.text == missing.text)
    }
  }

  @Test func whatHidesAMessageHidesItsDocuments() async throws {
    try await DocumentBench.run { bench in
      try await bench.observe(bench.supervisor)
      try await bench.observe(bench.admin)
      var documents: [DocumentID] = []
      for seq in 1...3 as ClosedRange<Int64> {
        let document = try await bench.document(bench.client)
        try await bench.send(document, as: seq)
        try await bench.make(of: document, Sample.pdf)
        documents.append(document)
      }
      let all = documents.map(\.rawValue).reversed().map { $0 }
      try await bench.hide(1, kind: 3, staff: false, as: 4)  // its client deletes
      try await bench.hide(2, kind: 4, staff: true, as: 5)  // a supervisor redacts
      try await bench.hide(3, kind: 3, staff: true, as: 6)  // staff delete: that hides nothing
      let expected: [(Signed, [Int64])] = [
        (bench.client, [all[0]]), (bench.accountant, [all[0]]), (bench.supervisor, [all[0], all[2]]), (bench.admin, all),
      ]
      for (person, visible) in expected {
        #expect(numbers(try await gallery(person, bench.topic)) == visible)
        for document in documents {
          let link = try await bench.link(person, document)
          #expect(link.answer.status == (visible.contains(document.rawValue) ? 201 : 404))
        }
      }
    }
  }

  @Test func whoTakesNoPartLooksOnlyInsideAnObservationAndItSaysHowFar() async throws {
    try await DocumentBench.run { bench in
      for seq in [3, 7] as [Int64] {
        let document = try await bench.document(bench.client)
        try await bench.send(document, as: seq)
        try await bench.make(of: document, Sample.pdf)
      }
      for person in [bench.admin, bench.supervisor] {
        #expect(try await gallery(person, bench.topic).status == 404)
        #expect(try await bench.link(person, DocumentID(1)).answer.status == 404)
        try await bench.observe(person)
        #expect(numbers(try await gallery(person, bench.topic)) == [2, 1])
        #expect(try await gallery(person, bench.here.topic(.ttn)).status == 404, "another topic's reason")
      }
      let listed = try await bench.database.app.run { session in
        try GhostLedger.rows(after: 0, limit: 100, in: session).filter { $0.kind == .documents }.map(\.detail)
      }
      #expect(listed == [#"{"documents": [2, 1]}"#, #"{"documents": [2, 1]}"#])
      // Another session of the same person watches by itself or not at all.
      let phone = try await bench.bench.signedIn(bench.admin.account)
      #expect(try await gallery(phone, bench.topic).status == 404)
      try await bench.database.app.run { try $0.execute("UPDATE observation SET ended_at = now()") }
      #expect(try await gallery(bench.admin, bench.topic).status == 404)
    }
  }

  @Test func theGalleryIsFilteredByKindPersonAndMonth() async throws {
    try await DocumentBench.run { bench in
      let files: [(Signed, String, [UInt8])] = [
        (bench.client, "a.pdf", Sample.pdf), (bench.client, "b.png", Sample.png), (bench.accountant, "c.txt", Sample.text),
        (bench.accountant, "d.pdf", Sample.pdf),
      ]
      for (index, file) in files.enumerated() {
        let answer = try await bench.upload(file.0, file.1, file.2)
        let number = try #require(answer.json["document"]["document"].number, "\(answer.text)")
        try await bench.send(DocumentID(number), as: Int64(index + 1), by: file.0.account)
      }
      let month = LocalDate(inTashkentAt: .now).description.prefix(7)
      let expected: [(String, [Int64])] = [
        ("", [4, 3, 2, 1]), ("kind=pdf", [4, 1]), ("kind=image", [2]), ("kind=other", [3]),
        ("person=\(bench.accountant.account)", [4, 3]), ("kind=pdf&person=\(bench.client.account)", [1]),
        ("month=\(month)", [4, 3, 2, 1]),
        ("month=2020-02", []), ("before=3", [2, 1]), ("person=987654", []),
      ]
      for (query, numbers) in expected {
        let answer = try await gallery(bench.client, bench.topic, query)
        #expect(self.numbers(answer) == numbers && answer.json["next"] == .null, "\(query): \(answer.text)")
      }
      let page = try await gallery(bench.client, bench.topic, "limit=3")
      #expect(numbers(page) == [4, 3, 2] && page.json["next"].string == "2")
      #expect(numbers(try await gallery(bench.client, bench.topic, "limit=3&before=2")) == [1])
      for query in ["kind=exe", "month=2026", "month=2026-13", "limit=101", "person=x", "ids=1,x"] {
        let answer = try await gallery(bench.client, bench.topic, query)
        #expect(
          answer.status == 422 && answer.fields[String(query.prefix { $0 != "=" })] == "invalid", "\(query): \(answer.text)")
      }
    }
  }
}
