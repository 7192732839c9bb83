import Synchronization

/// Lets a few tests at a time have a database: all tests start at once, and Postgres has only so many connections.
final class TestGate: Sendable {
  /// The process's gate.
  static let shared = TestGate(places: 8)

  /// Whether the task has a database already; a second one inside the first then needs no place of its own, which it might wait for in vain.
  @TaskLocal static var isInside = false

  private struct State {
    var places: Int
    var waiting: [CheckedContinuation<Void, Never>] = []
  }
  private let state: Mutex<State>

  init(places: Int) { state = Mutex(State(places: places)) }

  func enter() async {
    await withCheckedContinuation { continuation in
      let mayEnter = state.withLock { state in
        if state.places > 0 {
          state.places -= 1
          return true
        }
        state.waiting.append(continuation)
        return false
      }
      if mayEnter { continuation.resume() }
    }
  }

  func leave() {
    let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
      if state.waiting.isEmpty {
        state.places += 1
        return nil
      }
      return state.waiting.removeFirst()
    }
    next?.resume()
  }
}
