import Domain
import Foundation
import HTTPTypes
import Storage
import TestSupport
import Testing

@testable import RestAPI

/// Files as they are handed out.
@Suite struct FileTests {
  /// A document that was sent and whose renditions are there.
  private func ready(_ bench: DocumentBench, name: String = "hisob.txt", as message: Int64 = 1) async throws -> DocumentID {
    let document = try await bench.document(bench.client, name)
    try await bench.send(document, as: message)
    try await bench.make(["clean", "preview", "thumbnail"], of: document, Sample.pdf)
    return document
  }

  @Test func aLookIsWrittenDownWithWhoWhatAndFromWhere() async throws {
    try await DocumentBench.run { bench in
      let document = try await ready(bench)
      let link = try await bench.link(bench.accountant, document)
      #expect(link.answer.status == 201 && link.answer.json["expires"].string?.hasSuffix("Z") == true)
      #expect(try await bench.looks().isEmpty, "an address shows nothing")
      let answer = try await bench.accountant.send(.get, link.address)
      #expect(answer.status == 200 && answer.bytes == Sample.pdf)
      #expect(answer.headers[.contentType] == "application/pdf" && answer.headers[.xContentTypeOptions] == "nosniff")
      #expect(answer.headers[.contentSecurityPolicy]?.hasSuffix("; sandbox") == true)
      #expect(answer.headers[.contentDisposition] == "inline; filename=\"hisob.pdf\"; filename*=UTF-8''hisob.pdf")
      #expect(answer.headers[.cacheControl]?.contains("private") == true && answer.headers[.acceptRanges] == "bytes")
      let account = bench.accountant.account
      #expect(try await bench.looks() == ["document.view \(account) \(document) file 10.0.0.1"])
      let saved = try await bench.accountant.send(.get, link.address + "&download=1")
      #expect(saved.headers[.contentDisposition]?.hasPrefix("attachment;") == true)
      #expect(try await bench.looks().last == "document.download \(account) \(document) file 10.0.0.1")
      let details = try await bench.count(
        "SELECT count(*) FROM action_log WHERE action LIKE 'document.%' AND detail ? 'device' AND organisation_id IS NOT NULL")
      #expect(details == 2)
    }
  }

  @Test func nothingIsHandedOutWhatCannotBeWrittenDown() async throws {
    try await DocumentBench.run { bench in
      let document = try await ready(bench)
      let link = try await bench.link(bench.client, document)
      try await bench.database.superuser.run { try $0.execute("REVOKE INSERT ON action_log FROM onefin_app") }
      let answer = try await bench.client.send(.get, link.address)
      #expect(answer.status == 500 && !answer.text.contains("%PDF"))
    }
  }

