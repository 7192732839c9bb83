import Domain
import Testing

@testable import OneFin

/// What the demo says is checked without a database: the rules that the log would refuse by, and that time only goes forward.
struct DemoScriptTests {
  /// Moments at which somebody may start the demo: a Friday afternoon, a Saturday, just after midnight on Monday and Tuesday.
  static let starts = ["2026-11-20T10:00:00Z", "2026-11-21T08:00:00Z", "2026-11-22T19:10:00Z", "2026-11-23T19:10:00Z"]

  static let topics = DemoFirm.companies.flatMap { company in
    company.scripts.keys.sorted { $0.rawValue < $1.rawValue }.map { (company.name, $0) }
  }

  @Test("Every company has its five topics, people and an accountant for each")
  func whole() {
    #expect(DemoFirm.companies.count == 4)
    for company in DemoFirm.companies {
      #expect(company.scripts.count == TopicKind.allCases.count)
      #expect(DemoFirm.departments.contains(company.department))
      #expect(DemoFirm.people.contains { $0.role == .client && $0.place == company.name })
      let served = DemoFirm.duties.filter { $0.company == company.name }.flatMap(\.topics)
      #expect(Set(served) == Set(TopicKind.allCases) && served.count == TopicKind.allCases.count)
    }
    #expect(Set(DemoFirm.people.map(\.login)).count == DemoFirm.people.count)
    #expect(DemoFirm.people.count { $0.role == .supervisor } == 2 && DemoFirm.people.count { $0.role == .accountant } == 3)
  }

  @Test("Conversations keep the chat's rules", arguments: topics, starts)
  func rules(topic: (company: String, kind: TopicKind), start: String) throws {
    let now = try #require(Timestamp(rfc3339: start))
    let company = try #require(DemoFirm.companies.first { $0.name == topic.company })
    let script = try DemoScript(try #require(company.scripts[topic.kind]), now: now)
    let staff = DemoFirm.duties.filter { $0.company == company.name && $0.topics.contains(topic.kind) }.map(\.accountant)
    let clients = DemoFirm.people.filter { $0.place == company.name }.map(\.login)
    var authors: [Int64: String] = [:]
    var caseOf: [Int64: Int] = [:]
    var number = 0
    var open = false
    var rated = true
    var closedAt = now
    var last = Timestamp(microseconds: 0)
    for (index, line) in script.lines.enumerated() {
      let seq = Int64(index + 1)
      #expect(line.at > last && line.at < now, "line \(seq) goes back in time")
      last = line.at
      #expect(staff.contains(line.login) || clients.contains(line.login), "\(line.login) takes no part")
      switch line.action {
      case .send(let body, let reply, let holding):
        #expect(!body.isEmpty && body.unicodeScalars.count <= 16_000)
        #expect(reply == 0 || authors[reply] != nil)
        #expect(!holding || staff.contains(line.login))
        if !open { (number, open, rated) = (number + 1, true, false) }
        authors[seq] = line.login
        caseOf[seq] = number
      case .edit(let message, _), .delete(let message):
        #expect(authors[message] == line.login && caseOf[message] == number && open)
      case .close:
        #expect(open && staff.contains(line.login))
        (open, closedAt) = (false, line.at)
      case .reopen:
        #expect(!open && !rated && number > 0 && line.at.since(closedAt) < .seconds(24 * 3600))
        open = true
      case .rate(let stars, _):
        #expect(!open && !rated && (1...5).contains(stars) && clients.contains(line.login))
        rated = true
      }
    }
    // A case without a word for 7 days closes by itself, which would spoil what the demo shows.
    #expect(!open || now.since(last) < .seconds(6 * 24 * 3600))
  }

  @Test("The demo shows what there is to show")
  func variety() throws {
    let now = try #require(Timestamp(rfc3339: Self.starts[0]))
    let lines = try DemoFirm.companies.flatMap { try $0.scripts.values.flatMap { try DemoScript($0, now: now).lines } }
    let staff = Set(DemoFirm.people.filter { $0.role == .accountant }.map(\.login))
    func has(_ matches: (DemoScript.Line) -> Bool) -> Bool { lines.contains(where: matches) }
    #expect(has { if case .delete = $0.action { staff.contains($0.login) } else { false } })
    #expect(has { if case .delete = $0.action { !staff.contains($0.login) } else { false } })
    #expect(has { if case .edit = $0.action { true } else { false } })
    #expect(has { if case .send(_, _, true) = $0.action { true } else { false } })
    #expect(has { if case .rate(_, .some) = $0.action { true } else { false } })
    #expect(has { $0.action == .reopen })
    #expect(lines.count > 150)
  }

  @Test(
    "A script with a mistake says which line",
    arguments: [
      "-1 09:00 | a | send", "-1 09:00 | a | shout | b", "tomorrow | a | send | b", "-1 09:00 | a | edit x | b",
      "-1 09:00 | a | rate | b",
    ])
  func mistakes(text: String) {
    #expect(throws: DemoScript.Mistake.self) { try DemoScript(text, now: .now) }
  }

  @Test("Working days skip the weekend")
  func workingDays() throws {
    let monday = try #require(Timestamp(rfc3339: "2026-11-23T07:00:00Z"))
    let script = try DemoScript("-1 09:00 | a | send | x", now: monday)
    #expect(LocalDate(inTashkentAt: try #require(script.lines.first).at).description == "2026-11-20")
  }

  @Test("The sign-ins name everybody")
  func signIns() {
    for person in DemoFirm.people { #expect(DemoFirm.signIns.contains("\n\(person.login) ")) }
    #expect(DemoFirm.signIns.contains(DemoFirm.password))
    #expect(DemoFirm.password.count >= 10)
  }
}
