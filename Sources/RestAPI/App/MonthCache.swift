import Domain
import Storage

/// Months that were just worked out. A month is worked out again as soon as a row of the log, an assignment or a setting has come since; while that
/// takes long, what was worked out a moment ago is shown, so that a page of ten requests reads the month once.
actor MonthCache {
  /// A month that was worked out.
  struct Kept: Sendable {
    let month: LoadedMonth
    let fingerprint: WorkSettings.Fingerprint
    /// When it was asked for.
    let at: Timestamp
    /// How long it took.
    let cost: Duration
  }

  /// How many are worked out at once; who asks for a third one waits.
  private static let atOnce = 2
  /// Months that are kept at once: this one, the one before it, and one that somebody looks up.
  private static let limit = 3
  /// A month that took longer than this is shown again although something has come since, for twenty times as long as it took, at most a minute.
  private static let dear = Duration.milliseconds(500)

  private var kept: [Month: Kept] = [:]
  private var running: [Month: Task<Kept, any Error>] = [:]

  /// The month's work. Throws: `DatabaseError`.
  func month(_ month: Month, services: RestServices) async throws -> Kept {
    let now = services.clock()
    let database = services.database
    if let old = kept[month] {
      if old.cost > Self.dear, now.since(old.at) < min(old.cost * 20, .seconds(60)) { return old }
      let fingerprint = try await database.run { try WorkSettings.fingerprint(in: $0) }
      if fingerprint == old.fingerprint { return old }
    }
    while running[month] == nil, running.count >= Self.atOnce, let other = running.values.first { _ = await other.result }
    if let task = running[month] { return try await task.value }
    let task = Task {
      // Before anybody who waits for it goes on.
      defer { running[month] = nil }
      let clock = ContinuousClock()
      let start = clock.now
      let fresh = try await database.run { session in
        let fingerprint = try WorkSettings.fingerprint(in: session)
        let calendar = try FirmCalendar.read(in: session).calendar
        let loaded = try MonthLoader(month, calendar: calendar, in: session).load()
        return Kept(month: loaded, fingerprint: fingerprint, at: now, cost: clock.now - start)
      }
      kept[month] = fresh
      if kept.count > Self.limit, let oldest = kept.min(by: { $0.value.at < $1.value.at })?.key { kept[oldest] = nil }
      return fresh
    }
    running[month] = task
    return try await task.value
  }
}
