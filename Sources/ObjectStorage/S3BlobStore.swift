internal import AsyncHTTPClient
public import Domain
internal import NIOHTTP1
public import ServerKit
public import Storage

/// Blobs as objects of a bucket, each named after its hash: AWS, MinIO, Ceph, Swift, or whatever else speaks S3.
///
/// Every request is signed with the SHA-256 of what it carries, so a server keeps nothing that was changed on the way. An object is there
/// when its upload has come to its end, and not before; a killed upload in parts stays invisible until `sweep` aborts it. What is there
/// isn't sent again, and `If-None-Match` keeps two who send at the same time from overwriting each other, where the server knows it; where
/// it doesn't, both send the same bytes.
///
/// Close it when it is no longer needed.
public struct S3BlobStore: BlobStore {
  private let client: S3Client
  private let prefix: String
  private let now: @Sendable () -> Timestamp

  /// A store in a bucket, which must be there.
  ///
  /// - Parameters:
  ///   - server: how to reach the server.
  ///   - bucket: the bucket.
  ///   - prefix: what the names of our objects begin with: empty, or ending with `/`.
  ///   - limits: how long things may take.
  ///   - addresses: IP addresses of hosts that no resolver knows.
  ///   - now: the wall clock.
  public init(
    server: BlobConfiguration.Server, bucket: String, prefix: String = "", limits: S3Limits = S3Limits(),
    addresses: [String: String] = [:], now: @escaping @Sendable () -> Timestamp = { Timestamp.now }
  ) {
    client = S3Client(server: server, bucket: bucket, limits: limits, addresses: addresses, now: now)
    (self.prefix, self.now) = (prefix, now)
  }

  /// See `BlobStore`.
  public func put(file source: String, hash: BlobHash, size: Int64) async throws(BlobError) {
    let file = try await BlobThreads.shared.run { () throws(BlobError) in
      let file = try BlobFile.source(source, size: size)
      guard try file.digest(0..<size) == hash else {
        throw BlobError(.source, "\(source) has other bytes than its hash \(hash) says")
      }
      return file
    }
    if try await isThere(hash, size: size) { return }
    if size <= client.limits.part {
      try await sendWhole(file, hash: hash)
    } else {
      try await S3Upload(client: client, key: key(hash), headers: encryption).send(file)
    }
    // Whoever was quicker, or an answer that was lost, is told from nothing by looking.
    guard try await isThere(hash, size: size) else {
      throw BlobError(.unavailable, "the S3 server took the blob \(hash) and doesn't have it")
    }
  }

  /// See `BlobStore`.
  public func read(_ hash: BlobHash, range: Range<Int64>?) async throws(BlobError) -> BlobContent {
    if let range, range.isEmpty {
      guard try await size(of: hash) != nil else { throw BlobError(.missing, "there is no blob \(hash)") }
      return BlobContent(length: 0, hash: nil, reader: NoBytes())
    }
    var request = S3Request(method: "GET", key: key(hash))
    if let range { request.headers = [("range", "bytes=\(range.lowerBound)-\(range.upperBound - 1)")] }
    let response = try await client.open(request, accepting: range == nil ? [] : [416])
    if response.status == .rangeNotSatisfiable {
      return BlobContent(length: 0, hash: range?.lowerBound == 0 ? hash : nil, reader: NoBytes())
    }
    guard let length = response.headers.first(name: "content-length").flatMap({ Int64($0) }) else {
      throw BlobError(.unavailable, "the S3 server doesn't say how long the blob \(hash) is")
    }
    let start = range?.lowerBound ?? 0
    var isWhole = range == nil
    if range != nil {
      guard response.status == .partialContent, let total = Self.total(response.headers, from: start) else {
        throw BlobError(.unavailable, "the S3 server doesn't give parts of blobs")
      }
      isWhole = start == 0 && length == total
    }
    return BlobContent(
      length: length, hash: isWhole ? hash : nil,
      reader: S3Download(client: client, key: key(hash), start: start, length: length, response: response))
  }

  /// See `BlobStore`.
  public func size(of hash: BlobHash) async throws(BlobError) -> Int64? {
    let response = try await client.send(S3Request(method: "HEAD", key: key(hash)), accepting: [404])
    if response.status == 404 { return nil }
    guard let length = response.headers.first(name: "content-length").flatMap({ Int64($0) }) else {
      throw BlobError(.unavailable, "the S3 server doesn't say how long the blob \(hash) is")
    }
    return length
  }

