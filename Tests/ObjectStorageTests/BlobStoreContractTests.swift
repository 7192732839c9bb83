import Domain
import Foundation
import ServerKit
import Storage
import TestSupport
import Testing

@testable import ObjectStorage

/// What `BlobStore` promises, held for every store there is. The S3 side runs against a real server that checks signatures.
struct BlobStoreContractTests {
  static let sizes = [0, 1, 65_535, 65_536, 65_537, 1_000_003, 16 << 20, (16 << 20) + 1, (40 << 20) + 12_345]

  @Test("What was put is read, in pieces, whole or into a file", arguments: StoreKind.allCases)
  func roundTrip(kind: StoreKind) async throws {
    try await StoreUnderTest.run(kind) { test in
      for size in Self.sizes + [Int.random(in: 2...3_000_000)] {
        let blob = try TestBlob(of: size, in: test.files)
        #expect(try await test.store.size(of: blob.hash) == nil)
        try await test.store.put(file: blob.path, hash: blob.hash, size: blob.size)
        #expect(try await test.store.size(of: blob.hash) == blob.size)
        let content = try await test.store.read(blob.hash)
        #expect(content.length == blob.size)
        var bytes: [UInt8] = []
        for try await piece in content {
          #expect(!piece.isEmpty && piece.count <= 65_536)
          bytes += piece
        }
        #expect(bytes == blob.bytes)
        let copy = "\(test.files)/copy-\(size)"
        try await test.store.fetch(blob.hash, to: copy)
        #expect(try Data(contentsOf: URL(filePath: copy)) == Data(blob.bytes))
        // The file itself is the caller's.
        #expect(FileManager.default.fileExists(atPath: blob.path))
      }
    }
  }

  @Test("A part is those of its bytes that exist", arguments: StoreKind.allCases)
  func ranges(kind: StoreKind) async throws {
    try await StoreUnderTest.run(kind) { test in
      let blob = try TestBlob(of: 200_001, in: test.files)
      try await test.store.put(file: blob.path, hash: blob.hash, size: blob.size)
      let fixed: [Range<Int64>] = [
        0..<1, 0..<blob.size, 0..<(blob.size + 5), 200_000..<200_001, 200_000..<900_000, 65_536..<131_072, 200_001..<200_002,
        900_000..<900_001, 7..<7,
      ]
      let random = (0..<20).map { _ -> Range<Int64> in
        let start = Int64.random(in: 0..<blob.size)
        return start..<Int64.random(in: start...(blob.size + 10))
      }
      for range in fixed + random {
        let wanted = Array(blob.bytes[Int(min(range.lowerBound, blob.size))..<Int(min(range.upperBound, blob.size))])
        let content = try await test.store.read(blob.hash, range: range)
        #expect(content.length == Int64(wanted.count))
        #expect(try await test.store.bytes(blob.hash, range: range) == wanted, "\(range)")
      }
      let empty = try TestBlob(of: 0, in: test.files)
      try await test.store.put(file: empty.path, hash: empty.hash, size: 0)
      #expect(try await test.store.bytes(empty.hash, range: 0..<10) == [])
    }
  }

