internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import Storage

/// The bytes of an object as they come, and from where they broke off when the connection does.
actor S3Download: BlobReader {
  private let client: S3Client
  private let key: String
  private let start: Int64
  private let length: Int64
  private var body: HTTPClientResponse.Body.AsyncIterator?
  private var waiting = ByteBuffer()

  /// - Parameters:
  ///   - response: the answer to the first request, whose body begins at `start` of the object.
  ///   - length: how many bytes are wanted.
  init(client: S3Client, key: String, start: Int64, length: Int64, response: HTTPClientResponse) {
    (self.client, self.key, self.start, self.length) = (client, key, start, length)
    body = response.body.makeAsyncIterator()
  }

  func piece(at offset: Int64, limit: Int) async throws(BlobError) -> [UInt8] {
    if waiting.readableBytes == 0 { waiting = try await more(from: offset) }
    return waiting.readBytes(length: min(limit, waiting.readableBytes)) ?? []
  }

  /// The next bytes; none at the end.
  private func more(from offset: Int64) async throws(BlobError) -> ByteBuffer {
    var failures = 0
    while true {
      if body == nil { body = try await reopened(at: offset) }
      do {
        guard var iterator = body else { return ByteBuffer() }
        let next = try await iterator.next(isolation: self)
        body = iterator
        guard let next else { return ByteBuffer() }
        if next.readableBytes > 0 { return next }
      } catch {
        let fault = S3Fault(error)
        body = nil
        failures += 1
        guard fault.mayRetry, failures < client.limits.attempts else { throw fault.error }
        try await client.pause(after: failures)
      }
    }
  }

  private func reopened(at offset: Int64) async throws(BlobError) -> HTTPClientResponse.Body.AsyncIterator {
    let range = (name: "range", value: "bytes=\(start + offset)-\(start + length - 1)")
    let response = try await client.open(S3Request(method: "GET", key: key, headers: [range]))
    guard response.status == .partialContent else {
      throw BlobError(.unavailable, "the S3 server broke off and doesn't go on from the middle")
    }
    return response.body.makeAsyncIterator()
  }
}
