import Domain
import Foundation
import HTTPTypes
import Storage
import TestSupport
import Testing

@testable import RestAPI

/// The way of a file from the first byte to the document.
@Suite struct UploadTests {
  /// Without it each document would wait for the worker's next look.
  @Test(.timeLimit(.minutes(10))) func workersAreWokenForADocumentAndForASample() async throws {
    try await DocumentBench.run { bench in
      let (rings, ring) = AsyncStream<Bool>.makeStream()
      let listener = try NotificationListener(
        bench.database.configuration(), channels: [Jobs.wakeChannel],
        callbacks: .init(onConnected: { ring.yield(false) }, onNotification: { _ in ring.yield(true) }))
      defer { listener.stop() }
      var heard = rings.makeAsyncIterator()
      #expect(await heard.next() == false)
      let uploaded = try await bench.upload(bench.client, "hisob.pdf", Sample.pdf)
      try #require(uploaded.status == 200)
      #expect(await heard.next() == true)
      let wish = #"{"version":0,"text":"x","opacity":0.2,"position":"topLeft"}"#
      let asked = try await bench.admin.send(.post, "/api/v1/settings/watermark/samples", wish)
      try #require(asked.status == 201)
      #expect(await heard.next() == true)
    }
  }

  @Test func aFileBecomesADocumentWithAJobAndARowInTheLog() async throws {
    try await DocumentBench.run { bench in
      let answer = try await bench.upload(bench.client, "hisob-faktura.pdf", Sample.pdf)
      #expect(answer.status == 200, "\(answer.text)")
      let document = answer.json["document"]
      #expect(document["name"].string == "hisob-faktura.pdf" && document["type"].string == "pdf")
      #expect(document["size"].number == Int64(Sample.pdf.count) && document["media"].string == "waiting")
      #expect(document["message"] == .null && document["replaces"] == .null && document["state"].string == "received")
      #expect(document["uploader"].number == bench.client.account.rawValue && document["staff"] == .flag(false))
      #expect(document["topic"].number == bench.topic.rawValue && document["unstamped"] == .null)

      let hash = BlobHash(of: Sample.pdf)
      let kept = try await bench.bench.services.blobs.size(of: hash)
      #expect(kept == Int64(Sample.pdf.count))
      #expect(try await bench.count("SELECT count(*) FROM job WHERE kind = 'document' AND state = 'waiting'") == 1)
      let stored = try await bench.database.app.run { try $0.one("SELECT hash FROM document").decode(at: 0, as: [UInt8].self) }
      #expect(stored == hash.bytes)
      #expect(try await bench.bench.actions() == ["document.upload"])
      #expect(bench.files().isEmpty, "what was kept needs no second copy")
    }
  }

  @Test func staffFilesAreOfTheFirmsSide() async throws {
    try await DocumentBench.run { bench in
      let answer = try await bench.upload(bench.accountant, "akt.pdf", Sample.pdf)
      #expect(answer.json["document"]["staff"] == .flag(true) && answer.json["document"]["unstamped"] == .null)
    }
  }

