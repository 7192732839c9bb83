import Foundation
import HTTPTypes
import ServerKit
import TestSupport
import Testing

@testable import RestAPI

/// A folder with built pages, for as long as a test runs.
private func withPages(_ body: @Sendable (String) async throws -> Void) async throws {
  let folder = FileManager.default.temporaryDirectory.appending(path: "onefin-pages-\(UUID().uuidString)")
  let root = folder.appending(path: "dist")
  try FileManager.default.createDirectory(at: root.appending(path: "assets"), withIntermediateDirectories: true)
  defer {
    do { try FileManager.default.removeItem(at: folder) } catch { Issue.record("\(error)") }
  }
  func write(_ name: String, _ text: String) throws { try Data(text.utf8).write(to: root.appending(path: name)) }
  try write("index.html", "<!doctype html>index")
  try write("assets/app-2A3B4C5D.js", "let app = 1")
  try write("assets/app-2A3B4C5D.js.gz", "zipped")
  try write("logo.svg", "<svg/>")
  try write(".env", "SECRET=1")
  try Data("outside".utf8).write(to: folder.appending(path: "outside.txt"))
  try FileManager.default.createSymbolicLink(
    at: root.appending(path: "link.txt"), withDestinationURL: folder.appending(path: "outside.txt"))
  try await body(root.path)
}

@Suite struct PagesTests {
  @Test func pagesAssetsAndAddressesOfThePage() async throws {
    try await withPages { root in
      try await RestBench.run(environment: ["REST_WEB_ROOT": root]) { bench in
        for path in ["/", "/index.html", "/chat/5", "/oversight", "/chat/5?x=1"] {
          let answer = try await bench.send(.get, path)
          #expect(answer.status == 200 && answer.text == "<!doctype html>index", "\(path)")
          #expect(answer.headers[.cacheControl] == "no-cache")
          #expect(answer.headers[.contentType] == "text/html; charset=utf-8")
        }
        let asset = try await bench.send(.get, "/assets/app-2A3B4C5D.js")
        #expect(asset.text == "let app = 1" && asset.headers[.cacheControl] == "public, max-age=31536000, immutable")
        #expect(asset.headers[.contentType] == "text/javascript; charset=utf-8" && asset.headers[.contentEncoding] == nil)
        let zipped = try await bench.send(.get, "/assets/app-2A3B4C5D.js", headers: [.acceptEncoding: "br, gzip;q=0.8"])
        #expect(zipped.text == "zipped" && zipped.headers[.contentEncoding] == "gzip")
        #expect(zipped.headers[.vary] == "Accept-Encoding" && zipped.headers[.eTag] != asset.headers[.eTag])
        #expect(try await bench.send(.get, "/logo.svg").headers[.cacheControl] == "no-cache")

        let tag = try #require(asset.headers[.eTag])
        let same = try await bench.send(.get, "/assets/app-2A3B4C5D.js", headers: [.ifNoneMatch: "\"x\", W/\(tag)"])
        #expect(same.status == 304 && same.text.isEmpty && same.headers[.eTag] == tag)
        let head = try await bench.send(.head, "/assets/app-2A3B4C5D.js")
        #expect(head.status == 200 && head.text.isEmpty && head.headers[.contentLength] == "11")
      }
    }
  }

