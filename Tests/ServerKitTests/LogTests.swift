import Foundation
import Logging
import ServerKit
import Synchronization
import Testing

private final class Lines: Sendable {
  private let lines = Mutex<[String]>([])
  func add(_ line: String) { lines.withLock { $0.append(line) } }
  var all: [String] { lines.withLock { $0 } }
}

private func logger(_ format: LogFormat, into lines: Lines, level: Logger.Level = .info) -> Logger {
  Logger(label: "test") { label in
    LineLogHandler(program: "RestAPI", label: label, level: level, format: format) { lines.add($0) }
  }
}

@Suite struct LogTests {
  @Test func jsonLinesParseWhateverIsInThem() throws {
    let lines = Lines()
    var log = logger(.json, into: lines)
    log[metadataKey: "request"] = "abc"
    log.info(
      "Signed \"in\"\n",
      metadata: ["login": "a\u{0}b\u{1b}[2J\\", "count": .stringConvertible(3), "list": ["x", "y"], "message": "mine"])
    let line = try #require(lines.all.first)
    #expect(line.hasSuffix("}\n") && line.dropLast().allSatisfy { $0 != "\n" })
    let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    #expect(object["message"] as? String == "Signed \"in\"\n")
    #expect(object["login"] as? String == "a\u{0}b\u{1b}[2J\\")
    #expect(object["count"] as? Int == 3)
    #expect(object["list"] as? [String] == ["x", "y"])
    #expect(object["_message"] as? String == "mine")
    #expect(object["request"] as? String == "abc")
    #expect(object["level"] as? String == "info")
  }

  @Test func humanLinesStayOneLine() {
    let lines = Lines()
    logger(.human, into: lines).warning("Refused", metadata: ["login": "evil\n2026 INFO forged\u{1b}[31m"])
    #expect(lines.all.count == 1)
    #expect(lines.all[0].contains("WARNING RestAPI: Refused login=evil\\u{a}2026 INFO forged\\u{1b}[31m\n"))
    #expect(lines.all[0].filter { $0 == "\n" }.count == 1)
  }

  @Test func theLevelHolds() {
    let lines = Lines()
    let log = logger(.human, into: lines, level: .warning)
    log.info("no")
    log.error("yes")
    #expect(lines.all.count == 1)
  }

  @Test func requestIDsAreTakenOverOnlyWhenWellFormed() {
    #expect(RequestID("abc-DEF_123")?.description == "abc-DEF_123")
    for bad in ["", "a b", "é", "a\n", String(repeating: "a", count: 65)] { #expect(RequestID(bad) == nil) }
    #expect(RequestID() != RequestID())
    #expect(RequestID(RequestID().description) != nil)
  }
}