  @Test func piecesComeOneAfterTheOtherAndAWrongPlaceIsNamed() async throws {
    try await DocumentBench.run { bench in
      let (id, begun) = try await bench.begin(bench.client, "a.pdf", size: Sample.pdf.count)
      #expect(begun.status == 201 && begun.json["offset"].number == 0 && begun.json["chunk"].number == UploadStream.chunk)
      let early = try await bench.append(bench.client, id, at: 10, Array(Sample.pdf[10..<20]))
      #expect(early.status == 409 && early.code == "upload_offset" && early.headers[.uploadOffset] == "0")
      let first = try await bench.append(bench.client, id, at: 0, Array(Sample.pdf[..<20]))
      #expect(first.status == 200 && first.json["offset"].number == 20 && first.json["document"] == .null)
      let again = try await bench.append(bench.client, id, at: 0, Array(Sample.pdf[..<20]))
      #expect(again.status == 409 && again.headers[.uploadOffset] == "20")
      let look = try await bench.client.send(.get, "/api/v1/uploads/\(id)")
      #expect(look.status == 200 && look.json["offset"].number == 20 && look.headers[.uploadOffset] == "20")
      let last = try await bench.append(bench.client, id, at: 20, Array(Sample.pdf[20...]))
      #expect(last.status == 200 && last.json["document"]["type"].string == "pdf")
      // The same request again, because its answer was lost, is answered alike.
      let repeated = try await bench.append(bench.client, id, at: 20, Array(Sample.pdf[20...]))
      #expect(repeated.status == 200 && repeated.json["document"]["document"] == last.json["document"]["document"])
      let end = try await bench.client.send(.get, "/api/v1/uploads/\(id)")
      #expect(end.json["document"]["document"] == last.json["document"]["document"])
      #expect(try await bench.count("SELECT count(*) FROM document") == 1)
    }
  }

  @Test func moreThanWasAnnouncedIsRefusedAndNothingOfItKept() async throws {
    try await DocumentBench.run { bench in
      let (id, _) = try await bench.begin(bench.client, "a.pdf", size: 10)
      let answer = try await bench.append(bench.client, id, at: 0, Sample.pdf)
      #expect(answer.status == 413 && answer.code == "too_large")
      let look = try await bench.client.send(.get, "/api/v1/uploads/\(id)")
      #expect(look.json["offset"].number == 0)
      let nowhere = try await bench.client.send(.patch, "/api/v1/uploads/\(id)", bytes: [1])
      #expect(nowhere.status == 400 && nowhere.code == "malformed")
    }
  }

  @Test func anIdMeansOneUploadOfOneAccount() async throws {
    try await DocumentBench.run { bench in
      let (id, first) = try await bench.begin(bench.client, "a.pdf", size: Sample.pdf.count)
      #expect(first.status == 201)
      _ = try await bench.append(bench.client, id, at: 0, Array(Sample.pdf[..<5]))
      let same = try await bench.begin(bench.client, "a.pdf", size: Sample.pdf.count, id: id).answer
      #expect(same.status == 200 && same.json["offset"].number == 5)
      let other = try await bench.begin(bench.client, "b.pdf", size: Sample.pdf.count, id: id).answer
      #expect(other.status == 409 && other.code == "conflict")
      // Somebody else's upload of the same id is another one, and tells nothing of this one.
      let theirs = try await bench.begin(bench.accountant, "a.pdf", size: Sample.pdf.count, id: id).answer
      #expect(theirs.status == 201 && theirs.json["offset"].number == 0)
      let unknown = try await bench.stranger.send(.get, "/api/v1/uploads/\(id)")
      #expect(unknown.status == 404)
    }
  }

  @Test func aCancelledUploadIsGone() async throws {
    try await DocumentBench.run { bench in
      let (id, _) = try await bench.begin(bench.client, "a.pdf", size: Sample.pdf.count)
      _ = try await bench.append(bench.client, id, at: 0, Array(Sample.pdf[..<5]))
      #expect(bench.files().count == 1)
      #expect(try await bench.stranger.send(.delete, "/api/v1/uploads/\(id)").status == 404)
      #expect(try await bench.client.send(.delete, "/api/v1/uploads/\(id)").status == 204)
      #expect(try await bench.client.send(.delete, "/api/v1/uploads/\(id)").status == 204)
      #expect(bench.files().isEmpty)
      let late = try await bench.append(bench.client, id, at: 5, Array(Sample.pdf[5...]))
      #expect(late.json["refusal"].string == "cancelled" && late.json["document"] == .null)
      let whole = try await bench.begin(bench.client, "b.pdf", size: Sample.pdf.count)
      _ = try await bench.append(bench.client, whole.id, at: 0, Sample.pdf)
      let tooLate = try await bench.client.send(.delete, "/api/v1/uploads/\(whole.id)")
      #expect(tooLate.status == 409)
    }
  }

