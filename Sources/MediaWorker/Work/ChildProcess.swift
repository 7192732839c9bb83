import CSandbox
import Foundation
import Glibc
import Synchronization

/// A child that works on one file.
final class ChildProcess: Sendable {
  /// How it ended.
  struct End: Sendable {
    /// What it says; nil when it ended without a report that can be read.
    var report: ChildReport?
    /// It was killed because its time was over.
    var isTimedOut = false
    /// The signal that ended it; 0: none.
    var signal: Int32 = 0
    /// Its exit status.
    var status: Int32 = 0
    /// Bytes that it or one of its own children held at most.
    var memory = 0
    /// Seconds of processor time.
    var seconds = 0.0
    /// The last of what it wrote to standard error.
    var errors = ""
  }

  private let room: WorkFolder.Room
  private let order: ChildOrder
  private let program: String
  /// While it runs.
  private let pid = Mutex<pid_t?>(nil)
  private let isStopped = Atomic(false)

  /// - Parameters:
  ///   - order: what it is to do.
  ///   - room: where its file lies.
  ///   - program: the executable of MediaWorker: this process's own, but in tests.
  init(_ order: ChildOrder, in room: WorkFolder.Room, program: String = "/proc/self/exe") {
    (self.order, self.room, self.program) = (order, room, program)
  }

  /// Starts it and waits for its end, at most so long. - Throws: `WorkFolder.Failure` when it cannot be started.
  func run(seconds: Int) async throws -> End {
    try await withCheckedThrowingContinuation { continuation in
      // A thread of its own: it waits, and the kernel would end the child together with the thread that started it.
      Thread.detachNewThread {
        continuation.resume(with: Result { try self.work(seconds: seconds) })
      }
    }
  }

  /// Kills it with everything in its group. Does nothing when it has ended.
  func stop() {
    isStopped.store(true, ordering: .releasing)
    pid.withLock { pid in
      if let pid { kill(-pid, SIGKILL) }
    }
  }

  private func work(seconds: Int) throws -> End {
    let orderPath = "\(room.outer)/order", reportPath = "\(room.outer)/report", errorPath = "\(room.outer)/errors"
    try JSONEncoder().encode(order).write(to: URL(fileURLWithPath: orderPath))
    let files = try [
      (orderPath, O_RDONLY), (reportPath, O_RDWR | O_CREAT | O_TRUNC), (errorPath, O_RDWR | O_CREAT | O_TRUNC | O_APPEND),
    ].map {
      path, flags throws(WorkFolder.Failure) in
      let file = open(path, flags | O_CLOEXEC, 0o600)
      guard file >= 0 else { throw WorkFolder.Failure("open \(path)") }
      return file
    }
    defer { for file in files { close(file) } }
    let started = Spawn.start(
      program, [ChildMain.argument], Tool.environment(folder: room.inner), folder: room.inner, input: files[0], output: files[1],
      errors: files[2])
    guard let started else { throw WorkFolder.Failure("start a child") }
    pid.withLock { $0 = started }
    if isStopped.load(ordering: .acquiring) { stop() }
    var end = End()
    end.isTimedOut = csandbox_wait(started, Int32(seconds * 1000)) == 1
    var usage = csandbox_end()
    pid.withLock { pid in
      csandbox_reap(started, &usage)
      pid = nil
    }
    end.signal = usage.status & 0x7F
    end.status = usage.status >> 8 & 0xFF
    end.memory = Int(usage.memory)
    end.seconds = usage.seconds
    end.errors = tail(of: files[2], limit: 600)
    if !end.isTimedOut, end.signal == 0, end.status == 0 {
      do {
        end.report = try JSONDecoder().decode(ChildReport.self, from: Data(head(of: files[1], limit: 65_536)))
      } catch {
        end.errors += "\nits report cannot be read: \(error)"
      }
    }
    return end
  }

  private func head(of file: Int32, limit: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in count = max(0, pread(file, buffer.baseAddress, limit, 0)) }
  }

  private func tail(of file: Int32, limit: Int) -> String {
    var status = stat()
    guard fstat(file, &status) == 0 else { return "" }
    let start = max(0, Int(status.st_size) - limit)
    let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
      count = max(0, pread(file, buffer.baseAddress, limit, off_t(start)))
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
