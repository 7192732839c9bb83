import Testing

/// Conventions that a reader relies on and no compiler holds.
struct HouseTests {
  static let written: Set<String> = ["swift", "sh", "py", "ts", "tsx", "css", "sql", "c", "h"]

  @Test("No file is over 500 lines")
  func lengths() throws {
    for folder in ["Sources", "Tests", "tools", "web"] {
      for path in try Checkout.files(below: folder, Self.written) {
        let lines = try #require(try Checkout.text(path)).split(separator: "\n", omittingEmptySubsequences: false).count - 1
        #expect(lines <= 500, "\(path) has \(lines) lines: two things live in it")
      }
    }
  }

  @Test("No file name occurs twice in a target")
  func names() throws {
    for folder in ["Sources", "Tests"] {
      for target in try Checkout.folders(in: folder) {
        let names = try Checkout.files(below: "\(folder)/\(target)", ["swift"]).compactMap { $0.split(separator: "/").last }
        let twice = Dictionary(grouping: names, by: \.self).filter { $0.value.count > 1 }.keys
        #expect(twice.isEmpty, "\(folder)/\(target) has twice: \(twice.sorted())")
      }
    }
  }

  @Test("Nothing names a folder of somebody's machine")
  func machinePaths() throws {
    // Written in two halves, so that this file doesn't find itself.
    let folders = ["/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/", "/tmp/" + "wt", "/tmp/" + "dev", "../sha" + "red"]
    for folder in ["Sources", "Tests", "Benchmarks", "tools", "web", "docs", ".ci"] {
      for path in try Checkout.files(below: folder) {
        guard let text = try Checkout.text(path) else { continue }
        // In web/src there is a folder of our own by the last name.
        for machine in folders where folder != "web" || !machine.hasPrefix("..") {
          #expect(!text.contains(machine), "\(path) names \(machine)")
        }
      }
    }
    for path in ["README.md", "Package.swift", "onefin", ".gitignore"] {
      let text = try #require(try Checkout.text(path))
      for machine in folders { #expect(!text.contains(machine), "\(path) names \(machine)") }
    }
  }

  @Test("Unfinished and forced things have no place in Sources")
  func forced() throws {
    let words = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "try" + "!", "as" + "!"]
    for path in try Checkout.files(below: "Sources", ["swift", "c", "h"]) {
      let text = try #require(try Checkout.text(path))
      for word in words { #expect(!text.contains(word), "\(path) contains \(word)") }
    }
  }
}
