import Domain
import Foundation
import Testing

@Suite("Names of actions") struct ActionNameTests {
  @Test("Each stands once, as thing.verb") func shape() {
    #expect(Set(ActionName.all).count == ActionName.all.count)
    for name in ActionName.all { #expect(name.wholeMatch(of: Self.shape) != nil, "\(name)") }
    for kind in EntryKind.allCases { if let name = kind.actionName { #expect(ActionName.all.contains(name), "\(name)") } }
  }

  @Test("Every row that the program adds has a name of the list") func appended() throws {
    let root = URL(filePath: #filePath).appending(path: "../../../../Sources").standardized
    var calls = 0
    for case let file as URL in FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil) ?? .init()
    where file.pathExtension == "swift" {
      let text = try String(contentsOf: file, encoding: .utf8)
      for match in text.matches(of: #/(?<call>ActionLog\.append|try append)\(\s*(?<first>[^,\n]+)/#) {
        let isLiteral = match.output.first.hasPrefix("\"")
        // `row.key` says what somebody was refused: the name of that stands in ActionLog itself.
        guard isLiteral || match.output.call != "try append" && match.output.first != "row.key" else { continue }
        calls += 1
        let first = String(match.output.first)
        // A name that was chosen before: then those of the file.
        let names = isLiteral ? Self.names(in: first) : Self.names(in: text).filter { $0.wholeMatch(of: Self.shape) != nil }
        #expect(!names.isEmpty, "\(file.lastPathComponent): a name that isn't written out: \(first)")
        for name in names { #expect(Self.isKnown(name), "\(file.lastPathComponent): \(name) is missing in ActionName") }
      }
    }
    #expect(calls > 15)
  }

  private static var shape: Regex<Substring> { #/[a-z_]+\.[a-z_]+/# }

  /// The literals of an argument: one, or the two of a choice.
  private static func names(in argument: String) -> [String] {
    argument.matches(of: #/"(?<text>(?:[^"\\]|\\\([^)]*\))+)"/#).map { String($0.output.text) }
  }

  /// A name of the list; one with a part that is filled in fits when some name begins as it does.
  private static func isKnown(_ name: String) -> Bool {
    guard let hole = name.range(of: "\\(") else { return ActionName.all.contains(name) }
    return ActionName.all.contains { $0.hasPrefix(name[..<hole.lowerBound]) }
  }
}
