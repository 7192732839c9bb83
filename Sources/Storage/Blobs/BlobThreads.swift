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

  /// Waits for `body` on a thread that may block: never on one that Swift runs tasks on.
  static func wait<T: Sendable>(for body: @escaping @Sendable () async throws(BlobError) -> T) throws(BlobError) -> T {
    let end = Monitor<Result<T, BlobError>?>(nil)
    Task {
      do throws(BlobError) {
        let value = try await body()
        end.change { $0 = .success(value) }
      } catch {
        end.change { $0 = .failure(error) }
      }
    }
    guard let result = end.wait({ $0 }) else { throw BlobError(.cancelled, "nobody said how it ended") }
    return try result.get()
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
