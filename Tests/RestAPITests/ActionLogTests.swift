import Audit
import Crypto
import Domain
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import ServerKit
import Storage
import TestSupport
import Testing

@testable import RestAPI

@Suite("The action log over REST") struct ActionLogTests {
  /// Rows of two people in two organisations, one of them a formula.
  private func fill(_ bench: DocumentBench) async throws {
    let (here, there, client, admin) = (bench.here.id, bench.there.id, bench.client.account, bench.admin.account)
    try await bench.database.app.run { session in
      for number in 0..<5 {
        try ActionLog.append(
          "document.view", by: ActionLog.Actor(account: client, session: nil, address: "10.9.9.9"), organisation: here,
          detail: ["document": .number(Int64(number)), "device": "=HYPERLINK(\"http://x\")"], in: session)
      }
      try ActionLog.append(
        "account.update", by: ActionLog.Actor(account: admin, session: nil, address: "10.1.1.1"), organisation: there,
        detail: ["account": .number(client.rawValue)], in: session)
    }
  }

  @Test("Filters, the way through the pages, and what a row says") func pages() async throws {
    try await DocumentBench.run { bench in
      try await fill(bench)
      let all = try await bench.admin.send(.get, "/api/v1/actions").json
      #expect(all["actions"].list.count == 6 && all["next"] == .null)
      let newest = all["actions"][0]
      #expect(newest["action"].string == "account.update" && newest["seq"] == .null)
      #expect(newest["account"]["name"].string == "admin" && newest["subject"]["name"].string == "client")
      #expect(newest["organisation"]["name"].string == "There" && newest["address"].string == "10.1.1.1")
      #expect(newest["detail"]["account"].number == bench.client.account.rawValue)
      try await bench.database.app.run { try ActionSeal.sealAll(in: $0) }
      let sealed = try await bench.admin.send(.get, "/api/v1/actions?limit=1").json["actions"][0]
      #expect(sealed["seq"].number == 6 && sealed["hash"].string?.utf8.count == 64)

      func ids(_ query: String) async throws -> [Int64] {
        try await bench.admin.send(.get, "/api/v1/actions?" + query).json["actions"].ids
      }
      #expect(try await ids("account=\(bench.client.account)") == [5, 4, 3, 2, 1])
      #expect(try await ids("subject=\(bench.client.account)") == [6])
      #expect(try await ids("organisation=\(bench.there.id)&action=account.update&address=10.1.1.1") == [6])
      #expect(try await ids("address=10.9.9.9&action=account.update") == [])
      let today = LocalDate(inTashkentAt: .now)
      #expect(try await ids("from=\(today.advanced(by: -1))&until=\(today.advanced(by: 1))").count == 6)
      #expect(try await ids("until=\(today.advanced(by: -2))") == [])

      let first = try await bench.admin.send(.get, "/api/v1/actions?limit=4").json
      let cursor = try #require(first["next"].string)
      #expect(first["actions"].ids == [6, 5, 4, 3])
      let second = try await bench.admin.send(.get, "/api/v1/actions?limit=4&cursor=\(cursor)").json
      #expect(second["actions"].ids == [2, 1] && second["next"] == .null)
    }
  }

  @Test(
    "What is no filter is refused by its name",
    arguments: ["account=0", "action=x", "from=2026-13-01", "cursor=9", "limit=501", "subject=a"])
  func refused(query: String) async throws {
    try await DocumentBench.run { bench in
      let answer = try await bench.admin.send(.get, "/api/v1/actions?" + query)
      #expect(answer.status == 422 && answer.fields == [String(query.prefix { $0 != "=" }): "invalid"])
    }
  }

