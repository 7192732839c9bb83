import Domain
import HTTPTypes
import Hummingbird
import ServerKit
import Storage

/// `/api/v1/verify`: open to everybody, and slow for whoever asks often.
enum VerificationRoutes {
  static func add(to table: inout RouteTable) {
    table.open(.get, "/api/v1/verify/{token}") { call in
      let stamp = try await VerificationActions.find(call.context.parameters.get("token"), call)
      return try .json(
        VerificationAnswer(
          firm: call.services.configuration.shared.firmName,
          uploader: .init(id: stamp.uploader.id.rawValue, name: stamp.uploader.name), at: stamp.at.rfc3339,
          document: stamp.document.rawValue))
    }
    table.open(.get, "/api/v1/verify/{token}/compare") { call in
      try .json(SizeAnswer(possible: try await VerificationActions.isPossible(call.context.parameters.get("token"), call)))
    }
    table.open(.post, "/api/v1/verify/{token}/compare") { call in
      try .json(ComparisonAnswer(same: try await VerificationActions.compare(call.context.parameters.get("token"), call)))
    }
  }
}
