import Domain
import Hummingbird
import Storage

/// `/api/v1/queue`, and what its clocks go by: `/api/v1/settings/calendar` and `/api/v1/settings/targets`.
enum ClockRoutes {
  static func add(to table: inout RouteTable) {
    table.needs(.clock, .read, .get, "/api/v1/queue") { call in
      let topic = try call.call.query("topic").map { TopicID($0) }
      let (_, limit) = try call.call.page()
      return try .json(try await ClockActions.queue(topic: topic, limit: limit, call))
    }
    table.needs(.settings, .read, .get, "/api/v1/settings/calendar") { call in
      let year = try call.call.query("year").map { Int(clamping: $0) } ?? LocalDate(inTashkentAt: call.services.clock()).year
      guard FirmCalendar.years.contains(year) else { throw Problem.invalid(["year": "invalid"]) }
      return try .json(CalendarAnswer(try await ClockActions.calendar(call), year: year))
    }
    table.needs(.settings, .update, .put, "/api/v1/settings/calendar/week") { call in
      var fields = try await call.call.fields()
      let version = Int32(fields.integer("version", 0...Int64(Int32.max)))
      let week = fields.week("weekly")
      try fields.finish()
      let year = LocalDate(inTashkentAt: call.services.clock()).year
      return try .json(CalendarAnswer(try await ClockActions.set(week: week, version: version, call), year: year))
    }
    table.needs(.settings, .update, .put, "/api/v1/settings/calendar/years/{year}") { call in
      guard let text = call.call.context.parameters.get("year"), let year = Int(text), FirmCalendar.years.contains(year),
        String(year) == text
      else { throw Problem.notFound }
      var fields = try await call.call.fields()
      let version = Int32(fields.integer("version", 0...Int64(Int32.max)))
      let days = fields.days("days", of: year)
      try fields.finish()
      return try .json(CalendarAnswer(try await ClockActions.set(days: days, of: year, version: version, call), year: year))
    }
    table.needs(.settings, .read, .get, "/api/v1/settings/targets") { call in
      try .json(try await ClockActions.targets(call))
    }
    table.needs(.settings, .update, .put, "/api/v1/settings/targets/warning") { call in
      var fields = try await call.call.fields()
      let version = Int32(fields.integer("version", 0...Int64(Int32.max)))
      let percent = Int32(
        fields.integer("percent", Int64(WarningShare.range.lowerBound)...Int64(WarningShare.range.upperBound)))
      try fields.finish()
      return try .json(try await ClockActions.set(warning: percent, version: version, call))
    }
    table.needs(.settings, .update, .put, "/api/v1/settings/targets/topics/{kind}") { call in
      guard let slug = call.call.context.parameters.get("kind"), let kind = TopicKind(slug: slug) else { throw Problem.notFound }
      var fields = try await call.call.fields()
      let minutes = fields.minutes("minutes")
      try fields.finish()
      return try .json(try await ClockActions.set(kind, minutes: minutes, call))
    }
    table.needs(.settings, .update, .put, "/api/v1/settings/targets/clients/{id}") { call in
      let organisation: OrganisationID = try call.call.id()
      var fields = try await call.call.fields()
      let minutes = fields.minutes("minutes")
      try fields.finish()
      return try .json(try await ClockActions.set(organisation, minutes: minutes, call))
    }
  }
}
