import Domain
import HTTPTypes
import ServerKit
import Storage
import TestSupport
import Testing

@testable import RestAPI

/// The page behind a stamp's QR code.
@Suite struct VerificationTests {
  /// A document of staff with its stamp.
  private func stamped(_ bench: DocumentBench, _ bytes: [UInt8]) async throws -> (StampToken, DocumentID) {
    let document = try await bench.document(bench.accountant)
    try await bench.send(document, as: 1, by: bench.accountant.account, staff: true)
    let hash = try await bench.make(["stamped"], of: document, bytes)
    let token = StampToken()
    try await bench.database.app.run {
      try $0.execute("INSERT INTO stamp (document_id, token_hash, rendition_hash) VALUES (\(document), \(token.hash), \(hash))")
    }
    return (token, document)
  }

  @Test func anybodyLearnsWhoseStampItIsAndNothingElse() async throws {
    try await DocumentBench.run(environment: ["ONEFIN_FIRM_NAME": "Hisobchi"]) { bench in
      let (token, document) = try await stamped(bench, Sample.pdf)
      let answer = try await bench.bench.send(.get, "/api/v1/verify/\(token.text)")
      #expect(answer.status == 200)
      guard case .object(let object) = answer.json else { return #expect(Bool(false), "\(answer.text)") }
      #expect(Set(object.keys) == ["firm", "uploader", "at", "document"])
      #expect(answer.json["firm"].string == "Hisobchi" && answer.json["document"].number == document.rawValue)
      #expect(
        answer.json["uploader"]["name"].string == "accountant"
          && answer.json["uploader"]["id"].number == bench.accountant.account.rawValue)
      let unknown = try await bench.bench.send(.get, "/api/v1/verify/\(StampToken().text)")
      for token in ["x", String(token.text.dropLast()), token.text + "A", "\(document)"] {
        let answer = try await bench.bench.send(.get, "/api/v1/verify/\(token)")
        #expect(answer.status == 404 && answer.text == unknown.text)
      }
    }
  }

  @Test func aFileIsComparedByteForByte() async throws {
    try await DocumentBench.run { bench in
      let (token, _) = try await stamped(bench, Sample.pdf)
      let path = "/api/v1/verify/\(token.text)/compare"
      var changed = Sample.pdf
      changed[10] ^= 1
      for (bytes, same) in [
        (Sample.pdf, true), (changed, false), (Array(Sample.pdf.dropLast()), false), (Sample.pdf + [0], false), ([], false),
      ] {
        let answer = try await bench.bench.send(.post, path, bytes: bytes)
        #expect(answer.status == 200 && answer.json["same"] == .flag(same), "\(answer.text)")
      }
      let unknown = try await bench.bench.send(.post, "/api/v1/verify/\(StampToken().text)/compare", bytes: Sample.pdf)
      #expect(unknown.status == 404)
      let crossSite = try await bench.bench.send(.post, path, bytes: Sample.pdf, headers: [.secFetchSite: "cross-site"])
      #expect(crossSite.status == 403)
    }
  }

  @Test func aFileOfAnotherSizeIsToldBeforeItIsSent() async throws {
    try await DocumentBench.run { bench in
      let (token, _) = try await stamped(bench, Sample.pdf)
      let path = "/api/v1/verify/\(token.text)/compare"
      for (size, possible) in [(Sample.pdf.count, true), (Sample.pdf.count + 1, false), (1, false)] {
        let answer = try await bench.bench.send(.get, "\(path)?size=\(size)")
        #expect(answer.status == 200 && answer.json["possible"] == .flag(possible))
      }
      for query in ["", "?size=", "?size=0", "?size=x"] {
        #expect(try await bench.bench.send(.get, path + query).status == 422, "\(query)")
      }
      #expect(try await bench.bench.send(.get, "/api/v1/verify/\(StampToken().text)/compare?size=5").status == 404)
    }
  }

  @Test func whoAsksOftenWaits() async throws {
    try await DocumentBench.run { bench in
      for _ in 0..<30 { #expect(try await bench.bench.send(.get, "/api/v1/verify/x").status == 404) }
      let more = try await bench.bench.send(.get, "/api/v1/verify/x")
      #expect(more.status == 429 && more.headers[.retryAfter] == "2")
      let compare = try await bench.bench.send(.post, "/api/v1/verify/x/compare", bytes: [1])
      #expect(compare.status == 429)
      #expect(try await bench.bench.send(.get, "/api/v1/verify/x", from: "10.0.0.2").status == 404)
      bench.bench.clock.advance(.seconds(2))
      #expect(try await bench.bench.send(.get, "/api/v1/verify/x").status == 404)
    }
  }
}
