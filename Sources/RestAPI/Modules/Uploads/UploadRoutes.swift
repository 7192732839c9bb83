import Domain
import HTTPTypes
import Hummingbird
import NIOCore
import Storage

/// `/api/v1/uploads`.
enum UploadRoutes {
  static func add(to table: inout RouteTable) {
    table.needs(.document, .create, .post, "/api/v1/uploads") { call in
      var fields = try await call.call.fields()
      let progress = try await UploadActions.begin(try NewUpload(&fields), call)
      return try answer(progress, status: progress.isNew ? .created : .ok)
    }
    table.needs(.document, .create, .get, "/api/v1/uploads/{id}") { call in
      try answer(try await UploadActions.find(try call.call.key(), call))
    }
    table.streams(.document, .create, .patch, "/api/v1/uploads/{id}") { call in
      let id = try call.call.key()
      guard let offset = call.call.request.headers[.uploadOffset].flatMap({ Int64($0) }), offset >= 0 else {
        throw Problem(.badRequest, "malformed", "Say where the bytes belong in Upload-Offset.")
      }
      switch try await UploadActions.append(id, at: offset, call) {
      case .progress(let progress): return try answer(progress)
      case .elsewhere(let offset):
        var response = try Problem(.conflict, "upload_offset", "The bytes belong elsewhere; Upload-Offset says where.").response()
        response.headers[.uploadOffset] = String(offset)
        return response
      }
    }
    table.needs(.document, .create, .delete, "/api/v1/uploads/{id}") { call in
      try await UploadActions.cancel(try call.call.key(), call)
      return .noContent
    }
  }

  /// How far it is, and the document once there is one.
  private static func answer(_ progress: UploadActions.Progress, status: HTTPResponse.Status = .ok) throws -> Response {
    var response = try Response.json(
      UploadAnswer(progress.record, offset: progress.offset), with: ["document": progress.document?.json], status: status)
    response.headers[.uploadOffset] = String(progress.offset)
    return response
  }
}
