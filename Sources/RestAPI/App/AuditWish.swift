import Domain
import Synchronization

/// A verification of the whole database that an admin asks for, and `AuditJob` does: one at a time.
final class AuditWish: Sendable {
  private let account = Mutex<AccountID?>(nil)
  /// Rings when somebody asks. For one listener, as long as it lives.
  let bell: AsyncStream<Void>
  private let ring: AsyncStream<Void>.Continuation

  init() { (bell, ring) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

  /// Who asked; nil: nobody waits for one.
  var asker: AccountID? { account.withLock { $0 } }
  /// Whether one is asked for, or being done here.
  var isPending: Bool { asker != nil }

  /// Asks. False when somebody has asked already.
  func ask(by who: AccountID) -> Bool {
    let isFirst = account.withLock { account in
      guard account == nil else { return false }
      account = who
      return true
    }
    if isFirst { ring.yield() }
    return isFirst
  }

  /// It was done, or is not to be done.
  func clear() { account.withLock { $0 = nil } }
}
