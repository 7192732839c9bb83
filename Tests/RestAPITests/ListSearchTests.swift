import Domain
import Foundation
import HTTPTypes
import Storage
import TestSupport
import Testing

@testable import RestAPI

/// Searching the lists of people, companies and assignments on the server, however many there are.
@Suite("Searching lists") struct ListSearchTests {
  private func found(_ list: String, _ search: String, by person: Signed, more: String = "") async throws -> [String] {
    let text = try #require(search.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
    let answer = try await person.send(.get, "/api/v1/\(list)?search=\(text)\(more)")
    #expect(answer.status == 200, "\(answer.text)")
    return answer.json["items"].list.compactMap { $0["name"].string ?? $0["organisation"]["name"].string }
  }

  @Test("Whatever the case, the apostrophes and the alphabet's letters; nothing in it is a pattern")
  func letters() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let admin = world.person(.admin)
      let department = world.here.department
      for name in ["Oʻzbegim MChJ", "ООО «Ёлка и Ко»", "Шарқ Ҳунар", "100% Paxta_1"] {
        _ = try await bench.database.makeOrganisation(name, department: department)
      }
      for (search, name) in [
        ("o'ZBEGIM", "Oʻzbegim MChJ"), ("O’zb", "Oʻzbegim MChJ"), ("ozbegim", "Oʻzbegim MChJ"), ("елка", "ООО «Ёлка и Ко»"),
        ("ЁЛКА", "ООО «Ёлка и Ко»"), ("шарқ ҳ", "Шарқ Ҳунар"), ("0% p", "100% Paxta_1"), ("a_1", "100% Paxta_1"),
      ] {
        #expect(try await found("organisations", search, by: admin) == [name], "\(search)")
      }
      for search in ["%", "_", #"\"#] {
        let names = try await found("organisations", search, by: admin)
        let fit = names.allSatisfy { $0.contains(search) }
        #expect(fit, "\(search): \(names)")
      }
      // A department's name and a STIR find the company too.
      #expect(try await found("organisations", "second", by: admin) == ["There"])
      _ = try await admin.send(.patch, "/api/v1/organisations/\(world.here.id)", #"{"stir":"987654321"}"#)
      #expect(try await found("organisations", "87654", by: admin) == ["Here"])
    }
  }

  @Test("People by name, login and where they belong; assignments by person and company")
  func people() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let admin = world.person(.admin)
      _ = try await bench.database.makeAccount("gulnora", name: "Гулнора Ёқубова")
      #expect(try await found("users", "гулнора ё", by: admin) == ["Гулнора Ёқубова"])
      #expect(try await found("users", "GULNORA", by: admin) == ["Гулнора Ёқубова"])
      #expect(try await found("users", "second", by: admin) == ["foreign-accountant"])
      #expect(try await found("users", "there", by: admin) == ["foreign-client"])
      #expect(try await found("assignments", "there", by: admin) == ["There"])
      #expect(try await found("assignments", "FOREIGN-ACC", by: admin) == ["There"])
      #expect(try await found("assignments", "here", by: admin).sorted() == ["Here", "There"])
    }
  }

  @Test("A search finds nothing that the list wouldn't show")
  func sight() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      // The client's colleague works for another company too, of which the client must not learn.
      let sales = world.person(.sales).account
      try await bench.database.makeMembership(sales, role: "client", organisation: world.there.id)
      for role in [Role.supervisor, .accountant, .client] {
        let person = world.person(role)
        #expect(try await found("organisations", "there", by: person).isEmpty, "\(role)")
        #expect(try await found("users", "there", by: person).isEmpty, "\(role)")
        #expect(try await found("users", "foreign", by: person).isEmpty, "\(role)")
      }
      #expect(try await found("assignments", "there", by: world.person(.supervisor)).isEmpty)
      #expect(try await found("users", "there", by: world.person(.admin)) == ["sales", "foreign-client"])
    }
  }

  @Test("Pages of what was found follow each other, each once")
  func pages() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let admin = world.person(.admin)
      for number in 0..<7 {
        _ = try await bench.database.makeOrganisation("Qator \(number)", department: world.here.department)
        _ = try await bench.database.makeOrganisation("Boshqa \(number)", department: world.here.department)
      }
      var (names, cursor): ([String], Int64?) = ([], nil)
      repeat {
        let more = "&limit=3" + (cursor.map { "&cursor=\($0)" } ?? "")
        let page = try await admin.send(.get, "/api/v1/organisations?search=QATOR\(more)").json
        names += page["items"].list.compactMap { $0["name"].string }
        cursor = page["next"].number ?? page["next"].string.flatMap { Int64($0) }
      } while cursor != nil && names.count < 20
      let all = (0..<7).map { "Qator \($0)" }
      #expect(names == all)
      let long = String(repeating: "a", count: 101)
      for list in ["users", "organisations", "assignments"] {
        #expect(try await admin.send(.get, "/api/v1/\(list)?search=\(long)").fields == ["search": "too_long"])
      }
    }
  }
}
