import Domain
import HTTPTypes
import Storage
import TestSupport
import Testing

@testable import RestAPI

/// What the admin sets of documents and their stamp.
@Suite struct SettingsTests {
  @Test func settingsHaveVersionsAndNobodyOverwritesAnothersUnseen() async throws {
    try await DocumentBench.run { bench in
      let path = "/api/v1/settings/watermark"
      let initial = try await bench.admin.send(.get, path)
      #expect(initial.json["version"].number == 0 && initial.json["text"].string == "" && initial.json["logo"] == .null)
      let set = try await bench.admin.send(.put, path, #"{"version":0,"text":"Nusxa \"1\"","opacity":0.25,"position":"topLeft"}"#)
      #expect(set.status == 200 && set.json["version"].number == 1 && set.json["text"].string == "Nusxa \"1\"", "\(set.text)")
      let late = try await bench.admin.send(.put, path, #"{"version":0,"text":"x","opacity":0.25,"position":"topLeft"}"#)
      #expect(late.status == 409 && late.fields == ["version": "changed"])
      let read = try await bench.admin.send(.get, path)
      #expect(read.text == set.text && read.json["opacity"] == .number(0.25) && read.json["position"].string == "topLeft")
      let wrong: [(String, [String: String])] = [
        (#"{"version":1,"text":"x","opacity":0.9,"position":"topLeft"}"#, ["opacity": "invalid"]),
        (#"{"version":1,"text":"x","opacity":"0.2","position":"middle"}"#, ["opacity": "type", "position": "invalid"]),
        (
          #"{"text":"\#(String(repeating: "x", count: 61))","opacity":0.2,"position":"topLeft"}"#,
          ["version": "required", "text": "too_long"]
        ),
      ]
      for (body, fields) in wrong {
        let answer = try await bench.admin.send(.put, path, body)
        #expect(answer.status == 422 && answer.fields == fields, "\(answer.text)")
      }
      #expect(try await bench.bench.actions() == ["settings.update"])
      #expect(try await bench.count("SELECT count(*) FROM setting_change") == 1)
    }
  }

  @Test func theLogoIsAPictureAndStaysWhenTheRestChanges() async throws {
    try await DocumentBench.run { bench in
      let path = "/api/v1/settings/watermark/logo"
      for (bytes, code) in [
        (Sample.pdf, "unsupported_type"), (Sample.html, "active_content"), ([], "empty"), (Array("x".utf8), "unsupported_type"),
      ] {
        let answer = try await bench.admin.send(.put, path, bytes: bytes)
        #expect(answer.status == 422 && answer.code == code, "\(answer.text)")
      }
      let large = try await bench.admin.send(.put, path, bytes: [UInt8](repeating: 0, count: SettingsActions.largestLogo + 1))
      #expect(large.status == 413)
      #expect(try await bench.admin.send(.get, path).status == 404)
      let set = try await bench.admin.send(.put, path, bytes: Sample.png)
      #expect(set.status == 200 && set.json["logo"].string == "png" && set.json["version"].number == 1, "\(set.text)")
      let picture = try await bench.admin.send(.get, path)
      #expect(picture.bytes == Sample.png && picture.headers[.contentType] == "image/png")
      #expect(bench.files().isEmpty)
      let body = #"{"version":1,"text":"x","opacity":0.25,"position":"topLeft"}"#
      #expect(try await bench.admin.send(.put, "/api/v1/settings/watermark", body).json["logo"].string == "png")
      let settings = try await bench.database.app.run { try WatermarkSettings.read(in: $0) }
      #expect(settings.logo == BlobHash(of: Sample.png) && settings.logoType == .png && settings.version == 2)
      #expect(try await bench.admin.send(.delete, path).json["logo"] == .null)
      #expect(try await bench.admin.send(.get, path).status == 404)
    }
  }

  @Test func aLogoIsNotSetByASessionThatHasEnded() async throws {
    try await DocumentBench.run { bench in
      let (admin, id) = (bench.admin, bench.admin.session)
      let answer = try await bench.bench.answer(behind: { _ = try Sessions.end(id, reason: "stolen", in: $0) }) {
        try await admin.send(.put, "/api/v1/settings/watermark/logo", bytes: Sample.png)
      }
      #expect(answer.status == 401)
      #expect(try await bench.count("SELECT count(*) FROM setting_change") == 0)
    }
  }

  @Test func documentSettingsAreReadBack() async throws {
    try await DocumentBench.run { bench in
      let path = "/api/v1/settings/documents"
      let initial = try await bench.admin.send(.get, path)
      #expect(initial.json["size"].number == 100_000_000 && initial.json["types"].list.contains(.text("docx")))
      let body = #"""
        {"version":0,"size":1000,"sizes":{"pdf":2000,"jpeg":3000},"unstamped":["xml","signed_pdf"],"accountDaily":5000,"organisationTotal":0}
        """#
      let set = try await bench.admin.send(.put, path, body)
      #expect(set.status == 200 && set.json["sizes"] == .object(["pdf": .integer(2000), "jpeg": .integer(3000)]), "\(set.text)")
      #expect(set.json["unstamped"] == .list([.text("signed_pdf"), .text("xml")]) && set.json["organisationTotal"].number == 0)
      #expect(try await bench.admin.send(.get, path).text == set.text)
      for (field, body) in [
        ("sizes", #"{"version":1,"size":1,"sizes":{"exe":1},"unstamped":[],"accountDaily":1,"organisationTotal":1}"#),
        ("unstamped", #"{"version":1,"size":1,"sizes":{},"unstamped":["exe"],"accountDaily":1,"organisationTotal":1}"#),
        ("size", #"{"version":1,"size":2000000000,"sizes":{},"unstamped":[],"accountDaily":1,"organisationTotal":1}"#),
      ] {
        let answer = try await bench.admin.send(.put, path, body)
        #expect(answer.status == 422 && answer.fields == [field: "invalid"], "\(answer.text)")
      }
    }
  }

  @Test func aSampleIsAJobAndThenAPicture() async throws {
    try await DocumentBench.run { bench in
      let path = "/api/v1/settings/watermark/samples"
      let asked = try await bench.admin.send(.post, path, #"{"version":0,"text":"x","opacity":0.2,"position":"topLeft"}"#)
      let number = try #require(asked.json["sample"].number)
      let input = try await bench.database.app.run {
        try $0.one("SELECT input->>'position' FROM job").decode(at: 0, as: String.self)
      }
      #expect(asked.status == 201 && input == "topLeft")
      #expect(try await bench.admin.send(.get, "\(path)/\(number)").json["state"].string == "waiting")
      let hash = try await bench.keep(Sample.png)
      try await bench.database.app.run {
        try $0.execute("UPDATE job SET state = 'done', finished_at = now(), output = \(hash) WHERE id = \(number)")
      }
      let picture = try await bench.admin.send(.get, "\(path)/\(number)")
      #expect(picture.status == 200 && picture.bytes == Sample.png && picture.headers[.contentType] == "image/png")
      #expect(try await bench.admin.send(.get, "\(path)/987654").status == 404)
      for _ in 0..<8 {
        _ = try await bench.admin.send(.post, path, #"{"version":0,"text":"x","opacity":0.2,"position":"topLeft"}"#)
      }
      let more = try await bench.admin.send(.post, path, #"{"version":0,"text":"x","opacity":0.2,"position":"topLeft"}"#)
      #expect(more.status == 429)
    }
  }
}
