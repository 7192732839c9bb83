import Hummingbird
import NIOCore
import Storage

/// Takes a request's body to the disk as it comes: a piece at a time, never more in memory.
enum UploadStream {
  /// The most bytes of one request: 8 MiB. A client sends a large file in several.
  static let chunk: Int64 = 8 << 20
  /// How long one request may take. What has come by then stays.
  static let time: Duration = .seconds(600)

  /// Writes a body to the end of a file.
  ///
  /// Throws: 413 when it is longer than `limit`, after as many whole pieces as fit; 409 when another request has taken over; 408; 507.
  static func pour(
    _ body: RequestBody, into file: UploadFile, _ turn: UploadFile.Turn, limit: Int64, desk: UploadDesk
  ) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        var received: Int64 = 0
        for try await part in body {
          received += Int64(part.readableBytes)
          guard received <= limit else { throw Problem.tooLarge }
          let bytes = Array(part.readableBytesView)
          let isOurs = try await BlobThreads.shared.run { () throws(BlobError) in try file.append(bytes, turn) }
          guard isOurs else { throw Problem.takenOver }
        }
      }
      group.addTask {
        try await Task.sleep(for: time)
        throw Problem(.requestTimeout, "timeout", "The body did not come in time.")
      }
      defer { group.cancelAll() }
      try await group.next()
    }
  }
}
