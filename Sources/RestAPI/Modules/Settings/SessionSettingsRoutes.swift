import Domain
import Hummingbird
import Storage

/// The setting `sessions`, as answers carry it.
struct SessionSettingsAnswer: Encodable {
  struct Limit: Encodable {
    let devices: Int64
    let excess: String
  }

  let version: Int32
  /// By role; one that is absent has no limit.
  let limits: [String: Limit]
  let adminSecondFactor: Bool

  init(_ settings: SessionSettings) {
    version = settings.version
    limits = Dictionary(
      uniqueKeysWithValues: settings.limits.map {
        ($0.key.rawValue, Limit(devices: $0.value.devices, excess: $0.value.excess.rawValue))
      })
    adminSecondFactor = settings.adminSecondFactor
  }
}

extension SessionSettings {
  /// Reads them as sent: `devices` by role, and `replace` with the roles whose next device may take the place of the oldest.
  init(_ fields: inout Fields) throws(Problem) {
    let roles = Set(Role.allCases.map(\.rawValue))
    let devices = fields.integers("devices", by: roles, 1...Self.largestLimit)
    let replacing = Set(fields.words("replace", of: roles))
    let adminSecondFactor = fields.optionalFlag("adminSecondFactor")
    if adminSecondFactor == nil { fields.refuse("adminSecondFactor", "required") }
    var limits: [Role: Limit] = [:]
    for (word, count) in devices {
      guard let role = Role(rawValue: word) else { continue }
      limits[role] = Limit(devices: count, excess: replacing.contains(word) ? .replace : .refuse)
    }
    self.init(
      version: Int32(fields.integer("version", 0...Int64(Int32.max))), limits: limits,
      adminSecondFactor: adminSecondFactor ?? false)
    try fields.finish()
  }
}

/// `/api/v1/settings/sessions`.
enum SessionSettingsRoutes {
  static func add(to table: inout RouteTable) {
    table.needs(.settings, .read, .get, "/api/v1/settings/sessions") { call in
      try .json(SessionSettingsAnswer(try await call.services.database.run { try SessionSettings.read(in: $0) }))
    }
    table.needs(.settings, .update, .put, "/api/v1/settings/sessions") { call in
      var fields = try await call.call.fields()
      let settings = try SessionSettings(&fields)
      return try .json(SessionSettingsAnswer(try await set(settings, call)))
    }
  }

  /// Throws: 409 when it was changed since `settings.version`; 422 when whoever demands second factors of admins has none: a firm must not lock
  /// its last admin out by a click.
  private static func set(_ settings: SessionSettings, _ call: SignedCall) async throws -> SessionSettings {
    try await call.write { call, session in
      let before = try SessionSettings.read(in: session)
      if settings.adminSecondFactor && !before.adminSecondFactor {
        guard try SecondFactors.find(call.account, in: session)?.confirmedAt != nil else {
          throw Problem.invalid(["adminSecondFactor": "enrol_first"])
        }
      }
      guard try settings.write(by: call.account, in: session) else { throw SettingsActions.changed }
      // Those who owe one already are just enrolling, perhaps.
      if settings.adminSecondFactor && !before.adminSecondFactor { try SecondFactors.endOwing(in: session) }
      try ActionLog.append(
        "settings.update", by: call.actor,
        detail: [
          "setting": .text(SessionSettings.name), "version": .number(Int64(settings.version) + 1), "before": .texts(before.words),
          "after": .texts(settings.words),
        ], written: .setting(SessionSettings.name), in: session)
      return try SessionSettings.read(in: session)
    }
  }
}
