import Foundation

/// Runs `body` with the path of a new folder, which is removed afterwards.
public func withTemporaryFolder<T>(
  isolation: isolated (any Actor)? = #isolation, _ body: (String) async throws -> T
) async throws -> T {
  let folder = FileManager.default.temporaryDirectory.appending(path: "onefin-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
  defer {
    do {
      try FileManager.default.removeItem(at: folder)
    } catch {
      FileHandle.standardError.write(Data("The folder \(folder.path) could not be removed: \(error)\n".utf8))
    }
  }
  return try await body(folder.path)
}
