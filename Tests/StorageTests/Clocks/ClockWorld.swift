import Domain
import Storage
import TestSupport

/// A log whose clock is moved by hand: a Monday at nine of the far past, when everybody was assigned already.
struct ClockWorld: Sendable {
  let log: LogWorld
  let database: TestDatabase
  /// Monday, 8 June 2026, 09:00 in Tashkent: a week without a holiday.
  static let monday = Timestamp(microseconds: 1_780_891_200_000_000)

  static func make(_ database: TestDatabase) async throws -> ClockWorld {
    ClockWorld(log: try await LogWorld.make(database), database: database)
  }

  /// So many minutes after Monday at nine.
  func at(_ minutes: Int64) -> Timestamp { Self.monday.advanced(by: .seconds(minutes * 60)) }

  /// Appends a row so many minutes after Monday at nine.
  @discardableResult
  func append(_ account: AccountID, _ action: LogAction, _ minutes: Int64, topic: TopicID? = nil) async throws -> LogEntry {
    try await database.append(
      LogRequest(
        topic: topic ?? log.topic, account: account, session: nil, key: .random(), action: action, at: at(minutes),
        salt: [UInt8](repeating: 7, count: 16)))
  }

  /// A message.
  @discardableResult
  func say(_ account: AccountID, _ minutes: Int64, holding: Bool = false) async throws -> LogEntry {
    try await append(account, .send(body: "x", reply: 0, holding: holding), minutes)
  }

  /// What everybody's clocks say then, as `state left`, in minutes.
  func clocks(_ minutes: Int64) async throws -> [String] {
    let now = at(minutes)
    return try await database.app.run { session in
      try Clocks.everybody(at: now, in: session).map { clock in
        "\(clock.state.rawValue) \(clock.left.map { "\($0 / 60_000_000)" } ?? "–")"
      }
    }
  }

  /// The kinds of lines in somebody's bell, oldest first.
  func bell(_ account: AccountID) async throws -> [String] {
    try await database.app.run { try Notifications.list(of: account, limit: 100, in: $0).items.map(\.kind).reversed() }
  }

  /// Warns as of then; returns of how many waits.
  @discardableResult
  func warn(_ minutes: Int64) async throws -> Int {
    let now = at(minutes)
    return try await database.app.run { try WaitWarnings.run(at: now, in: $0) }
  }

  /// Closes what is silent as of then; returns how many cases.
  func expire(_ minutes: Int64) async throws -> Int {
    let now = at(minutes)
    return try await database.app.run { try SilentClose.run(at: now, in: $0).count }
  }

  /// The closes over a waiting client that everybody's overseer sees, the newest first, as `way message`.
  func unanswered(_ way: UnansweredCloses.Way? = nil, limit: Int = 10) async throws -> [String] {
    let memberships = [Membership(id: MembershipID(1), role: .admin, organisation: nil, department: nil)]
    let viewer = Viewer(account: log.admin, reach: Reach(memberships, for: Permission(.clock, .read)))
    return try await database.app.run {
      try UnansweredCloses.list(for: viewer, way: way, limit: limit, in: $0).items.map { "\($0.way.rawValue) \($0.message)" }
    }
  }
}
