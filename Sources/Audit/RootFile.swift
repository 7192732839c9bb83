public import Domain
import Foundation
public import Storage

/// A daily root as a file, which leaves the house: whoever has the database can't reach it there.
public enum RootFile {
  /// `root-2026-11-21.json`
  public static func name(_ day: LocalDate) -> String { "root-\(day).json" }

  /// Everything that it takes to work the root out: its fields, the ghosts' ledger's own root with its salt, and the heads.
  public static func text(_ sealed: DailyRoots.Sealed) -> String {
    let root = sealed.root
    let heads = sealed.heads.map { "[\($0.topic?.rawValue ?? 0),\($0.seq),\"\(Hex.string($0.hash))\"]" }
    return """
      {"number":\(root.number),"day":"\(root.day)","at":\(root.at.microseconds),"count":\(root.count),"tree":"\(Hex.string(root.tree))",\
      "ghosts":"\(Hex.string(root.ghostSeal))","prev":"\(Hex.string(root.prev))","root":"\(Hex.string(sealed.hash))",\
      "ghostSeq":\(sealed.ghostSeq),"ghostHead":"\(Hex.string(sealed.ghostHead))","ghostRoot":"\(Hex.string(sealed.ghostRoot))",\
      "ghostSalt":"\(Hex.string(sealed.ghostSalt))","heads":[\(heads.joined(separator: ","))]}

      """
  }

  private struct Number: Decodable { let number: Int64 }

  /// Holds the files of a folder against the roots of today's database: a root that was made anew, with chains that are whole again, isn't the one that
  /// left the house. Other files of the folder are left alone. What can't be read is a fault: whoever takes the folder away must not
  /// silence the check. A single file that is gone isn't missed: each later one holds all roots before it, by `prev`.
  ///
  /// Throws: `DatabaseError`.
  public static func faults(in folder: String, _ session: Session) throws -> [AuditFault] {
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    } catch {
      return [AuditFault("root folder \(folder)", "it can't be read")]
    }
    return try names.filter { $0.hasPrefix("root-") && $0.hasSuffix(".json") }.compactMap { name in
      try reason(folder, name, session).map { AuditFault("root file \(name)", $0) }
    }
  }

  /// What is wrong with a file; nil: nothing.
  private static func reason(_ folder: String, _ name: String, _ session: Session) throws -> String? {
    let bytes: Data
    do {
      bytes = try Data(contentsOf: URL(filePath: folder + "/" + name))
    } catch {
      return "it can't be read"
    }
    let number: Int64
    do {
      number = try JSONDecoder().decode(Number.self, from: bytes).number
    } catch {
      return "it is no root"
    }
    guard let sealed = try DailyRoots.find(number, in: session), self.name(sealed.root.day) == name else {
      return "the database has no such root"
    }
    if Data(text(sealed).utf8) != bytes { return "the database has another root of that day" }
    return nil
  }
}
