import Foundation
import Testing

@testable import OneFin

struct ConfigDocsTests {
  @Test("docs/configuration.md is what the declarations say; ./onefin format rewrites it")
  func committed() throws {
    let root = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let committed = try String(contentsOf: root.appending(path: "docs/configuration.md"), encoding: .utf8)
    #expect(committed == ConfigDocsCommand.document)
  }
}
