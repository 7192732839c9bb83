import Foundation
import TestSupport

/// What `onefin-cli` said, both streams together, and how it ended.
struct Output: Equatable {
  var status: Int32
  var lines: [String]
}

/// The real `onefin-cli`, which the build has put beside the tests.
final class Program {
  private let process = Process()
  private let pipe = Pipe()

  /// Starts it with the tests' S3 server in its environment. Throws: what the system throws.
  init(_ words: [String], temporary: String = NSTemporaryDirectory()) throws {
    let folder = URL(filePath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      .deletingLastPathComponent()
    process.executableURL = folder.appending(path: "onefin-cli")
    process.arguments = words
    let s3 = try TestS3()
    process.environment = ProcessInfo.processInfo.environment.merging(
      [
        "TMPDIR": temporary, "BLOB_STORE": "folder:\(temporary)/none", "BLOB_S3_ENDPOINT": s3.endpoint,
        "BLOB_S3_ACCESS_KEY": s3.accessKey, "BLOB_S3_SECRET_KEY": s3.secretKey,
      ], uniquingKeysWith: { $1 })
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
  }

  var isRunning: Bool { process.isRunning }

  /// Kills it with SIGKILL, and waits. Returns whether it was still running.
  func kill() async -> Bool {
    Foundation.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    return process.terminationReason == .uncaughtSignal
  }

  /// Waits for its end.
  func output() async throws -> Output {
    let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    let lines = String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
    return Output(status: process.terminationStatus, lines: lines)
  }
}
