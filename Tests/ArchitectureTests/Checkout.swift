import Foundation

/// The files of this repository, as they lie on disk.
enum Checkout {
  /// The folder that Package.swift lies in.
  static let root = URL(filePath: #filePath).resolvingSymlinksInPath()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Folders that are made and not written by us.
  private static let made: Set<String> = [".build", ".onefin", "node_modules", "dist", "__pycache__", ".venv"]

  /// Files below a folder whose names end in one of `extensions` (all files when it is empty), as paths from the root.
  static func files(below folder: String, _ extensions: Set<String> = []) throws -> [String] {
    let start = root.appending(path: folder)
    guard FileManager.default.fileExists(atPath: start.path) else { return [] }
    var found: [String] = []
    var waiting = [start]
    while let next = waiting.popLast() {
      for item in try FileManager.default.contentsOfDirectory(at: next, includingPropertiesForKeys: [.isDirectoryKey]) {
        if try item.resourceValues(forKeys: [.isDirectoryKey]).isDirectory == true {
          if !made.contains(item.lastPathComponent) { waiting.append(item) }
        } else if extensions.isEmpty || extensions.contains(item.pathExtension) {
          found.append(String(item.path.dropFirst(root.path.count + 1)))
        }
      }
    }
    return found.sorted()
  }

  /// The names of the folders that lie directly in a folder.
  static func folders(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(at: root.appending(path: folder), includingPropertiesForKeys: [.isDirectoryKey])
      .filter { try $0.resourceValues(forKeys: [.isDirectoryKey]).isDirectory == true }
      .map(\.lastPathComponent).sorted()
  }

  /// A file's text; `nil` when it is no UTF-8.
  static func text(_ path: String) throws -> String? {
    String(data: try Data(contentsOf: root.appending(path: path)), encoding: .utf8)
  }
}