  /// See `BlobStore`.
  public func page(after: BlobHash?) async throws(BlobError) -> [BlobEntry] {
    var last = after.map { key($0) }
    while true {
      var request = S3Request(method: "GET", query: [("list-type", "2"), ("max-keys", "1000"), ("prefix", prefix)])
      if let last { request.query.append(("start-after", last)) }
      let answer = try await client.send(request).body
      let objects = answer.all("Contents")
      let found = objects.compactMap { object -> BlobEntry? in
        guard let hash = object.value("Key").flatMap({ self.hash($0) }), let size = object.value("Size").flatMap({ Int64($0) })
        else {
          return nil
        }
        return BlobEntry(hash: hash, size: size)
      }
      if !found.isEmpty { return found }
      // Objects of somebody else may fill whole pages.
      guard answer.value("IsTruncated") == "true", let next = objects.last?.value("Key"), next != last else { return [] }
      last = next
    }
  }

  /// See `BlobStore`. A bucket that keeps versions keeps this one too: then a rule of its life cycle has to let old versions go.
  public func remove(_ hash: BlobHash) async throws(BlobError) {
    _ = try await client.send(S3Request(method: "DELETE", key: key(hash)), accepting: [404])
  }

  /// See `BlobStore`. Aborts uploads in parts that were begun longer ago than `S3Limits.abandoned`.
  @discardableResult
  public func sweep() async throws(BlobError) -> Int {
    let limit = now().advanced(by: .zero - client.limits.abandoned)
    var removed = 0
    var marker: [(name: String, value: String)] = []
    while true {
      let answer = try await client.send(S3Request(method: "GET", query: [("uploads", ""), ("prefix", prefix)] + marker)).body
      for upload in answer.all("Upload") {
        guard let key = upload.value("Key"), hash(key) != nil, let id = upload.value("UploadId"),
          let begun = upload.value("Initiated").flatMap({ Timestamp(rfc3339: $0) }), begun <= limit
        else { continue }
        try await S3Upload(client: client, key: key, headers: []).abort(id)
        removed += 1
      }
      guard answer.value("IsTruncated") == "true", let key = answer.value("NextKeyMarker") else { return removed }
      let next = [(name: "key-marker", value: key), (name: "upload-id-marker", value: answer.value("NextUploadIdMarker") ?? "")]
      guard next.map(\.value) != marker.map(\.value) else { return removed }
      marker = next
    }
  }

  /// Closes the connections.
  public func close() async { await client.close() }

  /// An address from which anybody may get the blob for a while, straight from the server. It bypasses whatever logs and checks readers, so it
  /// is for programs of ours, not for people.
  ///
  /// - Parameters:
  ///   - hash: the blob; nobody looks whether it is there.
  ///   - seconds: how long the address is good; at most a week.
  ///   - type: the media type that the server says.
  public func presignedAddress(of hash: BlobHash, seconds: Int, type: String? = nil) -> String {
    let query = type.map { [(name: "response-content-type", value: $0)] } ?? []
    return client.presigned(S3Request(method: "GET", key: key(hash), query: query), seconds: min(max(seconds, 1), 604_800))
  }

  private func key(_ hash: BlobHash) -> String { prefix + hash.hex }

  /// The blob that an object is; nil when it is something else.
  private func hash(_ key: String) -> BlobHash? { key.hasPrefix(prefix) ? BlobHash(hex: key.dropFirst(prefix.count)) : nil }

  private var encryption: [(name: String, value: String)] {
    guard !client.server.encryption.isEmpty else { return [] }
    let key = client.server.encryptionKey
    return [("x-amz-server-side-encryption", client.server.encryption)]
      + (key.isEmpty ? [] : [("x-amz-server-side-encryption-aws-kms-key-id", key)])
  }

  private func isThere(_ hash: BlobHash, size: Int64) async throws(BlobError) -> Bool {
    guard let known = try await self.size(of: hash) else { return false }
    guard known == size else { throw BlobError(.damaged, "the blob \(hash) has \(known) bytes, not \(size)") }
    return true
  }

  private func sendWhole(_ file: BlobFile, hash: BlobHash) async throws(BlobError) {
    var request = S3Request(method: "PUT", key: key(hash), payload: .file(file, 0..<file.size, hash))
    request.headers = encryption + [("if-none-match", "*")]
    // 412 and 409: somebody else put it, or is putting it. 501: the server knows no conditions, or no encryption, and the second answer says which.
    let answer = try await client.send(request, accepting: [409, 412, 501])
    guard answer.status == 501 else { return }
    request.headers = encryption
    _ = try await client.send(request)
  }

  /// The length of the whole object, of which the answer holds a part from `start` on.
  private static func total(_ headers: HTTPHeaders, from start: Int64) -> Int64? {
    guard let text = headers.first(name: "content-range"), text.hasPrefix("bytes \(start)-"), let slash = text.firstIndex(of: "/")
    else { return nil }
    return Int64(text[text.index(after: slash)...])
  }
}

/// What a part that lies outside the blob has.
private struct NoBytes: BlobReader {
  func piece(at offset: Int64, limit: Int) async throws(BlobError) -> [UInt8] { [] }
}
