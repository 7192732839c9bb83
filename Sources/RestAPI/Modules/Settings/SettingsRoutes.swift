import Domain
import HTTPTypes
import Hummingbird
import Storage

/// `/api/v1/settings`.
enum SettingsRoutes {
  static func add(to table: inout RouteTable) {
    table.needs(.settings, .read, .get, "/api/v1/settings/documents") { call in
      try .json(DocumentSettingsAnswer(try await SettingsActions.documents(call)))
    }
    table.needs(.settings, .update, .put, "/api/v1/settings/documents") { call in
      var fields = try await call.call.fields()
      return try .json(DocumentSettingsAnswer(try await SettingsActions.set(try DocumentSettings(&fields), call)))
    }
    table.needs(.settings, .read, .get, "/api/v1/settings/watermark") { call in
      try .json(WatermarkAnswer(try await SettingsActions.watermark(call)))
    }
    table.needs(.settings, .update, .put, "/api/v1/settings/watermark") { call in
      var fields = try await call.call.fields()
      return try .json(WatermarkAnswer(try await SettingsActions.set(try WatermarkChange(&fields), call)))
    }
    table.needs(.settings, .update, .post, "/api/v1/settings/watermark/samples") { call in
      var fields = try await call.call.fields()
      let number = try await SettingsActions.askSample(try WatermarkChange(&fields), call)
      return try .json(SampleAnswer(sample: number, state: "waiting"), status: .created)
    }
    table.needs(.settings, .update, .get, "/api/v1/settings/watermark/samples/{id}") { call in
      let id: JobNumber = try call.call.id()
      let sample = try await SettingsActions.sample(id.rawValue, call)
      guard let picture = sample.picture else { return try .json(SampleAnswer(sample: id.rawValue, state: sample.job)) }
      return try await FileAnswer.picture(picture, from: call.services.blobs, hasBody: call.call.request.method != .head)
    }
    table.needs(.settings, .read, .get, "/api/v1/settings/watermark/logo") { call in
      let settings = try await SettingsActions.watermark(call)
      guard let logo = settings.logo else { throw Problem.notFound }
      return try await FileAnswer.picture(logo, from: call.services.blobs, hasBody: call.call.request.method != .head)
    }
    table.streams(.settings, .update, .put, "/api/v1/settings/watermark/logo") { call in
      let logo = try await SettingsActions.keepLogo(call)
      return try .json(WatermarkAnswer(try await SettingsActions.set(logo: logo, call)))
    }
    table.needs(.settings, .update, .delete, "/api/v1/settings/watermark/logo") { call in
      try .json(WatermarkAnswer(try await SettingsActions.set(logo: nil, call)))
    }
  }
}
