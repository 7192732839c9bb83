import Foundation
import TestSupport
import Testing

@testable import RestAPI

struct PermissionDocsTests {
  @Test("docs/permissions.md is what the code says; ONEFIN_UPDATE_DOCS=1 rewrites it")
  func committed() async throws {
    let root = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let file = root.appending(path: "docs/permissions.md")
    try await RestBench.run { bench in
      let document = PermissionDocs.document(RestServer.routes(bench.services).table.entries)
      if ProcessInfo.processInfo.environment["ONEFIN_UPDATE_DOCS"] == "1" {
        try document.write(to: file, atomically: true, encoding: .utf8)
      }
      let committed = try String(contentsOf: file, encoding: .utf8)
      let isCommitted = committed == document
      #expect(isCommitted, "ONEFIN_UPDATE_DOCS=1 swift test --filter PermissionDocsTests rewrites docs/permissions.md")
    }
  }
}
