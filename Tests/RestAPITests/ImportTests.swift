import Domain
import Foundation
import HTTPTypes
import Storage
import TestSupport
import Testing

@testable import RestAPI

/// Tables of companies and people, in and out.
@Suite struct ImportTests {
  private static func send(_ caller: Signed, _ what: String, _ text: String, digest: String? = nil) async throws -> Answer {
    try await caller.send(.post, "/api/v1/imports/\(what)" + (digest.map { "?digest=\($0)" } ?? ""), bytes: Array(text.utf8))
  }

  private static func count(_ bench: RestBench, _ sql: SQL) async throws -> Int64 {
    try await bench.database.app.run { try $0.one(sql).decode(at: 0) }
  }

  private static func effects(_ answer: Answer) -> [String?] { answer.json["lines"].list.map { $0["effect"].string } }

  @Test func everyLineIsJudgedAndNothingIsWrittenBeforeItIsConfirmed() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let admin = world.person(.admin)
      let text = "Nomi;INN;Boʻlim\r\nAlfa;123 456 789;First\r\nHere;987654321;second\r\nThere;;Second\r\n;;\r\n"
      let asked = try await Self.send(admin, "organisations", text)
      #expect(Self.effects(asked) == ["create", "update", "same"], "\(asked.text)")
      #expect(asked.json["lines"][1]["changes"] == .list([.text("stir: – → 987654321"), .text("department: First → Second")]))
      #expect(asked.json["done"] == .flag(false))
      #expect(try await admin.send(.get, "/api/v1/organisations").json["items"].list.count == 2)
      let digest = try #require(asked.json["digest"].string)
      let done = try await Self.send(admin, "organisations", text, digest: digest)
      #expect(done.status == 200 && done.json["done"] == .flag(true), "\(done.text)")
      let list = try await admin.send(.get, "/api/v1/organisations").json["items"].list
      #expect(list.map { $0["name"].string } == ["Here", "There", "Alfa"] && list[2]["topics"].list.count == 5)
      #expect(list[0]["stir"].string == "987654321" && list[0]["department"]["name"].string == "Second")
      // The same again is another judgement: nobody does twice what they saw once.
      #expect(try await Self.send(admin, "organisations", text, digest: digest).status == 409)
      #expect(Self.effects(try await Self.send(admin, "organisations", text)) == ["same", "same", "same"])
      #expect(try await bench.actions() == ["organisation.create", "organisation.update"])
    }
  }

  @Test func oneWrongLineKeepsAllFromBeingWritten() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let admin = world.person(.admin)
      let text = """
        name,stir,department
        Good,111111111,First
        ,222222222,First
        Bad,12,First
        Other,333333333,Nowhere
        Good,444444444,First
        Twice,111111111,First
        """
      let asked = try await Self.send(admin, "organisations", text)
      #expect(Self.effects(asked) == ["create", "error", "error", "error", "error", "error"], "\(asked.text)")
      let problems = asked.json["lines"].list.map(\.self).map { $0["problems"] }
      #expect(
        problems.dropFirst() == [
          .object(["name": .text("required")]), .object(["stir": .text("stir")]), .object(["department": .text("unknown")]),
          .object(["name": .text("twice")]), .object(["stir": .text("twice")]),
        ])
      let refused = try await Self.send(admin, "organisations", text, digest: asked.json["digest"].string)
      #expect(refused.status == 422 && refused.fields == ["file": "errors"])
      #expect(try await admin.send(.get, "/api/v1/organisations").json["items"].list.count == 2)
    }
  }

  @Test func newPeopleSetTheirOwnPasswords() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let admin = world.person(.admin)
      let text = """
        FIO\tLogin\tRol\tTashkilot\tBoʻlim\tTil
        Lola Karimova\tLOLA\tmijoz\tHere\t\tru
        Lola Karimova\tlola\tsavdo\tThere\t\t
        Vali\tvali\tBuxgalter\t\tfirst\t
        client\tclient\tclient\tHere\t\t
        sales\tsales\tdriver\tHere\t\t
        """
      let asked = try await Self.send(admin, "users", text)
      #expect(Self.effects(asked) == ["create", "create", "create", "same", "update"], "\(asked.text)")
      let done = try await Self.send(admin, "users", text, digest: asked.json["digest"].string)
      let welcomes = done.json["welcomes"].list
      #expect(welcomes.map { $0["login"].string } == ["lola", "vali"], "\(done.text)")
      let token = try #require(welcomes[0]["token"].string)
      #expect(try await bench.signIn("lola", "!").status == 401)
      let set = try await bench.send(
        .post, "/api/v1/one-time/password", #"{"token":"\#(token)","password":"yangi-parol-5678"}"#)
      #expect(set.status == 204)
      let session = try await bench.signIn("lola", "yangi-parol-5678")
      #expect(session.json["memberships"].list.map { $0["role"].string } == ["client", "sales"])
      #expect(session.json["account"]["language"].string == "ru")
      let judged = Self.effects(try await Self.send(admin, "users", text))
      #expect(judged == ["same", "same", "same", "same", "same"])
    }
  }

  @Test func wrongPeopleAreTold() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let admin = world.person(.admin)
      let text = """
        name;login;role;organisation;department
        A;bad login;client;Here;
        B;b1;king;Here;
        C;c1;client;Nowhere;
        D;d1;accountant;;
        E;e1;admin;Here;
        F;f1;client;Here;
        G;f1;sales;Here;
        F;f1;client;Here;
        """
      let asked = try await Self.send(admin, "users", text)
      let problems = asked.json["lines"].list.map { $0["problems"] }
      #expect(
        problems == [
          .object(["login": .text("login")]), .object(["role": .text("invalid")]), .object(["organisation": .text("unknown")]),
          .object(["department": .text("required")]), .object(["organisation": .text("invalid")]), .object([:]),
          .object(["name": .text("differs")]), .object(["role": .text("twice")]),
        ], "\(asked.text)")
    }
  }

  @Test func aNameThatStandsForTwoStandsForNone() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let admin = world.person(.admin)
      let department: DepartmentID = try await bench.database.app.run {
        try $0.one("SELECT min(id) FROM department").decode(at: 0)
      }
      try await bench.database.app.run { session in
        // One name but for its letters and apostrophe, and one that is the other's tax number.
        for (name, stir) in [("Boʻston", "111111111"), ("BOSTON", "222222222"), ("222222222", nil as String?)] {
          _ = try Organisations.create(name: name, stir: stir, department: department, in: session)
        }
      }
      let text = """
        name;login;role;organisation
        A;a1;client;Boʻston
        B;b1;client;boston
        C;c1;client;222222222
        D;d1;client;111 111 111
        """
      let asked = try await Self.send(admin, "users", text)
      let problems = asked.json["lines"].list.map { $0["problems"]["organisation"].string }
      #expect(problems == ["ambiguous", "ambiguous", "ambiguous", nil], "\(asked.text)")
      #expect(asked.json["lines"][3]["changes"][0].string?.hasPrefix("role: + client Boʻston #") == true)
      // A table of companies by such a name changes none of them; with its own tax number it does.
      let companies = "name;stir;department\nboston;;First\nBOSTON;222222222;Second\n"
      let judged = try await Self.send(admin, "organisations", companies)
      #expect(judged.json["lines"][0]["problems"]["name"].string == "ambiguous", "\(judged.text)")
    }
  }

  @Test func aNameThatMovesBetweenTheLookAndTheDeedIsAnotherJudgement() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let admin = world.person(.admin)
      let text = "name;login;role;organisation\nA;a1;client;There\n"
      let digest = try #require(try await Self.send(admin, "users", text).json["digest"].string)
      try await bench.database.app.run { session in
        try session.execute("UPDATE organisation SET name = 'X' WHERE name = 'There'")
        try session.execute("UPDATE organisation SET name = 'There' WHERE name = 'Here'")
      }
      #expect(try await Self.send(admin, "users", text, digest: digest).status == 409)
      #expect(try await Self.count(bench, "SELECT count(*) FROM account WHERE login = 'a1'") == 0)
    }
  }

  @Test func linesOfOnePersonSayTheSame() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let admin = world.person(.admin)
      let text = """
        name;login;role;organisation;language
        client;client;client;Here;en
        Other;client;sales;Here;
        client;client;driver;Here;ru
        N;n1;client;Here;ru
        N;n1;sales;Here;en
        """
      let asked = try await Self.send(admin, "users", text)
      let problems = asked.json["lines"].list.map { $0["problems"] }
      #expect(
        problems == [
          .object([:]), .object(["name": .text("differs")]), .object(["language": .text("differs")]), .object([:]),
          .object(["language": .text("differs")]),
        ], "\(asked.text)")
      let one = "name;login;role;organisation;language\nclient;client;client;Here;en\n"
      let update = try await Self.send(admin, "users", one)
      #expect(update.json["lines"][0]["changes"] == .list([.text("language: uz → en")]), "\(update.text)")
      #expect(try await Self.send(admin, "users", one, digest: update.json["digest"].string).status == 200)
      #expect(try await Self.count(bench, "SELECT count(*) FROM account WHERE login = 'client' AND language = 'en'") == 1)
    }
  }

  @Test func whatIsWrongIsToldInFewWords() async throws {
    try await RestBench.run { bench in
      let admin = try await AccessWorld.make(bench).person(.admin)
      let cell = String(repeating: "x", count: 32_000)
      let asked = try await Self.send(admin, "users", "name;login;role\n\(cell);\(cell);\(cell)\n")
      #expect(Self.effects(asked) == ["error"] && asked.text.utf8.count < 1000)
    }
  }

  @Test func nobodyButAnAdminBringsTables() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      for role in AccessWorld.roles where role != .admin {
        let answer = try await Self.send(world.person(role), "users", "name;login;role\nX;xx;admin\n")
        #expect(answer.status == 403, "\(role.rawValue)")
      }
      let count: Int64? = try await bench.database.app.run { try $0.value("SELECT count(*) FROM account WHERE login = 'xx'") }
      #expect(count == 0)
    }
  }

  @Test func filesThatArent() async throws {
    try await RestBench.run { bench in
      let admin = try await AccessWorld.make(bench).person(.admin)
      for (text, fields) in [
        ("", ["file": "empty"]), ("name;department\n", ["file": "empty"]), ("name;stir\nA;1\n", ["department": "no_column"]),
        ("PK\u{3}\u{4}nonsense", ["file": "unreadable"]), ("name;department\n\"A;First", ["file": "unreadable"]),
      ] {
        let answer = try await Self.send(admin, "organisations", text)
        #expect(answer.status == 422 && answer.fields == fields, "\(text): \(answer.text)")
      }
      let large = try await admin.send(
        .post, "/api/v1/imports/organisations", bytes: [UInt8](repeating: 65, count: ImportActions.largest + 1))
      #expect(large.status == 413)
    }
  }

  @Test(arguments: ["csv", "xlsx"]) func whatGoesOutComesBackAsItIs(_ format: String) async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let admin = world.person(.admin)
      let name = "=HYPERLINK(\"http://x\")"
      try await bench.database.app.run { try $0.execute("UPDATE organisation SET name = \(name) WHERE name = 'There'") }
      for what in ["organisations", "users"] {
        let file = try await admin.send(.get, "/api/v1/exports/\(what)?format=\(format)")
        #expect(file.status == 200 && file.headers[.contentDisposition] == "attachment; filename=\"\(what).\(format)\"")
        if format == "csv" { #expect(!file.text.contains(";=HYPERLINK") && !file.text.contains("\n=HYPERLINK")) }
        let back = try await admin.send(.post, "/api/v1/imports/\(what)", bytes: file.bytes)
        let effects = Set(Self.effects(back))
        #expect(back.status == 200 && effects == ["same"], "\(back.text)")
      }
      // Whoever asks by HEAD takes nothing away.
      for path in [
        "exports/organisations", "exports/users", "actions/export?format=csv", "figures/export", "months/2026-01/payroll",
      ] {
        let look = try await admin.send(.head, "/api/v1/\(path)")
        #expect(look.status == 200 && look.bytes.isEmpty, "\(path)")
        #expect(try await world.person(.client).send(.head, "/api/v1/\(path)").status == 403, "\(path)")
      }
      let written = try await bench.actions().filter { $0 != "access.refuse" }
      #expect(written == ["organisation.export", "account.export"])
      #expect(try await admin.send(.get, "/api/v1/exports/users?format=exe").status == 422)
    }
  }
}
