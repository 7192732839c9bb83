import Domain
import HTTPTypes
import Storage

/// Who waits, when the firm works, and how soon clients are to be answered.
enum ClockActions {
  /// Somebody else has set it since it was looked at.
  private static let changed = Problem(
    .conflict, "conflict", "Somebody has changed this meanwhile; look again.", fields: ["version": "changed"])

  static func queue(topic: TopicID?, limit: Int, _ call: SignedCall) async throws -> QueueAnswer {
    let (viewer, now) = (call.viewer, call.services.clock())
    return try await call.services.database.run { session in
      try session.transaction(isolation: .repeatableRead, readOnly: true) {
        let (clocks, isWhole) = try Clocks.waiting(for: viewer, topic: topic, at: now, limit: limit, in: session)
        let calendar = try FirmCalendar.read(in: session).calendar
        return QueueAnswer(
          items: clocks.map(ClockAnswer.init), more: !isWhole, at: now.rfc3339, working: calendar.isWorking(at: now))
      }
    }
  }

  static func calendar(_ call: SignedCall) async throws -> FirmCalendar {
    try await call.services.database.run { try FirmCalendar.read(in: $0) }
  }

  /// Sets the shifts of an ordinary week. Throws: 409 when the calendar was changed since `version`.
  static func set(week: [[WorkShift]], version: Int32, _ call: SignedCall) async throws -> FirmCalendar {
    try await update(call, version: version) { calendar in
      let before = text(calendar.weekly)
      calendar.weekly = week
      return ["before": .text(before), "after": .text(text(week))]
    }
  }

  /// Sets the days of a year that differ. Throws: 409 when the calendar was changed since `version`.
  static func set(days: [FirmCalendar.Day], of year: Int, version: Int32, _ call: SignedCall) async throws -> FirmCalendar {
    try await update(call, version: version) { calendar in
      let before = calendar.days(of: year).map(text)
      calendar.exceptions[year] = days
      return ["year": .number(Int64(year)), "before": .texts(before), "after": .texts(days.map(text))]
    }
  }

  private static func text(_ week: [[WorkShift]]) -> String {
    week.map { $0.map(\.text).joined(separator: " ") }.joined(separator: ", ")
  }

  private static func text(_ day: FirmCalendar.Day) -> String {
    ([day.date.description, day.name] + day.shifts.map(\.text)).filter { !$0.isEmpty }.joined(separator: " ")
  }

  private static func update(
    _ call: SignedCall, version: Int32,
    _ body: @escaping @Sendable (inout FirmCalendar) -> [String: ActionLog.Value]
  ) async throws -> FirmCalendar {
    try await call.write { call, session in
      var calendar = try FirmCalendar.read(in: session)
      guard calendar.version == version else { throw changed }
      var detail = body(&calendar)
      guard try calendar.write(by: call.account, in: session) else { throw changed }
      (detail["setting"], detail["version"]) = (.text(FirmCalendar.name), .number(Int64(version) + 1))
      try ActionLog.append(
        "settings.update", by: call.actor, detail: detail, written: .setting(FirmCalendar.name), in: session)
      return try FirmCalendar.read(in: session)
    }
  }

  static func targets(_ call: SignedCall) async throws -> TargetsAnswer {
    try await call.services.database.run { try targets(in: $0) }
  }

  private static func targets(in session: Session) throws -> TargetsAnswer {
    TargetsAnswer(try ResponseTargets.read(in: session), try WarningShare.read(in: session))
  }

  /// Sets how early staff are warned. Throws: 409 when it was changed since `version`.
  static func set(warning percent: Int32, version: Int32, _ call: SignedCall) async throws -> TargetsAnswer {
    try await call.write { call, session in
      let before = try WarningShare.read(in: session)
      guard before.version == version, try WarningShare(version: version, percent: percent).write(by: call.account, in: session)
      else { throw changed }
      try ActionLog.append(
        "settings.update", by: call.actor,
        detail: [
          "setting": .text(WarningShare.name), "before": .number(Int64(before.percent)), "after": .number(Int64(percent)),
        ], written: .setting(WarningShare.name), in: session)
      return try targets(in: session)
    }
  }

  /// Sets the target of a kind of topic, from now on.
  static func set(_ kind: TopicKind, minutes: Int32?, _ call: SignedCall) async throws -> TargetsAnswer {
    let now = call.services.clock()
    return try await call.write { call, session in
      let before = try ResponseTargets.set(kind, minutes: minutes, from: now, by: call.account, in: session)
      try note(["kind": .text(kind.slug)], before, minutes, organisation: nil, written: .target(of: kind), call, session)
      return try targets(in: session)
    }
  }

  /// Sets a client's own target, from now on. Throws: 404 for an organisation that doesn't exist.
  static func set(_ organisation: OrganisationID, minutes: Int32?, _ call: SignedCall) async throws -> TargetsAnswer {
    let now = call.services.clock()
    return try await call.write { call, session in
      guard try Organisations.find(organisation, for: call.viewer, in: session) != nil else { throw Problem.notFound }
      let before = try ResponseTargets.set(organisation, minutes: minutes, from: now, by: call.account, in: session)
      try note([:], before, minutes, organisation: organisation, written: .target(of: organisation), call, session)
      return try targets(in: session)
    }
  }

  private static func note(
    _ detail: [String: ActionLog.Value], _ before: Int32?, _ after: Int32?, organisation: OrganisationID?, written: WrittenRows,
    _ call: SignedCall, _ session: Session
  ) throws {
    guard before != after else { return }
    var detail = detail
    detail["setting"] = "target"
    if let before { detail["before"] = .number(Int64(before)) }
    if let after { detail["after"] = .number(Int64(after)) }
    try ActionLog.append(
      "settings.update", by: call.actor, organisation: organisation, detail: detail, written: written, in: session)
  }
}