  @Test func whatChangesOnDiskIsReadAnew() async throws {
    try await withPages { root in
      try await RestBench.run(environment: ["REST_WEB_ROOT": root]) { bench in
        let before = try await bench.send(.get, "/")
        try Data("<!doctype html>a newer index".utf8).write(to: URL(filePath: root + "/index.html"))
        let after = try await bench.send(.get, "/", headers: [.ifNoneMatch: try #require(before.headers[.eTag])])
        #expect(after.status == 200 && after.text == "<!doctype html>a newer index")
      }
    }
  }

  @Test(arguments: [
    "/../outside.txt", "/%2e%2e/outside.txt", "/..%2foutside.txt", "/assets/../../outside.txt", "/link.txt", "/.env", "/%2eenv",
    "/assets/app-2A3B4C5D.js.gz", "/assets\\app-2A3B4C5D.js", "/missing.js", "/assets/missing-12345678.js", "/a%00.txt",
    "//etc/passwd.txt",
    "/logo.svg/", "/api/v2/x", "/api", "/ws", "/metrics/x", "/%ff.txt",
  ])
  func theseAreNoPages(path: String) async throws {
    try await withPages { root in
      try await RestBench.run(environment: ["REST_WEB_ROOT": root]) { bench in
        let answer = try await bench.send(.get, path)
        #expect(!answer.text.contains("outside") && !answer.text.contains("SECRET") && answer.text != "zipped", "\(path)")
        if path != "/logo.svg/" { #expect(answer.status == 404, "\(path) \(answer.text)") }
      }
    }
  }

  @Test func everyAnswerCarriesTheSecurityHeadersAndItsId() async throws {
    try await withPages { root in
      try await RestBench.run(environment: ["REST_WEB_ROOT": root]) { bench in
        for path in ["/", "/logo.svg", "/missing.js", "/api/v1/config", "/api/v1/session", "/api/v1/nothing"] {
          let answer = try await bench.send(.get, path, headers: [.xRequestID: "given-1"])
          let policy = try #require(answer.headers[.contentSecurityPolicy])
          #expect(
            policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"))
          #expect(policy.contains("connect-src 'self' ws://localhost wss://localhost;"))
          #expect(answer.headers[.xContentTypeOptions] == "nosniff")
          #expect(answer.headers[.referrerPolicy] == "same-origin")
          #expect(answer.headers[.permissionsPolicy] != nil)
          #expect(answer.headers[.xRequestID] == "given-1", "\(path)")
        }
        let forged = try await bench.send(.get, "/healthz", headers: [.xRequestID: "a b"])
        #expect(forged.headers[.xRequestID] != "a b")
      }
    }
  }

  @Test func metricsAreForListedReadersAndLabelledByTemplate() async throws {
    try await RestBench.run(environment: ["ONEFIN_METRICS_READERS": "10.9.9.9"]) { bench in
      let me = try await bench.signedIn(try await bench.account("aziza"))
      _ = try await me.send(.delete, "/api/v1/sessions/12345")
      _ = try await bench.send(.get, "/api/v1/users/1/2/3")
      _ = try await bench.send(HTTPRequest.Method("BREW") ?? .get, "/nothing/here")
      #expect(try await bench.send(.get, "/metrics").status == 404)
      let text = try await bench.send(.get, "/metrics", from: "10.9.9.9").text
      #expect(
        text.contains(#"http_server_requests_total{method="DELETE",route="/api/v1/sessions/{id}",status="404"} 1"#), "\(text)")
      #expect(text.contains(#"route="/api/other""#) && text.contains(#"method="OTHER",route="pages""#))
      #expect(text.contains("http_server_request_duration_seconds_bucket"))
      #expect(!text.contains("12345"))
    }
  }

  @Test(arguments: ["", "a b", "x;script-src *", "x'", "ы", String(repeating: "a", count: 300)])
  func hostsThatArentStayOutOfThePolicy(host: String) { #expect(EnvelopeMiddleware.sockets(host).isEmpty) }

  @Test(arguments: [
    ("main-ABCDEFGH.js", true), ("main-2A3B4C5D.js", true), ("icon-0a1b2c3d.svg", true), ("icon-deadbeef.svg", false),
    ("icons.svg", false),
    ("app-settings.js", false), ("main-ABCDEFG.js", false), ("index.html", false), ("main-ABCDEFG1.js", false),
  ])
  func onlyHashedNamesAreKeptForEver(name: String, hashed: Bool) { #expect(PageFiles.isHashed(name) == hashed) }

  @Test func configIsPublic() async throws {
    try await RestBench.run(environment: ["ONEFIN_FIRM_NAME": "Hisob"]) { bench in
      let answer = try await bench.send(.get, "/api/v1/config")
      #expect(answer.json["firm"].string == "Hisob" && answer.json["version"].string == RestAPIVersion.text)
      #expect(try await bench.send(.get, "/readyz").status == 200)
      bench.services.health.drain()
      let draining = try await bench.send(.get, "/readyz")
      #expect(draining.status == 503 && draining.json["problems"]["server"].string == "stopping")
    }
  }

  @Test(arguments: [
    ("", false), ("gzip", true), ("GZIP, br", true), ("br", false), ("gzip;q=0", false), ("*", true),
    ("identity, gzip; q=0.5", true),
  ])
  func gzipIsSentWhereItIsTaken(header: String, taken: Bool) { #expect(PagesMiddleware.accepts(gzip: header) == taken) }
}
