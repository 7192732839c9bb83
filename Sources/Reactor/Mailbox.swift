internal import CEpoll
import Glibc
import Synchronization

/// The way into a loop from other threads: closures behind a lock, and an eventfd that wakes the loop once for any number of them.
final class Mailbox: Sendable {
  typealias Letter = @Sendable () -> Void

  private struct State {
    var letters: [Letter] = []
    var isOpen = true
  }

  let descriptor: Int32
  private let state = Mutex(State())

  init() throws(SystemError) {
    descriptor = cepoll_eventfd()
    guard descriptor >= 0 else { throw SystemError("eventfd") }
  }

  /// Returns false when the loop has stopped: the closure will not run.
  func post(_ letter: @escaping Letter) -> Bool {
    let (isTaken, isFirst) = state.withLock { state in
      guard state.isOpen else { return (false, false) }
      state.letters.append(letter)
      return (true, state.letters.count == 1)
    }
    if isFirst { eventfd_write(descriptor, 1) }
    return isTaken
  }

  /// Takes what has come since the last time.
  func collect() -> [Letter] {
    var count: UInt64 = 0
    // Read before the letters are taken: one that comes in between signals anew.
    _ = read(descriptor, &count, 8)
    return state.withLock { state in
      defer { state.letters = [] }
      return state.letters
    }
  }

  /// Takes no more, and gives back what has not run.
  func close() -> [Letter] {
    state.withLock { state in
      defer { state = State(isOpen: false) }
      return state.letters
    }
  }

  private func eventfd_write(_ descriptor: Int32, _ value: UInt64) {
    var value = value
    // Can only fail when the counter is full, and then the loop is awake.
    _ = write(descriptor, &value, 8)
  }

  deinit { _ = Glibc.close(descriptor) }
}
