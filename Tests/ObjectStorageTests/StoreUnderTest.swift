import Domain
import Foundation
import ServerKit
import Storage
import TestSupport
import Testing

@testable import ObjectStorage

/// The stores that the contract is held for.
enum StoreKind: String, CaseIterable, Sendable {
  case folder
  case s3
}

/// A store of its own for one test, and what tests do behind its back.
struct StoreUnderTest: Sendable {
  let store: any BlobStore
  /// Makes another store on the same place, as another process has.
  let another: @Sendable () throws -> any BlobStore
  /// Puts other bytes where a blob is.
  let damage: @Sendable (BlobHash, [UInt8]) async throws -> Void
  /// Where tests keep their files.
  let files: String

  /// Runs `body` with a store that has nothing yet.
  static func run(_ kind: StoreKind, _ body: @escaping @Sendable (StoreUnderTest) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
      switch kind {
      case .folder: try await inFolder(folder, body)
      case .s3: try await inBucket(folder, body)
      }
    }
  }

  private static func inFolder(_ folder: String, _ body: @Sendable (StoreUnderTest) async throws -> Void) async throws {
    let root = folder + "/blobs"
    let store = try FolderBlobStore(path: root)
    let test = StoreUnderTest(
      store: store, another: { try FolderBlobStore(path: root) },
      damage: { hash, bytes in
        let path = "\(root)/\(hash.hex.prefix(2))/\(hash.hex.dropFirst(2).prefix(2))/\(hash.hex)"
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        try Data(bytes).write(to: URL(filePath: path))
      }, files: folder)
    try await body(test)
  }

  private static func inBucket(_ folder: String, _ body: @Sendable (StoreUnderTest) async throws -> Void) async throws {
    let prefix = TestS3.newPrefix()
    let bucket = try await TestBucket()
    let store = bucket.store(prefix: prefix)
    let test = StoreUnderTest(
      store: store, another: { bucket.store(prefix: prefix) },
      damage: { hash, bytes in
        let other = bucket.client()
        let answer = await failure(of: {
          try await other.send(S3Request(method: "PUT", key: prefix + hash.hex, payload: .bytes(bytes)))
        })
        await other.close()
        if let answer { throw answer }
      }, files: folder)
    let error = await failure(of: { try await body(test) })
    await store.close()
    if let error { throw error }
  }
}

/// The bucket that tests share on the real server.
struct TestBucket: Sendable {
  let name: String
  let server: BlobConfiguration.Server

  /// Makes the bucket unless another test has. Throws: `BlobError`; a sentence when there is no server.
  init() async throws {
    let s3 = try TestS3()
    guard let endpoint = ServiceAddress(s3.endpoint) else { throw BlobError(.refused, "ONEFIN_TEST_S3 names no address") }
    name = s3.bucket
    server = BlobConfiguration.Server(
      endpoint: endpoint, region: "us-east-1", usesPath: true, accessKey: s3.accessKey, secretKey: s3.secretKey)
    let client = client()
    let error = await failure(of: { try await client.send(S3Request(method: "PUT"), accepting: [409]) })
    await client.close()
    if let error { throw error }
  }

  /// Limits with which a test doesn't wait for long.
  static var limits: S3Limits {
    var limits = S3Limits()
    limits.backoff = Backoff(first: .milliseconds(10), limit: .milliseconds(50))
    return limits
  }

  func client(_ server: BlobConfiguration.Server? = nil, limits: S3Limits = limits) -> S3Client {
    S3Client(server: server ?? self.server, bucket: name, limits: limits, addresses: [:], now: { .now })
  }

  func store(
    prefix: String, server: BlobConfiguration.Server? = nil, limits: S3Limits = limits, addresses: [String: String] = [:],
    now: @escaping @Sendable () -> Timestamp = { .now }
  ) -> S3BlobStore {
    S3BlobStore(
      server: server ?? self.server, bucket: name, prefix: prefix, limits: limits, addresses: addresses, now: now)
  }
}

extension BlobStore {
  /// All the bytes of a blob, or of a part.
  func bytes(_ hash: BlobHash, range: Range<Int64>? = nil) async throws(BlobError) -> [UInt8] {
    var bytes: [UInt8] = []
    for try await piece in try await read(hash, range: range) { bytes += piece }
    return bytes
  }

  /// The whole listing.
  func listed() async throws(BlobError) -> [BlobEntry] {
    var entries: [BlobEntry] = []
    for try await entry in all() { entries.append(entry) }
    return entries
  }
}

/// The kind of the blob error that `body` throws, nil when it returns or throws something else.
func blobFailure<T>(
  isolation: isolated (any Actor)? = #isolation, of body: () async throws -> T
) async -> BlobError.Kind? {
  (await failure(of: body) as? BlobError)?.kind
}

/// Holds that `body` throws a blob error of that kind: `#expect(throws:)` for closures in closures (see `failure(of:)`).
func expectFailure<T>(
  _ kind: BlobError.Kind, isolation: isolated (any Actor)? = #isolation, sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () async throws -> T
) async {
  let error = await failure(of: body)
  #expect((error as? BlobError)?.kind == kind, "it is \(String(describing: error))", sourceLocation: sourceLocation)
}
