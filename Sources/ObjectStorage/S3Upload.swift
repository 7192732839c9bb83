internal import Domain
internal import NIOHTTP1
internal import Storage

/// An upload of a large file in parts. Until it is completed there is no object; when it fails, it is aborted.
struct S3Upload: Sendable {
  let client: S3Client
  let key: String
  /// What the object is made with.
  let headers: [(name: String, value: String)]

  /// Sends the file, whose hash the caller has checked.
  func send(_ file: BlobFile) async throws(BlobError) {
    let begun = try await client.send(S3Request(method: "POST", key: key, query: [("uploads", "")], headers: headers))
    guard let id = begun.body.value("UploadId") else {
      throw BlobError(.unavailable, "the S3 server began an upload without a name")
    }
    do throws(BlobError) {
      try await complete(id, tags: try await sendParts(file, id))
    } catch {
      // In a task of its own, because ours may have been cancelled. What isn't aborted is swept a day later.
      let failure = error
      await Task { do { try await abort(id) } catch { return } }.value
      throw failure
    }
  }

  /// Gives up an upload, which frees what its parts take.
  func abort(_ id: String) async throws(BlobError) {
    _ = try await client.send(S3Request(method: "DELETE", key: key, query: [("uploadId", id)]), accepting: [404])
  }

  /// Sends the parts one after the other; gives what the server calls them.
  private func sendParts(_ file: BlobFile, _ id: String) async throws(BlobError) -> [String] {
    var tags: [String] = []
    var start: Int64 = 0
    while start < file.size {
      let range = start..<min(start + client.limits.part, file.size)
      let hash = try await BlobThreads.shared.run { () throws(BlobError) in try file.digest(range) }
      let query = [(name: "partNumber", value: String(tags.count + 1)), (name: "uploadId", value: id)]
      let answer = try await client.send(
        S3Request(method: "PUT", key: key, query: query, payload: .file(file, range, hash)))
      guard let tag = answer.headers.first(name: "etag") else {
        throw BlobError(.unavailable, "the S3 server took a part and gave it no tag")
      }
      tags.append(tag)
      start = range.upperBound
    }
    return tags
  }

  private func complete(_ id: String, tags: [String]) async throws(BlobError) {
    let parts = tags.enumerated().map { "<Part><PartNumber>\($0.offset + 1)</PartNumber><ETag>\($0.element)</ETag></Part>" }
    let body = "<CompleteMultipartUpload>\(parts.joined())</CompleteMultipartUpload>"
    // 404: an attempt before this one came to its end and its answer was lost. Whoever called looks whether the object is there.
    _ = try await client.send(
      S3Request(method: "POST", key: key, query: [("uploadId", id)], payload: .bytes(Array(body.utf8))), accepting: [404])
  }
}