  @Test func aTopicToWriteInIsNeededAtTheBeginningAndAtTheEnd() async throws {
    try await DocumentBench.run { bench in
      let foreign = try await bench.begin(bench.client, "a.pdf", size: 10, topic: bench.there.topic(.bank)).answer
      let missing = try await bench.begin(bench.client, "a.pdf", size: 10, topic: TopicID(987_654)).answer
      #expect(foreign.status == 404 && missing.status == 404 && foreign.text == missing.text)
      // Who only watches uploads nothing.
      try await bench.observe(bench.supervisor)
      #expect(try await bench.begin(bench.supervisor, "a.pdf", size: 10).answer.status == 404)

      let (id, begun) = try await bench.begin(bench.accountant, "a.pdf", size: Sample.pdf.count)
      #expect(begun.status == 201)
      let account = bench.accountant.account
      try await bench.database.app.run {
        try $0.execute("UPDATE assignment SET ended_at = now() WHERE account_id = \(account)")
      }
      let end = try await bench.append(bench.accountant, id, at: 0, Sample.pdf)
      #expect(end.status == 404 && end.code == "not_found")
      #expect(try await bench.count("SELECT count(*) FROM document") == 0)
      let look = try await bench.accountant.send(.get, "/api/v1/uploads/\(id)")
      #expect(look.json["refusal"].string == "not_found")
    }
  }

  @Test func aNewerVersionReplacesOnesOwnSentDocumentOfTheTopic() async throws {
    try await DocumentBench.run { bench in
      let old = try await bench.document(bench.client)
      let unsent = try await bench.upload(bench.client, "b.txt", Sample.text, replaces: old.rawValue)
      #expect(unsent.status == 422 && unsent.fields == ["replaces": "unknown"])
      try await bench.send(old, as: 1)
      let another = try await bench.upload(bench.accountant, "b.txt", Sample.text, replaces: old.rawValue)
      #expect(another.status == 422)
      let elsewhere = try await bench.upload(
        bench.client, "b.txt", Sample.text, topic: bench.here.topic(.ttn), replaces: old.rawValue)
      #expect(elsewhere.status == 422 && elsewhere.fields == ["replaces": "unknown"])
      let newer = try await bench.upload(bench.client, "b.txt", Sample.text, replaces: old.rawValue)
      #expect(newer.json["document"]["replaces"].number == old.rawValue)
    }
  }

  @Test(arguments: [
    ("../../etc/passwd", "passwd"), ("C:\\\\Users\\\\x\\\\akt.pdf", "akt.pdf"), ("akt\u{202E}fdp.exe", "aktfdp.exe"),
    ("  счёт №1.pdf ", "счёт №1.pdf"), ("\u{200B}a.pdf", "a.pdf"),
  ])
  func aNameIsNoPathAndNoTrick(sent: String, kept: String) async throws {
    try await DocumentBench.run { bench in
      let answer = try await bench.begin(bench.client, sent, size: 10).answer
      #expect(answer.status == 201 && answer.json["name"].string == kept, "\(answer.text)")
    }
  }

  @Test(arguments: ["..", "/", ".", "   ", "a/..", "\u{202E}"])
  func aNameThatIsNoneIsRefused(sent: String) async throws {
    try await DocumentBench.run { bench in
      let answer = try await bench.begin(bench.client, sent, size: 10).answer
      #expect(answer.status == 422 && answer.fields["name"] != nil, "\(answer.text)")
    }
  }

  @Test func aLongNameKeepsItsEnd() {
    let name = NewUpload.fileName(String(repeating: "ж", count: 600) + ".pdf")
    #expect(name.unicodeScalars.count == 255 && name.hasSuffix("ж.pdf") && name.contains("…"))
  }
}
