import Foundation
import Testing

/// Holds docs/threats.md: every row names tests that stop it, and each of them is there.
struct ThreatTests {
  /// The rows of the table, cell by cell, without its head.
  private static func rows() throws -> [[String]] {
    let text = try #require(try Checkout.text("docs/threats.md"))
    let lines = text.split(separator: "\n").filter { $0.hasPrefix("|") && !$0.hasPrefix("|---") }
    return lines.dropFirst().map { line in
      line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast().map {
        $0.trimmingCharacters(in: .whitespaces)
      }
    }
  }

  /// Every test file by its name without the ending.
  private static func files() throws -> [String: [String]] {
    var files: [String: [String]] = [:]
    for path in try Checkout.files(below: "Tests", ["swift", "py"]) + Checkout.files(below: "web/tests", ["ts"]) {
      let name = path.split(separator: "/").last?.split(separator: ".").first.map(String.init) ?? path
      files[name, default: []].append(path)
    }
    return files
  }

  @Test("Every attack has its tests, and they exist")
  func shown() throws {
    let files = try Self.files()
    let rows = try Self.rows()
    #expect(rows.count >= 14)
    for row in rows {
      #expect(row.count == 4, "a crooked row: \(row)")
      let names = row.last?.matches(of: #/`([^`]+)`/#).map { String($0.1) } ?? []
      #expect(!names.isEmpty, "no test shows what stops: \(row)")
      for name in names {
        let parts = name.split(separator: " ", maxSplits: 1).map(String.init)
        let paths = files[parts[0]] ?? []
        #expect(!paths.isEmpty, "there is no test file \(parts[0])")
        guard parts.count == 2 else { continue }
        let texts = try paths.compactMap { try Checkout.text($0) }
        #expect(
          texts.contains { $0.contains("\(parts[1])(") || $0.contains("\"\(parts[1])") }, "\(parts[0]) has no test \(parts[1])")
      }
    }
  }
}