  @Test func anAddressIsForOneSessionAndAFewMinutes() async throws {
    try await DocumentBench.run { bench in
      let document = try await ready(bench)
      let link = try await bench.link(bench.client, document)
      let phone = try await bench.bench.signedIn(bench.client.account)
      let missing = try await bench.client.send(.get, "/files/987654/file?expires=9999999999&signature=x")
      for person in [phone, bench.accountant, bench.stranger] {
        let answer = try await person.send(.get, link.address)
        #expect(answer.status == 404 && answer.text == missing.text)
      }
      #expect(try await bench.bench.send(.get, link.address).status == 401)
      let forged = [
        link.address.replacing("/files/\(document)/", with: "/files/\(document.rawValue + 1)/"),
        link.address.replacing("/file?", with: "/original?"), link.address.replacing("/file?", with: "/preview?"),
        link.address.replacing("expires=", with: "expires=1"), String(link.address.dropLast()) + "!",
        "/files/\(document)/file", "/files/\(document)/file?expires=99999999999&signature=",
      ]
      for address in forged { #expect(try await bench.client.send(.get, address).status == 404, "\(address)") }
      #expect(try await bench.looks().isEmpty)
      #expect(try await bench.client.send(.get, link.address).status == 200)
      bench.bench.clock.advance(FileLinks.life)
      #expect(try await bench.client.send(.get, link.address).status == 404)
    }
  }

  @Test func whatWasRevokedMeanwhileIsNotHandedOut() async throws {
    try await DocumentBench.run { bench in
      let document = try await ready(bench)
      let link = try await bench.link(bench.accountant, document)
      let account = bench.accountant.account
      try await bench.database.app.run { try $0.execute("UPDATE assignment SET ended_at = now() WHERE account_id = \(account)") }
      #expect(try await bench.accountant.send(.get, link.address).status == 404)
      #expect(try await bench.looks().isEmpty)
    }
  }

  @Test(arguments: [
    ("png", "inline"), ("jpeg", "inline"), ("webp", "inline"), ("pdf", "inline"), ("txt", "attachment"), ("csv", "attachment"),
    ("xml", "attachment"), ("docx", "attachment"), ("xlsx", "attachment"), ("p7s", "attachment"), ("tiff", "attachment"),
  ])
  func onlyWhatABrowserDrawsIsShownInThePage(type: String, disposition: String) async throws {
    try await DocumentBench.run { bench in
      let document = try await bench.document(bench.client)
      try await bench.send(document, as: 1)
      try await bench.make(["clean"], of: document, Sample.html, type: type)
      let answer = try await bench.client.send(.get, try await bench.link(bench.client, document).address)
      #expect(answer.headers[.contentDisposition]?.hasPrefix(disposition + ";") == true, "\(answer.headers)")
      #expect(answer.headers[.xContentTypeOptions] == "nosniff")
      #expect(answer.headers[.contentSecurityPolicy]?.contains("default-src 'none'") == true)
      #expect(answer.headers[.contentSecurityPolicy]?.hasSuffix("sandbox") == true)
    }
  }

  @Test func halfOfWhatIsMadeIsNotShown() async throws {
    try await DocumentBench.run { bench in
      let document = try await bench.document(bench.client)
      try await bench.send(document, as: 1)
      let hash = try await bench.keep(Sample.pdf)
      try await bench.database.app.run {
        try $0.execute(
          "INSERT INTO rendition (document_id, kind, hash, type, size) VALUES (\(document), 'clean', \(hash), 'pdf', \(Int64(Sample.pdf.count)))"
        )
      }
      #expect(try await bench.link(bench.client, document).answer.status == 404)
    }
  }

  @Test func bytesOfStrangersAreSavedAndNotShown() async throws {
    try await DocumentBench.run { bench in
      let document = try await bench.document(bench.client)
      try await bench.send(document, as: 1)
      try await bench.make(["clean"], of: document, Array("bir ikki uch".utf8))
      let answer = try await bench.accountant.send(.get, try await bench.link(bench.accountant, document).address)
      #expect(answer.status == 200 && answer.text == "bir ikki uch")
      #expect(answer.headers[.contentDisposition]?.hasPrefix("attachment;") == true)
    }
  }

  @Test func whatIsNotMadeYetIsNotThereAndTheOriginalIsTheAdmins() async throws {
    try await DocumentBench.run { bench in
      let document = try await bench.document(bench.client)
      try await bench.send(document, as: 1)
      for rendition in ["file", "stamped", "clean", "preview", "thumbnail", "original"] {
        for person in [bench.client, bench.accountant] {
          #expect(try await bench.link(person, document, rendition).answer.status == 404, "\(rendition)")
        }
      }
      let unknown = try await bench.link(bench.client, document, "raw").answer
      #expect(unknown.status == 422 && unknown.fields == ["rendition": "invalid"])
      try await bench.observe(bench.supervisor)
      #expect(try await bench.link(bench.supervisor, document, "original").answer.status == 404)
      #expect(try await bench.link(bench.admin, document, "original").answer.status == 404, "not outside an observation")
      try await bench.observe(bench.admin)
      let link = try await bench.link(bench.admin, document, "original")
      let answer = try await bench.admin.send(.get, link.address)
      #expect(answer.status == 200 && answer.text == "bir ikki uch")
      #expect(answer.headers[.contentDisposition]?.hasPrefix("attachment;") == true)
      let account = bench.admin.account
      #expect(try await bench.looks() == ["document.download \(account) \(document) original 10.0.0.1"])
    }
  }

  @Test func manyAddressesAreAskedForAtOnce() async throws {
    try await DocumentBench.run { bench in
      let shown = [try await ready(bench), try await ready(bench, name: "chek.txt", as: 2)]
      let waiting = try await bench.document(bench.client)
      try await bench.send(waiting, as: 3)
      let path = "/api/v1/topics/\(bench.topic)/documents/links"
      let ids = (shown + [waiting]).map(\.description).joined(separator: ",")
      let body = #"{"documents":[\#(ids),987654],"rendition":"thumbnail"}"#
      let answer = try await bench.accountant.send(.post, path, body)
      #expect(answer.status == 201)
      let items = answer.json["items"].list
      #expect(
        items.map { $0["document"] } == shown.map { .integer($0.rawValue) }, "what isn't made yet, or isn't there, is left out")
      #expect(try await bench.looks().isEmpty)
      for item in items {
        #expect(try await bench.accountant.send(.get, item["address"].string ?? "").status == 200)
        #expect(try await bench.client.send(.get, item["address"].string ?? "").status == 404)
      }
      #expect(try await bench.looks().count == 2)
      #expect(try await bench.stranger.send(.post, path, body).status == 404)
      #expect(try await bench.supervisor.send(.post, path, body).status == 404, "not outside an observation")
      try await bench.observe(bench.supervisor)
      #expect(try await bench.supervisor.send(.post, path, body).json["items"].list.count == 2)
      let originals = try await bench.supervisor.send(.post, path, body.replacing("thumbnail", with: "original"))
      #expect(originals.status == 201 && originals.json["items"].list.isEmpty)
      let other = "/api/v1/topics/\(bench.here.topic(.ttn))/documents/links"
      let elsewhere = try await bench.client.send(.post, other, body)
      #expect(elsewhere.status == 201 && elsewhere.json["items"].list.isEmpty, "documents of another topic aren't told")
      for wrong in ["[]", "[0]", "[\"7\"]", "7", "[\((1...201).map(String.init).joined(separator: ","))]"] {
        let refused = try await bench.client.send(.post, path, #"{"documents":\#(wrong),"rendition":"thumbnail"}"#)
        #expect(refused.status == 422 && refused.fields.keys.sorted() == ["documents"], "\(wrong)")
      }
    }
  }

  @Test func partsOfAFile() async throws {
    try await DocumentBench.run { bench in
      let document = try await ready(bench)
      let link = try await bench.link(bench.client, document)
      let size = Sample.pdf.count
      func get(_ range: String, _ further: HTTPFields = [:]) async throws -> Answer {
        var headers = further
        headers[.range] = range
        return try await bench.client.send(.get, link.address, headers: headers)
      }
      let whole = try await bench.client.send(.get, link.address)
      let tag = try #require(whole.headers[.eTag])
      let parts: [(String, Range<Int>)] = [
        ("bytes=0-4", 0..<5), ("bytes=5-", 5..<size), ("bytes=-3", size - 3..<size), ("bytes=4-9999", 4..<size),
      ]
      for (header, range) in parts {
        let answer = try await get(header)
        #expect(answer.status == 206 && answer.bytes == Array(Sample.pdf[range]), "\(header)")
        #expect(answer.headers[.contentRange] == "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)")
      }
      let past = try await get("bytes=\(size)-")
      #expect(past.status == 416 && past.headers[.contentRange] == "bytes */\(size)")
      for header in ["bytes=0-1,3-4", "lines=1-2", "bytes=x-", "bytes=5-4", "bytes=-"] {
        let answer = try await get(header)
        #expect(answer.status == 200 && answer.bytes == Sample.pdf, "\(header)")
      }
      #expect(try await get("bytes=0-4", [.ifRange: tag]).status == 206)
      #expect(try await get("bytes=0-4", [.ifRange: "\"other\""]).status == 200)
      let known = try await bench.client.send(.get, link.address, headers: [.ifNoneMatch: tag])
      #expect(known.status == 304 && known.bytes.isEmpty && known.headers[.eTag] == tag)
    }
  }

  @Test func theFurtherPartsOfALookAreTheSameLook() async throws {
    try await DocumentBench.run { bench in
      let document = try await ready(bench)
      let link = try await bench.link(bench.client, document)
      // Whoever begins in the middle is written down all the same.
      for (range, rows) in [("bytes=5-9", 1), ("bytes=10-19", 1), ("bytes=-3", 1), ("bytes=0-4", 2)] {
        #expect(try await bench.client.send(.get, link.address, headers: [.range: range]).status == 206)
        #expect(try await bench.looks().count == rows, "\(range)")
      }
      #expect(try await bench.client.send(.head, link.address).status == 200)
      #expect(try await bench.looks().count == 2)
    }
  }

  /// Whoever looked has not saved, whatever the request for the rest of it looks like.
  @Test func savingAfterALookIsWrittenDown() async throws {
    try await DocumentBench.run { bench in
      let document = try await ready(bench)
      let link = try await bench.link(bench.client, document)
      #expect(try await bench.client.send(.get, link.address).status == 200)
      var rows = 1
      for range in ["bytes=1-", "bytes=0-", "Bytes=0-", "bytes= 0-", "bytes=x", "bytes=-9999"] {
        let answer = try await bench.client.send(.get, link.address + "&download=1", headers: [.range: range])
        #expect(answer.status == 200 || answer.status == 206)
        rows += 1
        #expect(try await bench.looks().count == rows, "\(range)")
        #expect(try await bench.looks().last?.hasPrefix("document.download ") == true)
      }
      // What is left of a download that was begun is the same download; and all of the file is a look of its own, however it is asked for.
      #expect(try await bench.client.send(.get, link.address + "&download=1", headers: [.range: "bytes=5-9"]).status == 206)
      #expect(try await bench.looks().count == rows)
      for range in ["Bytes=0-", "bytes= 0-", "bytes=x", "bytes=-9999"] {
        _ = try await bench.client.send(.get, link.address, headers: [.range: range])
        rows += 1
        #expect(try await bench.looks().count == rows, "\(range)")
      }
      _ = try await bench.client.send(.get, link.address, headers: [.range: "bytes=5-9", .ifRange: "\"other\""])
      #expect(try await bench.looks().count == rows + 1)
    }
  }

  @Test func aThumbnailIsOneRowForEachSessionAndDay() async throws {
    try await DocumentBench.run { bench in
      let document = try await ready(bench)
      for _ in 0..<3 {
        let link = try await bench.link(bench.client, document, "thumbnail")
        #expect(try await bench.client.send(.get, link.address).status == 200)
      }
      #expect(try await bench.looks().count == 1)
      let phone = try await bench.bench.signedIn(bench.client.account)
      #expect(try await phone.send(.get, try await bench.link(phone, document, "thumbnail").address).status == 200)
      #expect(try await bench.looks().count == 2)
      bench.bench.clock.advance(.seconds(24 * 3600))
      #expect(try await bench.client.send(.get, try await bench.link(bench.client, document, "thumbnail").address).status == 200)
      #expect(try await bench.looks().count == 3)
    }
  }

  @Test func aStoreThatIsAwayIsTemporary() async throws {
    let folder = "\(TestFolder.path)/\(Key.random())"
    try await DocumentBench.run(environment: ["BLOB_STORE": "folder:\(folder)"]) { bench in
      let document = try await ready(bench)
      let link = try await bench.link(bench.client, document)
      try FileManager.default.moveItem(atPath: folder, toPath: folder + "-away")
      let answer = try await bench.client.send(.get, link.address)
      #expect(answer.status == 503 && answer.code == "unavailable" && answer.headers[.retryAfter] != nil)
      // Neither is an upload lost meanwhile: it ends when the store is back.
      let (id, _) = try await bench.begin(bench.client, "a.txt", size: Sample.text.count)
      #expect(try await bench.append(bench.client, id, at: 0, Sample.text).status == 503)
      try FileManager.default.moveItem(atPath: folder + "-away", toPath: folder)
      #expect(try await bench.client.send(.get, link.address).status == 200)
      #expect(try await bench.append(bench.client, id, at: Sample.text.count, []).json["document"]["type"].string == "txt")
    }
  }

  @Test func namesOfAllScriptsTravel() {
    #expect(
      Disposition.header(isInline: false, name: "a\"b\\c%.pdf")
        == "attachment; filename=\"a_b_c_.pdf\"; filename*=UTF-8''a%22b%5Cc%25.pdf")
    #expect(
      Disposition.header(isInline: true, name: "счёт.pdf").hasSuffix(
        "filename=\"____.pdf\"; filename*=UTF-8''%D1%81%D1%87%D1%91%D1%82.pdf"))
    #expect(Disposition.name("jadval.xlsx", nameExtension: "pdf", keeping: ["pdf"]) == "jadval.pdf")
    #expect(Disposition.name("rasm.JPEG", nameExtension: "jpg", keeping: ["jpg", "jpeg"]) == "rasm.JPEG")
    #expect(Disposition.name("akt", nameExtension: "pdf", keeping: ["pdf"]) == "akt.pdf")
    #expect(Disposition.name("pdf", nameExtension: "pdf", keeping: ["pdf"]) == "pdf.pdf")
  }

  @Test func rangesAreRead() {
    #expect(ByteRange(nil, size: 10) == .whole && ByteRange("bytes=0-0", size: 10) == .part(0..<1))
    #expect(ByteRange("bytes=-0", size: 10) == .unsatisfiable && ByteRange("bytes=0-", size: 0) == .unsatisfiable)
    #expect(ByteRange("bytes=-20", size: 10) == .part(0..<10) && ByteRange("bytes=9-", size: 10) == .part(9..<10))
    #expect(ByteRange("bytes=99999999999999999999-", size: 10) == .whole && ByteRange("bytes=+1-2", size: 10) == .whole)
  }
}
