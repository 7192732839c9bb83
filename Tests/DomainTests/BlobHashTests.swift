import Domain
import Testing

struct BlobHashTests {
  @Test("SHA-256 as FIPS 180-4 has it")
  func vectors() {
    #expect(BlobHash(of: []).hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(BlobHash(of: Array("abc".utf8)).hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }

  @Test("Pieces hash as the whole does")
  func pieces() {
    let bytes = (0..<10_000).map { _ in UInt8.random(in: 0...255) }
    var hasher = BlobHash.Hasher()
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = Array(rest.prefix(.random(in: 1...700)))
      hasher.update(piece)
      rest = rest.dropFirst(piece.count)
    }
    #expect(hasher.finalize() == BlobHash(of: bytes))
  }

  @Test("Text and bytes lead back to it, in one spelling only")
  func forms() throws {
    let hash = BlobHash(of: [1, 2, 3])
    #expect(BlobHash(hex: hash.hex) == hash)
    #expect(BlobHash(bytes: hash.bytes) == hash)
    #expect(BlobHash(hex: hash.hex.uppercased()) == nil)
    #expect(BlobHash(hex: hash.hex.dropLast()) == nil)
    #expect(BlobHash(hex: hash.hex.dropLast() + "g") == nil)
    #expect(BlobHash(bytes: hash.bytes.dropLast()) == nil)
    #expect(BlobHash(bytes: hash.bytes + [0]) == nil)
  }

  @Test("The order of hashes is that of their bytes and of their text")
  func order() {
    let hashes = (0..<200).map { BlobHash(of: [UInt8($0)]) }
    #expect(hashes.sorted().map(\.hex) == hashes.map(\.hex).sorted())
    #expect(hashes.sorted().map(\.bytes) == hashes.map(\.bytes).sorted { $0.lexicographicallyPrecedes($1) })
  }
}
