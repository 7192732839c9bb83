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
  /// Where files are kept.
  let blobs: any BlobStore
  /// Files on their way.
  let uploads: UploadDesk
  /// Signs addresses of files.
  let links: FileLinks
  /// Months of work that were just worked out.
  let months = MonthCache()
  /// The time, which tests move by hand.
  let clock: @Sendable () -> Timestamp
  private let throttle: Mutex<SignInThrottle>
  private let refusals = Mutex(RefusalTally<RefusedSignIn>())
  private let refusedAccess = Mutex(RefusalTally<RefusedAccess>())
  /// 30 looks at stamps per address, one per 2 s.
  private let verifications = Mutex(AddressThrottle(.init(capacity: 30, refill: .seconds(2))))
  /// 30 looks at one-time links per address, one per 2 s.
  private let linksThrottle = Mutex(AddressThrottle(.init(capacity: 30, refill: .seconds(2))))
  /// Codes of authenticators are short: guessing them is slower than guessing passwords, and starts when a password is known.
  private let codes = Mutex(SignInThrottle(rates: RestServices.codeRates))
  private let comparisons = Mutex(0)
  /// A verification that an admin has asked for.
  let auditWish = AuditWish()

  init(
    configuration: RestConfiguration, database: Postgres, blobs: any BlobStore, passwords: PasswordHasher,
    health: HealthRegistry = HealthRegistry(),
    metrics: PrometheusRegistry = PrometheusRegistry(), logger: Logger, throttle: SignInThrottle = SignInThrottle(),
    clock: @escaping @Sendable () -> Timestamp = { .now }
  ) {
    self.configuration = configuration
    self.database = database
    self.blobs = blobs
    uploads = UploadDesk(
      folder: configuration.uploadFolder, reserve: Int64(configuration.uploadReserve) << 20,
      scanner: VirusScanner.Place(configuration.scanner).map { VirusScanner(place: $0) })
    links = FileLinks(database: database)
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

  /// Tells MediaWorker that there is something to do, after the commit that wrote it down.
  func wakeWorkers() async {
    do {
      try await database.run { try Jobs.wake(in: $0) }
    } catch {
      // Workers also look by themselves, a little later.
      logger.debug("Nobody was woken for a job", metadata: ["error": "\(error)"])
    }
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
    let key = RefusedSignIn(account: account, place: AddressGroup.name(of: address))
    guard let row = refusals.withLock({ $0.note(key, at: now) }) else { return }
    try await write([row], [])
  }

  /// Counts that somebody signed in asked for what isn't there or isn't theirs, and writes it down unless the same has just been.
  func note(_ refused: RefusedAccess) async {
    let now = clock()
    guard let row = refusedAccess.withLock({ $0.note(refused, at: now) }) else { return }
    do {
      try await write([], [row])
    } catch {
      // Whoever was refused is told so all the same.
      logger.warning("A refusal could not be written down", metadata: ["error": "\(error)", "account": "\(refused.account)"])
    }
  }

  /// Writes the refusals down that were only counted so far.
  func writeRefusals() async throws {
    let now = clock()
    let rows = refusals.withLock { $0.due(at: now) }
    let accesses = refusedAccess.withLock { $0.due(at: now) }
    if !rows.isEmpty || !accesses.isEmpty { try await write(rows, accesses) }
  }

  private func write(_ rows: [RefusalTally<RefusedSignIn>.Row], _ accesses: [RefusalTally<RefusedAccess>.Row]) async throws {
    try await database.transaction { session in
      for row in rows {
        // A password typed into the login field must not stay readable for ever, so an unknown login isn't written down.
        try ActionLog.append(
          "session.refuse", by: ActionLog.Actor(account: row.key?.account, session: nil, address: row.key?.place ?? ""),
          detail: ["known": .flag(row.key?.account != nil), "count": .number(Int64(row.count))], in: session)
      }
      for row in accesses { try ActionLog.append(row.key, count: row.count, in: session) }
    }
  }

  /// Takes the token of a question about a stamp. Throws: a 429 problem.
  func admitVerification(from address: String) throws(Problem) {
    let now = clock()
    guard let wait = verifications.withLock({ $0.take(address, at: now) }) else { return }
    throw Problem(.tooManyRequests, "throttled", "Too many questions; try again later.", retryAfter: Int(wait.components.seconds))
  }

  /// Runs a comparison unless too many run. Throws: a 503 problem; what `body` throws.
  func comparing<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
    let isFree = comparisons.withLock { count in
      guard count < VerificationActions.comparisons else { return false }
      count += 1
      return true
    }
    guard isFree else { throw Problem.unavailable }
    defer { comparisons.withLock { $0 -= 1 } }
    return try await body()
  }

  /// Takes the token of a question about a one-time link. Throws: a 429 problem.
  func admitLink(from address: String) throws(Problem) {
    let now = clock()
    guard let wait = linksThrottle.withLock({ $0.take(address, at: now) }) else { return }
    throw Problem(.tooManyRequests, "throttled", "Too many questions; try again later.", retryAfter: Int(wait.components.seconds))
  }

  /// Takes the tokens of an attempt at a code. Throws: a 429 problem.
  func admitCode(_ attempt: SignInThrottle.Attempt) throws(Problem) -> SignInThrottle.Ticket {
    let now = clock()
    switch codes.withLock({ $0.admit(attempt, at: now) }) {
    case .admitted(let ticket): return ticket
    case .refused(let wait):
      throw Problem(
        .tooManyRequests, "throttled", "Too many attempts; try again later.", retryAfter: Int(clamping: wait.components.seconds))
    }
  }

  /// Gives them back.
  func giveBackCode(_ ticket: SignInThrottle.Ticket) {
    let now = clock()
    codes.withLock { $0.giveBack(ticket, at: now) }
  }

  /// Three codes of a million are right at any time. Whoever knows a password has 20 guesses and 144 a day, from however many addresses: an even chance
  /// takes ln 2 / (144 · 3 · 10⁻⁶), some 1,600 days or 4.4 years. So there is no slow lane, and one place gets back less than the account does, lest
  /// it keep the owner out alone; devices that the account knows have a lane of their own.
  private static let codeRates: SignInThrottle.Rates = {
    var rates = SignInThrottle.Rates()
    rates.device = .init(capacity: 8, refill: .seconds(600))
    rates.pair = .init(capacity: 5, refill: .seconds(1800))
    rates.account = .init(capacity: 20, refill: .seconds(600))
    rates.slow = nil
    rates.groups = 3
    return rates
  }()

  /// Gives them back.
  func giveBack(_ ticket: SignInThrottle.Ticket) {
    let now = clock()
    throttle.withLock { $0.giveBack(ticket, at: now) }
  }
}
