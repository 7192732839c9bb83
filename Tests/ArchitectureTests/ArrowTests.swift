import Testing

/// Holds the arrows of docs/architecture.md. SwiftPM lets a transitive import through that nobody declared, so the `import` lines are read.
struct ArrowTests {
  /// Which of our own modules each target may use. A new target is a decision: it gets its line here and in docs/architecture.md.
  static let arrows: [String: Set<String>] = [
    "Domain": [],
    "WebSocketProtocol": ["CZlib"],
    "Migrations": [],
    "CLibPQ": [],
    "CSodium": [],
    "CEpoll": [],
    "CZlib": [],
    "CJemalloc": [],
    "COpenSSL": [],
    "CSandbox": [],
    "CLibVips": [],
    "CPango": [],
    "CQREncode": [],
    "CXlsxWriter": [],
    "CVips": ["CLibVips"],
    "CQPDF": [],
    "Reactor": ["CEpoll", "COpenSSL"],
    "WebSocketServer": ["Reactor", "WebSocketProtocol"],
    "Storage": ["Domain", "Migrations", "CLibPQ"],
    "ServerKit": ["Domain", "CSodium"],
    "ObjectStorage": ["Storage", "ServerKit", "Domain"],
    "Reports": ["Domain", "CZlib", "CXlsxWriter", "CPango"],
    "ChatServer": ["WebSocketProtocol", "Reactor", "WebSocketServer", "Storage", "ServerKit", "Domain", "CJemalloc"],
    "Audit": ["Storage", "Domain"],
    "RestAPI": ["Storage", "ObjectStorage", "ServerKit", "Domain", "Reports", "Audit"],
    "MediaWorker": ["Storage", "ServerKit", "ObjectStorage", "Domain", "CSandbox", "CVips", "CPango", "CQREncode", "CQPDF"],
    "OneFin": ["Storage", "ObjectStorage", "Migrations", "ServerKit", "Domain", "Audit"],
  ]

  /// What the pure modules may import from outside: no sockets, no clocks, no files.
  static let outside: [String: Set<String>] = [
    "Domain": ["Crypto", "Glibc", "Musl", "Foundation", "FoundationEssentials"],
    "WebSocketProtocol": [],
  ]

  @Test("Every folder of Sources has its arrows", arguments: try Checkout.folders(in: "Sources"))
  func known(target: String) {
    #expect(Self.arrows[target] != nil, "Sources/\(target) stands in no line of ArrowTests.arrows")
  }

  @Test("Imports stay within the arrows", arguments: try Checkout.files(below: "Sources", ["swift"]))
  func imports(path: String) throws {
    let target = String(path.split(separator: "/")[1])
    let allowed = Self.arrows[target] ?? []
    let imported = Manifest.imports(of: try #require(try Checkout.text(path)))
    let ours = imported.intersection(Self.arrows.keys).subtracting([target])
    #expect(ours.isSubset(of: allowed), "\(path) imports \(ours.subtracting(allowed).sorted())")
    if let outside = Self.outside[target] {
      let foreign = imported.subtracting(Self.arrows.keys)
      #expect(foreign.isSubset(of: outside), "\(path) imports \(foreign.subtracting(outside).sorted()), and \(target) is pure")
    }
  }

  @Test("Package.swift declares what is imported, and nothing beyond the arrows")
  func declared() throws {
    let targets = Manifest.targets(of: try #require(try Checkout.text("Package.swift")))
    #expect(Set(targets.keys).isSuperset(of: Self.arrows.keys), "a target with arrows is missing in Package.swift")
    for (target, allowed) in Self.arrows {
      let declared = try #require(targets[target], "Package.swift has no target \(target)")
      #expect(declared.isSubset(of: allowed), "\(target) declares \(declared.subtracting(allowed).sorted())")
      for path in try Checkout.files(below: "Sources/\(target)", ["swift"]) {
        let ours = Manifest.imports(of: try #require(try Checkout.text(path))).intersection(Self.arrows.keys).subtracting([target]
        )
        #expect(
          ours.isSubset(of: declared), "\(path) imports \(ours.subtracting(declared).sorted()), which \(target) doesn't declare")
      }
    }
  }

  @Test("Rooms of RestAPI use each other's Actions, never their Queries")
  func rooms() throws {
    let queries = try Checkout.files(below: "Sources/RestAPI/Modules", ["swift"]).filter { $0.hasSuffix("Queries.swift") }
    for path in queries {
      let room = path.split(separator: "/").dropLast().joined(separator: "/")
      let name = String(path.split(separator: "/").last?.dropLast(".swift".count) ?? "")
      for other in try Checkout.files(below: "Sources/RestAPI/Modules", ["swift"]) where !other.hasPrefix(room + "/") {
        let text = try #require(try Checkout.text(other))
        #expect(!text.contains(try Regex("\\b\(name)\\b")), "\(other) uses \(name), which is another room's")
      }
    }
  }

  @Test("Import lines are found in every dress")
  func importLines() {
    let source = """
      import A
      public import B
        @testable internal import C
      @preconcurrency import struct D.Thing
      @_spi(Inner) package import enum E.Kind
      // import F
      let text = "import G"
      important H
      """
    #expect(Manifest.imports(of: source) == ["A", "B", "C", "D", "E"])
  }

  @Test("Targets are read off a manifest")
  func manifest() {
    let source = """
      .target(name: "A", dependencies: ["B", product("Log", "swift-log"), .product(name: "X", package: "y")], swiftSettings: house),
      .systemLibrary(name: "B", pkgConfig: "b", providers: [.apt(["b-dev"])]),
      .executableTarget(
        name: "C",
        dependencies: [
          "A", "B",
        ]),
      """
    #expect(Manifest.targets(of: source) == ["A": ["B"], "B": [], "C": ["A", "B"]])
  }
}
