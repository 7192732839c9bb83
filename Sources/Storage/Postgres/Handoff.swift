internal import Synchronization

/// Brings a job and its task's cancellation together, whichever comes first.
final class Handoff: Sendable {
  private struct State {
    var job: PoolJob?
    var isCancelled = false
  }
  private let state = Mutex(State())

  /// Returns false when the task has been cancelled already.
  func put(_ job: PoolJob) -> Bool {
    state.withLock { state in
      state.job = job
      return !state.isCancelled
    }
  }

  /// Returns the job when there is one already.
  func cancel() -> PoolJob? {
    state.withLock { state in
      state.isCancelled = true
      return state.job
    }
  }
}
