import Domain
import Foundation
import Storage
import TestSupport
import Testing

/// What only a folder has: names, modes, left-overs, and a folder that is away. The rest is in BlobStoreContractTests.
struct FolderBlobStoreTests {
  @Test("A blob is a read-only file under its hash, and nothing else is left")
  func layout() async throws {
    try await withTemporaryFolder { folder in
      let store = try FolderBlobStore(path: folder + "/blobs/")
      let blob = try TestBlob(of: 1000, in: folder)
      try await store.put(file: blob.path, hash: blob.hash, size: blob.size)
      let hex = blob.hash.hex
      let path = "\(folder)/blobs/\(hex.prefix(2))/\(hex.dropFirst(2).prefix(2))/\(hex)"
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      #expect(attributes[.posixPermissions] as? Int == 0o400)
      #expect(try FileManager.default.attributesOfItem(atPath: folder + "/blobs")[.posixPermissions] as? Int == 0o700)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/blobs/incoming").isEmpty)
    }
  }

  @Test("What root puts belongs to whom the store belongs", .enabled(if: geteuid() == 0, "only root can give files away"))
  func owner() async throws {
    try await withTemporaryFolder { folder in
      let root = folder + "/blobs", owner: UInt32 = 61_931
      #expect(mkdir(root, 0o700) == 0 && chown(root, owner, owner) == 0)
      let store = try FolderBlobStore(path: root)
      let blob = try TestBlob(of: 1000, in: folder)
      try await store.put(file: blob.path, hash: blob.hash, size: blob.size)
      let made = try FileManager.default.subpathsOfDirectory(atPath: root)
      #expect(made.count == 4)
      for name in made {
        let attributes = try FileManager.default.attributesOfItem(atPath: "\(root)/\(name)")
        #expect(
          attributes[.ownerAccountID] as? UInt32 == owner && attributes[.groupOwnerAccountID] as? UInt32 == owner, "\(name)")
      }
    }
  }

  @Test("What a killed put has left is swept; what is being written isn't")
  func leftovers() async throws {
    try await withTemporaryFolder { folder in
      let root = folder + "/blobs"
      let store = try FolderBlobStore(path: root)
      let left = root + "/incoming/left.part"
      let written = root + "/incoming/written.part"
      let foreign = root + "/incoming/README"
      for path in [left, written, foreign] { try Data([1, 2, 3]).write(to: URL(filePath: path)) }
      let descriptor = open(written, O_RDONLY)
      defer { close(descriptor) }
      #expect(flock(descriptor, LOCK_EX) == 0)
      let page = try await store.page(after: nil)
      #expect(page.isEmpty)
      #expect(try await store.sweep() == 1)
      #expect(try FileManager.default.contentsOfDirectory(atPath: root + "/incoming").sorted() == ["README", "written.part"])
      #expect(flock(descriptor, LOCK_UN) == 0)
      // Opening sweeps too.
      _ = try FolderBlobStore(path: root)
      #expect(try FileManager.default.contentsOfDirectory(atPath: root + "/incoming") == ["README"])
    }
  }

  @Test("A folder that is away is unavailable, not empty; nothing makes it anew, and once it is back the same store works")
  func away() async throws {
    try await withTemporaryFolder { folder in
      let root = folder + "/blobs"
      let store = try FolderBlobStore(path: root)
      let blob = try TestBlob(of: 5000, in: folder)
      try await store.put(file: blob.path, hash: blob.hash, size: blob.size)
      try FileManager.default.moveItem(atPath: root, toPath: folder + "/elsewhere")
      for isMountPoint in [false, true] {
        if isMountPoint { try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: false) }
        let errors = [
          await failure(of: { try await store.put(file: blob.path, hash: blob.hash, size: blob.size) }),
          await failure(of: { try await store.read(blob.hash) }), await failure(of: { try await store.size(of: blob.hash) }),
          await failure(of: { try await store.page(after: nil) }), await failure(of: { try await store.sweep() }),
        ]
        let kinds = errors.map { ($0 as? BlobError)?.kind }
        #expect(kinds == Array(repeating: .unavailable, count: 5))
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: root).isEmpty)
      try FileManager.default.removeItem(atPath: root)
      try FileManager.default.moveItem(atPath: folder + "/elsewhere", toPath: root)
      #expect(try await store.size(of: blob.hash) == blob.size)
    }
  }

  @Test("Files that are named otherwise, lie elsewhere or are links are no blobs")
  func foreign() async throws {
    try await withTemporaryFolder { folder in
      let root = folder + "/blobs"
      let store = try FolderBlobStore(path: root)
      let blob = try TestBlob(of: 10, in: folder)
      try await store.put(file: blob.path, hash: blob.hash, size: blob.size)
      let other = BlobHash(of: [7])
      let hex = other.hex
      let place = "\(root)/\(hex.prefix(2))/\(hex.dropFirst(2).prefix(2))"
      try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(atPath: "\(place)/\(hex)", withDestinationPath: blob.path)
      try Data([1]).write(to: URL(filePath: "\(place)/\(hex.uppercased())"))
      try Data([1]).write(to: URL(filePath: "\(place)/\(hex)~"))
      try Data([1]).write(to: URL(filePath: "\(root)/\(hex)"))
      try FileManager.default.createDirectory(atPath: "\(root)/lost+found", withIntermediateDirectories: false)
      var listed: [BlobEntry] = []
      for try await entry in store.all() { listed.append(entry) }
      #expect(listed == [BlobEntry(hash: blob.hash, size: blob.size)])
      let link = await failure(of: { try await store.read(other) })
      #expect((link as? BlobError)?.kind == .refused)
    }
  }

  @Test("A listing of more blobs than one page holds has them all")
  func pages() async throws {
    try await withTemporaryFolder { folder in
      let root = folder + "/blobs"
      let store = try FolderBlobStore(path: root)
      let hashes = (0..<2500).map { BlobHash(of: [UInt8($0 & 255), UInt8($0 >> 8)]) }.sorted()
      for hash in hashes {
        let place = "\(root)/\(hash.hex.prefix(2))/\(hash.hex.dropFirst(2).prefix(2))"
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        try Data().write(to: URL(filePath: "\(place)/\(hash)"))
      }
      var listed: [BlobHash] = []
      for try await entry in store.all() { listed.append(entry.hash) }
      #expect(listed == hashes)
    }
  }

  @Test("A folder that can't be made is refused or unavailable at once")
  func unusable() async throws {
    try await withTemporaryFolder { folder in
      try Data().write(to: URL(filePath: folder + "/file"))
      let file = failure(of: { try FolderBlobStore(path: folder + "/file") })
      #expect(file is BlobError)
      let orphan = failure(of: { try FolderBlobStore(path: folder + "/no/parent") })
      #expect((orphan as? BlobError)?.kind == .unavailable)
    }
  }
}
