import Domain
import HTTPTypes
import Storage
import TestSupport
import Testing

@testable import RestAPI

/// One's own bell over REST.
@Suite struct NotificationRouteTests {
  private static func tell(_ account: AccountID, _ count: Int, _ bench: RestBench) async throws -> [NotificationID] {
    try await bench.database.app.transaction { session in
      try (0..<count).map {
        try Notifications.add(to: account, kind: .caseSilent, detail: ["n": .number(Int64($0))], in: session)
      }
    }
  }

  @Test func oneReadsTheOwnBellAlone() async throws {
    try await RestBench.run { bench in
      let (aziza, bobur) = (try await bench.signedIn(try await bench.account("aziza")), try await bench.account("bobur"))
      let ids = try await Self.tell(aziza.account, 3, bench)
      let foreign = try await Self.tell(bobur, 1, bench)
      let first = try await aziza.send(.get, "/api/v1/notifications?limit=2")
      #expect(first.json["items"].ids == [ids[2].rawValue, ids[1].rawValue] && first.json["unread"].number == 3)
      #expect(first.json["items"][0]["detail"]["n"].number == 2 && first.json["items"][0]["kind"].string == "case.silent")
      #expect(first.json["items"][0]["readAt"] == .null && first.json["items"][0]["topic"] == .null)
      let rest = try await aziza.send(.get, "/api/v1/notifications?cursor=\(first.json["next"].string ?? "")")
      #expect(rest.json["items"].ids == [ids[0].rawValue] && rest.json["next"] == .null)

      let one = try await aziza.send(.post, "/api/v1/notifications/read", #"{"ids":[\#(ids[2]),\#(foreign[0])]}"#)
      #expect(one.status == 200 && one.json["unread"].number == 2)
      let all = try await aziza.send(.post, "/api/v1/notifications/read", #"{"upTo":\#(foreign[0])}"#)
      #expect(all.json["unread"].number == 0)
      #expect(try await bench.database.app.run { try Notifications.unread(of: bobur, in: $0) } == 1)
      // What was read already is read no second time, and nobody writes that down.
      #expect(try await aziza.send(.post, "/api/v1/notifications/read", #"{"upTo":\#(ids[2])}"#).status == 200)
      #expect(try await bench.actions() == ["notification.read", "notification.read"])
    }
  }

  @Test func whatCannotBeUsedIsSaid() async throws {
    try await RestBench.run { bench in
      let aziza = try await bench.signedIn(try await bench.account("aziza"))
      for (body, field) in [
        ("{}", "upTo"), (#"{"ids":[]}"#, "ids"), (#"{"ids":["1"]}"#, "ids"), (#"{"upTo":0}"#, "upTo"), (#"{"upTo":"1"}"#, "upTo"),
      ] {
        let answer = try await aziza.send(.post, "/api/v1/notifications/read", body)
        #expect(answer.status == 422 && answer.fields[field] != nil, "\(body)")
      }
      #expect(try await aziza.send(.get, "/api/v1/notifications?limit=501").status == 422)
    }
  }
}
