/// Threads that wait for disks, so that the few threads which all tasks share never do.
package final class BlobThreads: Sendable {
  /// Those of the process: four, so that one slow disk request holds up few others.
  package static let shared = BlobThreads(count: 4)
  /// Two more, for tables that are read or drawn for seconds: they hold up no file.
  package static let tables = BlobThreads(count: 2)

  private let queue = Monitor<[@Sendable () -> Void]>([])

  private init(count: Int) {
    for _ in 0..<count {
      OwnThread.start { [queue] in
        while true {
          let job = queue.wait { jobs in jobs.isEmpty ? nil : jobs.removeFirst() }
          job?()
        }
      }
    }
  }

  /// Runs `body`, which may block, on one of the threads.
  package func run<T: Sendable>(_ body: @escaping @Sendable () throws(BlobError) -> T) async throws(BlobError) -> T {
    let result: Result<T, BlobError> = await withCheckedContinuation { continuation in
      queue.change { jobs in
        jobs.append {
          do throws(BlobError) {
            continuation.resume(returning: .success(try body()))
          } catch {
            continuation.resume(returning: .failure(error))
          }
        }
      }
    }
    return try result.get()
  }
}
