import Audit
import Crypto
import Domain
import HTTPTypes
import Hummingbird
import Storage

/// `/api/v1/organisations/{id}/bundle`: everything of one company, signed: what is kept of one that leaves. There is in it what was hidden and who
/// watched, so it is for the firm. The download is a row of the action log before its first byte.
enum OrganisationBundleRoutes {
  static func add(to table: inout RouteTable) {
    table.needs(.auditBundle, .export, .get, "/api/v1/organisations/{id}/bundle") { call in
      let (id, viewer, now): (OrganisationID, Viewer, Timestamp) = (try call.call.id(), call.viewer, call.services.clock())
      let found = try await call.services.database.run { try Organisations.find(id, for: viewer, in: $0) }
      guard found != nil else { throw Problem.notFound }
      let key = try SignedBundle.key(call)
      let headers = SignedBundle.headers(name: "1fin-\(id)-\(LocalDate(inTashkentAt: now)).tar")
      guard call.call.request.method != .head else { return Response(status: .ok, headers: headers) }
      try await call.judge { call, session in
        try ActionLog.append(
          "audit.export", by: call.actor, organisation: id,
          detail: ["key": .text(Hex.string(Array(key.publicKey.rawRepresentation)))], in: session)
      }
      let body = try await SignedBundle.body(call) { session, sink in
        try BundleExport.write(id, at: now, key: key, in: session, to: sink)
      }
      return Response(status: .ok, headers: headers, body: body)
    }
  }
}
