import Foundation

/// What Swift sources and Package.swift say about who uses whom, read from their text.
enum Manifest {
  /// The modules that a source imports, with any attribute, access level or kind before the name.
  static func imports(of source: String) -> Set<String> {
    let line =
      #/^[ \t]*(?:@\w+(?:\([^)]*\))?[ \t]+)*(?:(?:public|package|internal|fileprivate|private)[ \t]+)?import[ \t]+(?:(?:struct|class|enum|protocol|func|var|let|typealias|actor)[ \t]+)?(?<module>\w+)/#
      .anchorsMatchLineEndings()
    return Set(source.matches(of: line).map { String($0.module) })
  }

  /// Each target of a manifest with those of its dependencies that are targets of the same package.
  static func targets(of manifest: String) -> [String: Set<String>] {
    var found: [String: Set<String>] = [:]
    let starts = manifest.matches(of: #/\.(?:target|executableTarget|testTarget|systemLibrary)\(/#).map(\.range)
    for (index, start) in starts.enumerated() {
      let end = index + 1 < starts.count ? starts[index + 1].lowerBound : manifest.endIndex
      let declaration = String(manifest[start.upperBound..<end])
      guard let name = declaration.firstMatch(of: #/name:\s*"(?<name>\w+)"/#)?.name else { continue }
      var own: Set<String> = []
      if let list = declaration.firstMatch(of: #/dependencies:\s*\[(?<list>[^\]]*)\]/#)?.list {
        let withoutProducts = list.replacing(#/\.?product\([^)]*\)/#, with: "")
        own = Set(withoutProducts.matches(of: #/"(?<name>\w+)"/#).map { String($0.name) })
      }
      found[String(name)] = own
    }
    return found
  }
}
