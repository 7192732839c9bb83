import Foundation
import Hummingbird
import NIOCore
import Storage

/// A file that was made to be sent once. It goes when nobody needs it any more, also when the client went away in the middle.
final class ExportFile: Sendable {
  /// How much of it is in memory at a time.
  private static let piece = 256 << 10
  let path: String

  /// The room that must be left when one is begun, in bytes.
  private static let room: Int64 = 64 << 20

  init(path: String) { self.path = path }

  /// A new one in the folder of uploads, which no other user of this machine looks into. Throws: 507 without room.
  static func scratch(_ uploads: UploadDesk) async throws -> ExportFile {
    ExportFile(path: try await uploads.scratch(limit: room).path)
  }

  deinit {
    // What is not there needs no removal; what cannot be removed is left to the uploads' housekeeping.
    unlink(path)
  }

  /// Makes it, for this process' user alone. Throws: when it can't be made.
  func create() throws -> FileHandle {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw BlobError(.unavailable, "\(path) can't be made: \(String(cString: strerror(errno)))") }
    return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }

  /// The answer's body: first `make`, then the file that it has left, piece by piece. The head of the answer goes out at once, so that nobody on the way
  /// gives up on a file that takes long; when `make` fails, the answer ends without its end, and the client knows that it isn't whole.
  static func body(of file: ExportFile, making make: @escaping @Sendable () async throws -> Void) -> ResponseBody {
    ResponseBody { writer in
      try await make()
      let handle = try FileHandle(forReadingFrom: URL(filePath: file.path))
      try await send(handle, to: &writer)
    }
  }

  private static func send(_ handle: FileHandle, to writer: inout any ResponseBodyWriter) async throws {
    while true {
      let piece = try await BlobThreads.shared.run { () throws(BlobError) in try read(handle) }
      guard let piece else { break }
      try await writer.write(ByteBuffer(bytes: piece))
    }
    try handle.close()
    try await writer.finish(nil)
  }

  /// The answer's body: the file as it is now, piece by piece. Throws: when it can't be opened.
  func body() throws -> ResponseBody {
    let handle = try FileHandle(forReadingFrom: URL(filePath: path))
    let length = try handle.seekToEnd()
    try handle.seek(toOffset: 0)
    return ResponseBody(contentLength: Int(length)) { [self] writer in
      // Held until the last byte.
      _ = self
      try await Self.send(handle, to: &writer)
    }
  }

  private static func read(_ handle: FileHandle) throws(BlobError) -> Data? {
    do {
      return try handle.read(upToCount: piece)
    } catch {
      throw BlobError(.unavailable, "the file that is being sent can't be read: \(error)")
    }
  }
}
