import AsyncHTTPClient
import Domain
import Foundation
import NIOCore
import NIOHTTP1
import ServerKit
import Storage
import TestSupport
import Testing

@testable import ObjectStorage

/// What only a server shows: that signatures are checked, both styles of addresses, uploads in parts, and a server that is away.
struct S3ServerTests {
  @Test("A wrong secret, a wrong name and a clock that is wrong are refused, so the server checks signatures")
  func signatures() async throws {
    let bucket = try await TestBucket()
    var secret = bucket.server
    secret.secretKey += "x"
    var name = bucket.server
    name.accessKey = "test:nobody"
    let early: @Sendable () -> Timestamp = { Timestamp.now.advanced(by: .seconds(-7200)) }
    let stores = [
      bucket.store(prefix: "", server: secret), bucket.store(prefix: "", server: name), bucket.store(prefix: "", now: early),
    ]
    try await withTemporaryFolder { folder in
      let blob = try TestBlob(of: 1000, in: folder)
      for store in stores {
        await expectFailure(.refused) { try await store.put(file: blob.path, hash: blob.hash, size: blob.size) }
        await expectFailure(.refused) { try await store.bytes(blob.hash) }
        await expectFailure(.refused) { try await store.listed() }
        await store.close()
      }
    }
  }

  @Test("The server keeps nothing whose bytes aren't those that were signed")
  func payload() async throws {
    let bucket = try await TestBucket()
    let client = bucket.client()
    let key = TestS3.newPrefix() + "x"
    try await withTemporaryFolder { folder in
      let blob = try TestBlob(of: 1000, in: folder)
      let file = try BlobFile.open(blob.path)
      let untrue = S3Request(method: "PUT", key: key, payload: .file(file, 0..<1000, BlobHash(of: [1])))
      await expectFailure(.source) { try await client.send(untrue) }
      #expect(try await client.send(S3Request(method: "HEAD", key: key), accepting: [404]).status == 404)
    }
    await client.close()
  }

  @Test("The bucket may stand in the host's name")
  func virtualHost() async throws {
    let bucket = try await TestBucket()
    var server = bucket.server
    let port = try #require(server.endpoint.port)
    server.endpoint = try #require(ServiceAddress("http://s3.onefin.test:\(port)"))
    server.usesPath = false
    let prefix = TestS3.newPrefix()
    let store = bucket.store(
      prefix: prefix, server: server, addresses: ["\(bucket.name).s3.onefin.test": bucket.server.endpoint.host])
    let other = bucket.store(prefix: prefix)
    try await withTemporaryFolder { folder in
      let blob = try TestBlob(of: 70_000, in: folder)
      try await store.put(file: blob.path, hash: blob.hash, size: blob.size)
      #expect(try await store.bytes(blob.hash) == blob.bytes)
      #expect(try await other.bytes(blob.hash) == blob.bytes)
      #expect(try await store.listed() == [BlobEntry(hash: blob.hash, size: blob.size)])
    }
    await store.close()
    await other.close()
  }

  @Test("A presigned address works without a header, for that blob and as long as it is good")
  func presigned() async throws {
    let bucket = try await TestBucket()
    let store = bucket.store(prefix: TestS3.newPrefix())
    let early = bucket.store(prefix: "", now: { Timestamp.now.advanced(by: .seconds(-600)) })
    try await withTemporaryFolder { folder in
      let blob = try TestBlob(of: 50_000, in: folder)
      try await store.put(file: blob.path, hash: blob.hash, size: blob.size)
      let address = store.presignedAddress(of: blob.hash, seconds: 60, type: "application/pdf")
      let response = try await HTTPClient.shared.execute(HTTPClientRequest(url: address), timeout: .seconds(20))
      #expect(response.status == .ok)
      #expect(response.headers.first(name: "content-type") == "application/pdf")
      #expect(Array(try await response.body.collect(upTo: 1 << 20).readableBytesView) == blob.bytes)
      let changed = address.replacingOccurrences(of: blob.hash.hex, with: BlobHash(of: [1]).hex)
      for wrong in [changed, address + "0", early.presignedAddress(of: blob.hash, seconds: 60)] {
        let refused = try await HTTPClient.shared.execute(HTTPClientRequest(url: wrong), timeout: .seconds(20))
        #expect(refused.status == .forbidden)
      }
    }
    await store.close()
    await early.close()
  }

  @Test("An upload in parts shows nothing before its end, is swept when it is old, and isn't while it may run")
  func parts() async throws {
    let bucket = try await TestBucket()
    let prefix = TestS3.newPrefix()
    let store = bucket.store(prefix: prefix)
    let tomorrow = bucket.store(prefix: prefix, now: { Timestamp.now.advanced(by: .seconds(86_400 - 60)) })
    var limits = TestBucket.limits
    limits.abandoned = .seconds(-60)
    let impatient = bucket.store(prefix: prefix, limits: limits)
    let client = bucket.client()
    try await withTemporaryFolder { folder in
      let blob = try TestBlob(of: 6 << 20, in: folder)
      let key = prefix + blob.hash.hex
      let begun = try await client.send(S3Request(method: "POST", key: key, query: [("uploads", "")]))
      let id = try #require(begun.body.value("UploadId"))
      let file = try BlobFile.open(blob.path)
      let part = S3Request(
        method: "PUT", key: key, query: [("partNumber", "1"), ("uploadId", id)], payload: .file(file, 0..<blob.size, blob.hash))
      _ = try await client.send(part)
      #expect(try await store.listed() == [])
      #expect(try await store.size(of: blob.hash) == nil)
      #expect(try await store.sweep() == 0)
      await expectFailure(.refused) { try await tomorrow.sweep() }
      #expect(try await impatient.sweep() == 1)
      #expect(try await impatient.sweep() == 0)
      await expectFailure(.missing) { try await client.send(part) }
    }
    for store in [store, tomorrow, impatient] { await store.close() }
    await client.close()
  }

  @Test("Encryption is asked for, and a server that has none refuses instead of keeping the bytes plain")
  func encryption() async throws {
    let bucket = try await TestBucket()
    var server = bucket.server
    server.encryption = "AES256"
    let prefix = TestS3.newPrefix()
    let store = bucket.store(prefix: prefix, server: server)
    try await withTemporaryFolder { folder in
      for size in [1000, 17 << 20] {
        let blob = try TestBlob(of: size, in: folder)
        await expectFailure(.refused) { try await store.put(file: blob.path, hash: blob.hash, size: blob.size) }
        #expect(try await store.size(of: blob.hash) == nil)
      }
    }
    await store.close()
  }

  @Test("A bucket that isn't there is refused, and not taken for an empty one")
  func noBucket() async throws {
    let bucket = try await TestBucket()
    let store = S3BlobStore(server: bucket.server, bucket: "onefin-none", limits: TestBucket.limits)
    try await withTemporaryFolder { folder in
      let blob = try TestBlob(of: 10, in: folder)
      await expectFailure(.refused) { try await store.listed() }
      await expectFailure(.refused) { try await store.bytes(blob.hash) }
      await expectFailure(.refused) { try await store.put(file: blob.path, hash: blob.hash, size: blob.size) }
    }
    await store.close()
  }
}
