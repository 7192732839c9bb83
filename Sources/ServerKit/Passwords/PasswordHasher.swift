import Dispatch
import Domain
import Synchronization

/// Hashes and checks passwords, at most so many at once and with a bounded queue, because each takes 64 MiB and a tenth of a second of
/// a core: whoever knocks a thousand times must not fill the memory or stop the others.
public final class PasswordHasher: Sendable {
  private struct Waiting {
    let id: UInt64
    let start: CheckedContinuation<Void, any Error>
  }

  private struct State {
    var running = 0
    var waiting: [Waiting] = []
    var nextID: UInt64 = 0
    var highest = 0
  }

  private let state = Mutex(State())
  private let queue = DispatchQueue(label: "passwords", attributes: .concurrent)
  private let atOnce: Int
  private let queueLimit: Int
  private let cost: Argon2.Cost
  private let stranger: Mutex<String?> = Mutex(nil)

  /// - Parameters:
  ///   - atOnce: how many hashes are computed at once (2).
  ///   - queueLimit: how many may wait (32); the next is refused as `unavailable`.
  ///   - cost: what new hashes cost.
  public init(atOnce: Int = 2, queueLimit: Int = 32, cost: Argon2.Cost = .standard) {
    self.atOnce = atOnce
    self.queueLimit = queueLimit
    self.cost = cost
  }

  /// The most hashes that were ever computed at once, for tests and metrics.
  public var highestAtOnce: Int { state.withLock { $0.highest } }

  /// Hashes a new password.
  ///
  /// - Throws: `DomainError.unavailable` when the queue is full or memory is short; `CancellationError`.
  public func hash(_ password: String) async throws -> String {
    let cost = cost
    return try await run { try Argon2.hash(password, cost: cost) }
  }

  /// Checks a password against the hash of an account.
  ///
  /// - Throws: `DomainError.unavailable` when the queue is full; `CancellationError`.
  public func verify(_ password: String, against hash: String) async throws -> Bool {
    try await run { try Argon2.verify(password, against: hash) }
  }

  /// Spends as long as `verify` does, for a login that doesn't exist, so that the time of the answer doesn't tell.
  ///
  /// - Throws: as `verify`.
  public func verifyStranger(_ password: String) async throws {
    let cost = cost
    let known = stranger.withLock { $0 }
    _ = try await run { [self] in
      let hash = try known ?? Argon2.hash("nobody's", cost: cost)
      stranger.withLock { $0 = hash }
      return try Argon2.verify(password, against: hash)
    }
  }

  /// Computes the hash that strangers are checked against; without it the first unknown login takes twice as long as a known one.
  ///
  /// - Throws: as `verify`.
  public func warmUp() async throws { try await verifyStranger("") }

  /// Whether a hash should be made anew now that the password is at hand.
  public func needsRehash(_ hash: String) -> Bool { Argon2.needsRehash(hash, cost: cost) }

  private func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await takeTurn()
    defer { passTurn() }
    return try await withCheckedThrowingContinuation { continuation in
      queue.async {
        do {
          continuation.resume(returning: try work())
        } catch Argon2.Failure.outOfMemory {
          continuation.resume(throwing: DomainError.unavailable)
        } catch {
          continuation.resume(throwing: error)
        }
      }
    }
  }

  private func takeTurn() async throws {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        enum Step { case go, wait, refuse(any Error) }
        let step: Step = state.withLock { state in
          // The handler below may have run before the continuation existed.
          if Task.isCancelled { return .refuse(CancellationError()) }
          if state.running < atOnce {
            state.running += 1
            state.highest = max(state.highest, state.running)
            return .go
          }
          guard state.waiting.count < queueLimit else { return .refuse(DomainError.unavailable) }
          state.waiting.append(Waiting(id: id, start: continuation))
          return .wait
        }
        switch step {
        case .go: continuation.resume()
        case .wait: break
        case .refuse(let error): continuation.resume(throwing: error)
        }
      }
    } onCancel: {
      let left = state.withLock { state in
        state.waiting.firstIndex { $0.id == id }.map { state.waiting.remove(at: $0) }
      }
      left?.start.resume(throwing: CancellationError())
    }
  }

  private func passTurn() {
    let next = state.withLock { state -> Waiting? in
      guard !state.waiting.isEmpty else {
        state.running -= 1
        return nil
      }
      return state.waiting.removeFirst()
    }
    next?.start.resume()
  }
}
