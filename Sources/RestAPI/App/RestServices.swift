import Domain
import HTTPTypes
import Logging
import Metrics
import ServerKit
import Storage
import Synchronization

/// What the rooms share. One per process; tests make their own.
final class RestServices: Sendable {
  let configuration: RestConfiguration
  let database: Postgres
  let passwords: PasswordHasher
  let health: HealthRegistry
  let metrics: PrometheusRegistry
  let logger: Logger
  /// The time, which tests move by hand.
  let clock: @Sendable () -> Timestamp
  private let throttle: Mutex<SignInThrottle>

  init(
    configuration: RestConfiguration, database: Postgres, passwords: PasswordHasher, health: HealthRegistry = HealthRegistry(),
    metrics: PrometheusRegistry = PrometheusRegistry(), logger: Logger, throttle: SignInThrottle = SignInThrottle(),
    clock: @escaping @Sendable () -> Timestamp = { .now }
  ) {
    self.configuration = configuration
    self.database = database
    self.passwords = passwords
    self.health = health
    self.metrics = metrics
    self.logger = logger
    self.throttle = Mutex(throttle)
    self.clock = clock
    health.register("postgres") {
      do {
        try await database.run { try $0.ping() }
        return nil
      } catch {
        logger.debug("Postgres is not ready", metadata: ["error": "\(error)"])
        return "away"
      }
    }
  }

  /// Everything measured, with what is read off at this moment.
  func exposition() -> String {
    let pool = database.status
    func gauge(_ label: String, _ value: Int) { Meter(label: label, factory: metrics).set(value) }
    gauge("postgres.pool.connections", pool.connections)
    gauge("postgres.pool.in_use", pool.inUse)
    gauge("postgres.pool.waiting", pool.waiting)
    gauge("postgres.pool.away", pool.isAway ? 1 : 0)
    gauge("sign_in.throttle.buckets", throttle.withLock { $0.count })
    return metrics.exposition()
  }

  /// Takes the tokens of an attempt at a password. Throws: a 429 problem.
  func admit(_ attempt: SignInThrottle.Attempt) throws(Problem) -> SignInThrottle.Ticket {
    let now = clock()
    switch throttle.withLock({ $0.admit(attempt, at: now) }) {
    case .admitted(let ticket): return ticket
    case .refused(let wait):
      throw Problem(
        .tooManyRequests, "throttled", "Too many attempts; try again later.", retryAfter: Int(clamping: wait.components.seconds))
    }
  }

  /// Gives them back.
  func giveBack(_ ticket: SignInThrottle.Ticket) {
    let now = clock()
    throttle.withLock { $0.giveBack(ticket, at: now) }
  }
}
