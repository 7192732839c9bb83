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
  private let refusals = Mutex(RefusalTally())

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

  /// Counts a refused sign-in, and writes it down unless one of that account and place has just been.
  func noteRefusal(of account: AccountID?, from address: String) async throws {
    let now = clock()
    let key = RefusalTally.Key(account: account, place: AddressGroup.name(of: address))
    guard let row = refusals.withLock({ $0.note(key, at: now) }) else { return }
    try await write([row])
  }

  /// Writes the refused sign-ins down that were only counted so far.
  func writeRefusals() async throws {
    let now = clock()
    let rows = refusals.withLock { $0.due(at: now) }
    if !rows.isEmpty { try await write(rows) }
  }

  private func write(_ rows: [RefusalTally.Row]) async throws {
    try await database.transaction { session in
      for row in rows {
        // A password typed into the login field must not stay readable for ever, so an unknown login isn't written down.
        try ActionLog.append(
          "session.refuse", by: ActionLog.Actor(account: row.key.account, session: nil, address: row.key.place ?? ""),
          detail: ["known": .flag(row.key.account != nil), "count": .number(Int64(row.count))], in: session)
      }
    }
  }

  /// Gives them back.
  func giveBack(_ ticket: SignInThrottle.Ticket) {
    let now = clock()
    throttle.withLock { $0.giveBack(ticket, at: now) }
  }
}
