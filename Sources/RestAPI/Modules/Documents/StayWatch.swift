import Domain
import Storage
import Synchronization

/// Whether the stay by which a file is on its way to a ghost still lasts: asked before each piece, and of the database once a second.
final class StayWatch: Sendable {
  private let observation: ObservationID
  private let until: Timestamp
  private let services: RestServices
  private let askedAt: Mutex<Timestamp>

  /// Nil for a file that a participant opens.
  init?(_ file: DocumentFile, _ services: RestServices) {
    guard let observation = file.access.observation, let until = file.access.until else { return nil }
    (self.observation, self.until, self.services) = (observation, until, services)
    askedAt = Mutex(services.clock())
  }

  /// Throws: 404 when it is over, which ends the connection in the middle of the file; `DatabaseError`.
  func check() async throws {
    let now = services.clock()
    guard now < until else { throw Problem.notFound }
    let isDue = askedAt.withLock { askedAt in
      guard now.since(askedAt) >= .seconds(1) else { return false }
      askedAt = now
      return true
    }
    guard isDue else { return }
    let stay = observation
    guard try await services.database.run({ try TopicLog.isOpen(stay, at: now, in: $0) }) else { throw Problem.notFound }
  }
}