  @Test("An export has every row that fits, formulas stay text, and it is in the log before its first byte") func exports()
    async throws
  {
    try await DocumentBench.run { bench in
      try await fill(bench)
      let path = "/api/v1/actions/export?action=document.view&organisation=\(bench.here.id)"
      let csv = try await bench.admin.send(.get, path + "&format=csv")
      #expect(csv.status == 200 && csv.headers[.contentDisposition]?.contains("1fin-log-") == true)
      let lines = csv.text.split(separator: "\r\n")
      let areRows = lines.dropFirst().allSatisfy { $0.contains("document.view") && !$0.contains(";=") }
      #expect(lines.count == 6 && areRows)
      let xlsx = try await bench.admin.send(.get, path + "&format=xlsx")
      #expect(xlsx.status == 200 && xlsx.bytes.prefix(2) == [0x50, 0x4B])
      let exports = try await bench.admin.send(.get, "/api/v1/actions?action=action_log.export").json["actions"].list
      let formats = exports.map { $0["detail"]["format"].string }
      #expect(formats == ["xlsx", "csv"])
      let sayWhat = exports.allSatisfy {
        $0["detail"]["what"].string == "document.view" && $0["account"]["name"].string == "admin"
      }
      #expect(sayWhat)
      #expect(try await bench.admin.send(.get, path + "&format=exe").fields == ["format": "invalid"])

      try await bench.database.superuser.run { try $0.execute("REVOKE INSERT ON action_log FROM onefin_app") }
      let unlogged = try await bench.admin.send(.get, path + "&format=csv")
      #expect(unlogged.status == 500 && !unlogged.text.contains("document.view"))
    }
  }

  @Test("A signed bundle of the rows that fit, where there is a key; else it is refused, and nothing is logged")
  func bundle() async throws {
    try await withTemporaryFolder { folder in
      let key = Curve25519.Signing.PrivateKey()
      try SigningKey.pem(key).write(toFile: folder + "/key.pem", atomically: true, encoding: .utf8)
      try await DocumentBench.run(environment: ["REST_AUDIT_KEY": folder + "/key.pem"]) { bench in
        try await fill(bench)
        let answer = try await bench.admin.send(.get, "/api/v1/actions/export?format=bundle&action=document.view")
        #expect(answer.status == 200 && answer.headers[.contentType] == "application/x-tar")
        let path = folder + "/bundle.tar"
        try Data(answer.bytes).write(to: URL(filePath: path))
        let report = try BundleVerifier.verify(path: path, key: key.publicKey)
        #expect(report.faults == [] && report.counts == ["actions": 5])
        #expect(try await bench.admin.send(.get, "/api/v1/actions/names").json["signs"] == .flag(true))
      }
    }
    try await DocumentBench.run { bench in
      let refused = try await bench.admin.send(.get, "/api/v1/actions/export?format=bundle")
      #expect(refused.status == 409)
      #expect(try await bench.admin.send(.get, "/api/v1/actions/names").json["signs"] == .flag(false))
      #expect(try await bench.bench.actions().isEmpty)
    }
  }

  @Test("A setting's row says what it was before and after") func settings() async throws {
    try await DocumentBench.run { bench in
      let body = #"{"version":0,"text":"Firma","opacity":0.2,"position":"topLeft"}"#
      #expect(try await bench.admin.send(.put, "/api/v1/settings/watermark", body).status == 200)
      let row = try await bench.admin.send(.get, "/api/v1/actions?action=settings.update").json["actions"][0]["detail"]
      #expect(row["before"]["text"].string == "" && row["after"]["text"].string == "Firma")
      #expect(row["before"]["opacityPerMille"].number == 120 && row["after"]["opacityPerMille"].number == 200)
    }
  }

  @Test("A file that is under way ends with the session that asked for it") func revoked() async throws {
    try await RestBench.run { bench in
      let admin = try await AccessWorld.make(bench).person(.admin)
      try await bench.database.app.transaction { session in
        for _ in 0..<ActionLog.maximumPage + 10 {
          try ActionLog.append("test.row", by: ActionLog.Actor(account: nil, session: nil, address: ""), in: session)
        }
      }
      let router = Router(context: RestContext.self)
      var table = RouteTable(router: router, services: bench.services)
      table.needs(.actionLog, .export, .get, "/pages") { call in
        var pages = ActionLogExport.Pages(filter: ActionFilter(), call: call).makeAsyncIterator()
        guard try await pages.next()?.count == ActionLog.maximumPage else { return Response(status: .notFound) }
        _ = try await bench.database.app.run { session in
          try AccessChange.run(in: session) { try Sessions.end(admin.session, reason: "test", in: session) }
        }
        do {
          _ = try await pages.next()
          return Response(status: .ok)
        } catch let problem as Problem {
          return Response(status: problem.status)
        }
      }
      let status = try await Application(router: router).test(.router) { client in
        try await client.executeRequest(
          uri: "/pages", method: .get, headers: [.authorization: "Bearer \(admin.token.text)"], body: nil
        ).status
      }
      #expect(status == .unauthorized)
    }
  }
}
