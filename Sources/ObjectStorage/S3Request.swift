internal import AsyncHTTPClient
internal import Domain
internal import NIOCore
internal import ServerKit
internal import Storage

/// A request to the bucket, which may be sent again.
struct S3Request: Sendable {
  /// What is sent.
  enum Payload: Sendable {
    case none
    case bytes([UInt8])
    /// A part of a file, and its SHA-256.
    case file(BlobFile, Range<Int64>, BlobHash)
  }

  var method: String
  /// The object; empty for the bucket itself.
  var key = ""
  var query: [(name: String, value: String)] = []
  var headers: [(name: String, value: String)] = []
  var payload = Payload.none

  /// How the server wants it addressed.
  func addressed(_ server: BlobConfiguration.Server, bucket: String) -> SigV4.Request {
    let object = SigV4.encoded(key, keepsSlashes: true)
    return SigV4.Request(
      method: method,
      host: server.usesPath ? server.endpoint.authority : "\(bucket).\(server.endpoint.authority)",
      path: server.usesPath ? (key.isEmpty ? "/\(bucket)" : "/\(bucket)/\(object)") : "/\(object)",
      query: query, headers: headers)
  }

  /// The SHA-256 of what is sent.
  var hash: BlobHash {
    switch payload {
    case .none: BlobHash(of: [])
    case .bytes(let bytes): BlobHash(of: bytes)
    case .file(_, _, let hash): hash
    }
  }

  /// What is sent, as the client wants it; a file is read as it goes.
  var body: HTTPClientRequest.Body? {
    switch payload {
    // AWS wants a length even of nothing.
    case .none: method == "PUT" || method == "POST" ? .bytes(ByteBuffer()) : nil
    case .bytes(let bytes): .bytes(ByteBuffer(bytes: bytes))
    case .file(let file, let range, _): .stream(FilePieces(file: file, range: range), length: .known(Int64(range.count)))
    }
  }
}

/// A part of a file in pieces of 64 KiB.
struct FilePieces: AsyncSequence, Sendable {
  typealias Element = ByteBuffer

  let file: BlobFile
  let range: Range<Int64>

  func makeAsyncIterator() -> Iterator { Iterator(file: file, range: range) }

  struct Iterator: AsyncIteratorProtocol {
    let file: BlobFile
    var range: Range<Int64>

    mutating func next() async throws(BlobError) -> ByteBuffer? {
      guard !range.isEmpty else { return nil }
      let (file, start) = (file, range.lowerBound)
      let limit = Int(Swift.min(Int64(range.count), 65_536))
      let piece = try await BlobThreads.shared.run { () throws(BlobError) in try file.read(at: start, limit: limit) }
      guard !piece.isEmpty else { throw BlobError(.source, "the file became shorter while it was sent") }
      range = (start + Int64(piece.count))..<range.upperBound
      return ByteBuffer(bytes: piece)
    }
  }
}