  @Test("Many who put the same at once are all right, and there is one", arguments: StoreKind.allCases)
  func together(kind: StoreKind) async throws {
    try await StoreUnderTest.run(kind) { test in
      let blob = try TestBlob(of: 300_000, in: test.files)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<12 {
          let store = try test.another()
          group.addTask {
            let error = await failure(of: { try await store.put(file: blob.path, hash: blob.hash, size: blob.size) })
            await store.close()
            if let error { throw error }
          }
        }
        try await group.waitForAll()
      }
      #expect(try await test.store.listed() == [BlobEntry(hash: blob.hash, size: blob.size)])
      #expect(try await test.store.bytes(blob.hash) == blob.bytes)
    }
  }

  @Test("What isn't there is missing, whole or in part", arguments: StoreKind.allCases)
  func missing(kind: StoreKind) async throws {
    try await StoreUnderTest.run(kind) { test in
      let hash = BlobHash(of: [9])
      let copy = test.files + "/copy"
      let size = try await test.store.size(of: hash)
      #expect(size == nil)
      await expectFailure(.missing) { try await test.store.bytes(hash) }
      await expectFailure(.missing) { try await test.store.bytes(hash, range: 0..<1) }
      await expectFailure(.missing) { try await test.store.bytes(hash, range: 1..<1) }
      await expectFailure(.missing) { try await test.store.fetch(hash, to: copy) }
      #expect(!FileManager.default.fileExists(atPath: copy))
      #expect(try await test.store.listed() == [])
    }
  }

  @Test("What is removed is gone, twice is well, and it can be put again", arguments: StoreKind.allCases)
  func removal(kind: StoreKind) async throws {
    try await StoreUnderTest.run(kind) { test in
      let (blob, other) = (try TestBlob(of: 70_000, in: test.files), try TestBlob(of: 10, in: test.files))
      for one in [blob, other] { try await test.store.put(file: one.path, hash: one.hash, size: one.size) }
      for _ in 0..<2 {
        try await test.store.remove(blob.hash)
        #expect(try await test.store.size(of: blob.hash) == nil)
        await expectFailure(.missing) { try await test.store.bytes(blob.hash) }
      }
      #expect(try await test.store.size(of: other.hash) == other.size)
      try await test.store.put(file: blob.path, hash: blob.hash, size: blob.size)
      #expect(try await test.store.bytes(blob.hash) == blob.bytes)
    }
  }

  @Test("A file that isn't what its hash or size says is refused and leaves nothing", arguments: StoreKind.allCases)
  func untrue(kind: StoreKind) async throws {
    try await StoreUnderTest.run(kind) { test in
      let blob = try TestBlob(of: 100_000, in: test.files)
      let other = BlobHash(of: [1])
      let link = test.files + "/link"
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: blob.path)
      await expectFailure(.source) { try await test.store.put(file: blob.path, hash: other, size: blob.size) }
      await expectFailure(.source) { try await test.store.put(file: blob.path, hash: blob.hash, size: 99_999) }
      await expectFailure(.source) { try await test.store.put(file: blob.path + "-", hash: blob.hash, size: 1) }
      await expectFailure(.source) { try await test.store.put(file: test.files, hash: blob.hash, size: 1) }
      await expectFailure(.source) { try await test.store.put(file: link, hash: blob.hash, size: blob.size) }
      #expect(try await test.store.listed() == [])
      #expect(try await test.store.size(of: other) == nil)
    }
  }

  @Test("Bytes that have changed are never given to their end", arguments: StoreKind.allCases)
  func damaged(kind: StoreKind) async throws {
    try await StoreUnderTest.run(kind) { test in
      let blob = try TestBlob(of: 200_000, in: test.files)
      try await test.store.put(file: blob.path, hash: blob.hash, size: blob.size)
      var changed = blob.bytes
      changed[150_000] ^= 1
      for bytes in [changed, Array(blob.bytes.dropLast()), blob.bytes + [0], []] {
        try await test.damage(blob.hash, bytes)
        let copy = test.files + "/copy"
        await expectFailure(.damaged) { try await test.store.fetch(blob.hash, to: copy) }
        #expect(!FileManager.default.fileExists(atPath: copy))
        var got = 0
        let error = await blobFailure(of: {
          for try await piece in try await test.store.read(blob.hash) { got += piece.count }
        })
        #expect(error == .damaged)
        #expect(got < max(bytes.count, 1))
        // All of it asked for as a part is checked too.
        await expectFailure(.damaged) { try await test.store.bytes(blob.hash, range: 0..<900_000) }
      }
      // Putting it again overwrites nothing, so it can't look as if it were well.
      try await test.damage(blob.hash, Array(blob.bytes.dropLast()))
      await expectFailure(.damaged) { try await test.store.put(file: blob.path, hash: blob.hash, size: blob.size) }
      #expect(try await test.store.size(of: blob.hash) == blob.size - 1)
    }
  }

  @Test("The listing has every blob once, in order, and nothing else", arguments: StoreKind.allCases)
  func listing(kind: StoreKind) async throws {
    try await StoreUnderTest.run(kind) { test in
      #expect(try await test.store.listed() == [])
      var wanted: [BlobEntry] = []
      for size in 0..<40 {
        let blob = try TestBlob(of: size, in: test.files)
        try await test.store.put(file: blob.path, hash: blob.hash, size: blob.size)
        wanted.append(BlobEntry(hash: blob.hash, size: blob.size))
      }
      wanted.sort { $0.hash < $1.hash }
      #expect(try await test.store.listed() == wanted)
      for index in [0, 1, 20, 38, 39] {
        var rest: [BlobEntry] = []
        var last: BlobHash? = wanted[index].hash
        while let after = last {
          let page = try await test.store.page(after: after)
          rest += page
          last = page.last?.hash
        }
        #expect(rest == Array(wanted[(index + 1)...]))
      }
    }
  }

  @Test("Random work by several at once ends as a dictionary says", arguments: StoreKind.allCases)
  func random(kind: StoreKind) async throws {
    try await StoreUnderTest.run(kind) { test in
      let blobs = try (0..<12).map { _ in try TestBlob(of: .random(in: 0...150_000), in: test.files) }
      try await withThrowingTaskGroup(of: Set<BlobHash>.self) { group in
        for _ in 0..<4 {
          group.addTask {
            var mine: Set<BlobHash> = []
            for _ in 0..<20 {
              guard let blob = blobs.randomElement() else { continue }
              if Bool.random() {
                try await test.store.put(file: blob.path, hash: blob.hash, size: blob.size)
                mine.insert(blob.hash)
              } else if mine.contains(blob.hash) {
                #expect(try await test.store.bytes(blob.hash) == blob.bytes)
              } else if let size = try await test.store.size(of: blob.hash) {
                #expect(size == blob.size)
              }
            }
            return mine
          }
        }
        let put = try await group.reduce(into: Set<BlobHash>()) { $0.formUnion($1) }
        #expect(Set(try await test.store.listed().map(\.hash)) == put)
      }
      #expect(try await test.store.sweep() == 0)
    }
  }

  @Test("A put that was cancelled or killed shows nothing", arguments: StoreKind.allCases)
  func cancelled(kind: StoreKind) async throws {
    try await StoreUnderTest.run(kind) { test in
      let blob = try TestBlob(of: (33 << 20) + 7, in: test.files)
      let task = Task { try await test.store.put(file: blob.path, hash: blob.hash, size: blob.size) }
      task.cancel()
      let isPut = await failure(of: { try await task.value }) == nil
      #expect(try await test.store.listed().map(\.hash) == (isPut ? [blob.hash] : []))
      try await test.store.put(file: blob.path, hash: blob.hash, size: blob.size)
      #expect(try await test.store.size(of: blob.hash) == blob.size)
    }
  }
}
