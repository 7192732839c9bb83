internal import Domain
internal import Glibc

/// Goes through the folders of a `FolderBlobStore` in the order of the hashes. What isn't named as a blob is passed over.
struct FolderWalk {
  /// How many blobs it gathers before it stops after a folder.
  static let enough = 1000

  let path: String
  let incoming: String

  /// The next blobs past `after`. Throws: `.unavailable` when the store is away; `.refused`.
  func page(after: BlobHash?) throws(BlobError) -> [BlobEntry] {
    guard access(incoming, F_OK) == 0 else { throw FolderBlobStore.away(path) }
    let first = after?.hex ?? ""
    var found: [BlobEntry] = []
    for outer in try folders(in: path, from: String(first.prefix(2))) {
      let rest = first.hasPrefix(outer) ? String(first.dropFirst(2).prefix(2)) : ""
      for inner in try folders(in: "\(path)/\(outer)", from: rest) {
        found += try blobs(in: "\(path)/\(outer)/\(inner)", prefix: outer + inner, after: after)
        if found.count >= Self.enough { return found }
      }
    }
    return found
  }

  private func folders(in path: String, from first: String) throws(BlobError) -> [String] {
    try Self.names(in: path).filter { $0.utf8.count == 2 && Hex.bytes($0) != nil && $0 == $0.lowercased() && $0 >= first }
      .sorted()
  }

  private func blobs(in folder: String, prefix: String, after: BlobHash?) throws(BlobError) -> [BlobEntry] {
    let hashes = try Self.names(in: folder).filter { $0.hasPrefix(prefix) }.compactMap { BlobHash(hex: $0) }.sorted()
    var entries: [BlobEntry] = []
    for hash in hashes where after.map({ $0 < hash }) ?? true {
      var status = stat()
      guard lstat("\(folder)/\(hash)", &status) == 0 else { throw BlobFile.fault("look at the blob \(hash)") }
      if status.st_mode & S_IFMT == S_IFREG { entries.append(BlobEntry(hash: hash, size: Int64(status.st_size))) }
    }
    return entries
  }

  /// The names in a folder, in no order. Throws: `absent` when there is no such folder, else as `BlobFile.fault` says.
  static func names(in folder: String, else absent: BlobError? = nil) throws(BlobError) -> [String] {
    guard let stream = opendir(folder) else {
      if errno == ENOENT, let absent { throw absent }
      throw BlobFile.fault("list \(folder)")
    }
    defer { closedir(stream) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else {
        if errno != 0 { throw BlobFile.fault("list \(folder)") }
        return names
      }
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
  }
}
