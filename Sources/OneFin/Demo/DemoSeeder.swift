import Domain
import ServerKit
import Storage

/// Writes the demo firm into an empty database, in one transaction: either all of it is there, or none.
struct DemoSeeder {
  /// As of when conversations are told.
  var now: Timestamp
  /// What password hashes cost; tests take less.
  var cost: Argon2.Cost = .standard

  /// Writes it. Throws: `Sentence` when people are there already or a line is refused; `DatabaseError`.
  func run(in session: Session) throws {
    let hashes = try DemoFirm.people.map { _ in try Argon2.hash(DemoFirm.password, cost: cost) }
    try AccessChange.run(in: session) {
      guard try !Accounts.anyExists(in: session) else {
        throw Sentence(description: "the database has people in it: the demo goes into an empty one only.")
      }
      let people = try makePeopleAndPlaces(hashes, in: session)
      for company in DemoFirm.companies {
        for (kind, topic) in try topics(of: company, in: session) {
          guard let script = company.scripts[kind] else { continue }
          try converse(script, of: company, kind: kind, topic: topic, people: people, in: session)
        }
      }
      try makePay(people, in: session)
      // As whoever is at the machine makes an administrator: from here on every change is a row of the log.
      try ActionLog.append(
        "user.create", by: ActionLog.Actor(account: nil, session: nil, address: ""), detail: ["note": "demo"],
        written: .everything,
        in: session)
    }
  }

  /// Departments, companies, accounts, memberships, assignments; gives the accounts by login.
  private func makePeopleAndPlaces(_ hashes: [String], in session: Session) throws -> [String: AccountID] {
    var departments: [String: DepartmentID] = [:]
    var companies: [String: OrganisationID] = [:]
    var people: [String: AccountID] = [:]
    for name in DemoFirm.departments { departments[name] = try Organisations.createDepartment(name: name, in: session) }
    for company in DemoFirm.companies {
      let department = try Self.known(departments[company.department], company.department)
      companies[company.name] = try Organisations.create(
        name: company.name, stir: company.stir, department: department, in: session)
    }
    for (person, hash) in zip(DemoFirm.people, hashes) {
      let id = try Accounts.create(
        name: person.name, login: person.login, language: person.language, passwordHash: hash, in: session)
      people[person.login] = id
      _ = try Accounts.addMembership(
        id, role: person.role, organisation: companies[person.place], department: departments[person.place], in: session)
    }
    let admin = try Self.known(people["admin"], "admin")
    for duty in DemoFirm.duties {
      _ = try Assignments.create(
        account: try Self.known(people[duty.accountant], duty.accountant),
        organisation: try Self.known(companies[duty.company], duty.company), topics: duty.topics,
        from: LocalDate(inTashkentAt: now).advanced(by: -30), to: nil, by: admin, in: session)
    }
    return people
  }

  /// Bonus rules and salaries, and a past for the assignments: they were made when the conversations they belong to began, not today.
  private func makePay(_ people: [String: AccountID], in session: Session) throws {
    let start = LocalDate(inTashkentAt: now).advanced(by: -30)
    for table: SQL in ["membership", "assignment"] {
      try session.execute("UPDATE \(table) SET created_at = \(start.startInTashkent)")
    }
    let admin = try Self.known(people["admin"], "admin")
    let rules = BonusRules(
      documents: .init(steps: [.init(from: 0, rate: 4000)]), positive: .init(steps: [.init(from: 0, rate: 20_000)]),
      negative: .init(steps: [.init(from: 0, rate: -30_000)]), sla: .init(steps: [.init(from: 9500, factor: 12_000)]),
      cap: 10_000_000)
    _ = try BonusRuleBook.add(rules, from: Month(start), note: "", after: 0, by: admin, in: session)
    for salary in try Salaries.list(for: Month(start), in: session) {
      _ = try Salaries.set(6_000_000, of: salary.account.id, from: Month(start), after: 0, by: admin, in: session)
    }
  }

  private func topics(of company: DemoFirm.Company, in session: Session) throws -> [(TopicKind, TopicID)] {
    try session.rows(
      """
      SELECT t.id, t.kind FROM topic t JOIN organisation o ON o.id = t.organisation_id WHERE o.name = \(company.name) ORDER BY t.id
      """
    ).map { (try $0["kind"], try $0["id"]) }
  }

  /// One topic's rows and read marks.
  private func converse(
    _ script: String, of company: DemoFirm.Company, kind: TopicKind, topic: TopicID, people: [String: AccountID],
    in session: Session
  ) throws {
    let lines = try DemoScript(script, now: now).lines
    var items: [LogItem] = []
    var cases: Int32 = 0
    var open = false
    func read(_ account: AccountID, _ seq: Int, at: Timestamp) {
      items.append(.read(ReadRequest(topic: topic, account: account, session: nil, seq: Int64(seq), at: at)))
    }
    for (index, line) in lines.enumerated() {
      let account = try Self.known(people[line.login], line.login)
      // Whoever writes has read what stands before.
      if index > 0 { read(account, index, at: line.at.advanced(by: .seconds(-5))) }
      let action: LogAction
      switch line.action {
      case .send(let body, let reply, let holding):
        if !open { (cases, open) = (cases + 1, true) }
        action = .send(body: body, reply: reply, holding: holding)
      case .edit(let message, let body): action = .edit(message: message, body: body)
      case .delete(let message): action = .delete(message: message)
      // A client's thanks are often the last word, and need no answer.
      case .close: (action, open) = (.dismiss, false)
      case .reopen: (action, open) = (.reopen, true)
      case .rate(let stars, let comment): action = .rate(caseNumber: cases, stars: stars, comment: comment)
      }
      items.append(
        .append(
          LogRequest(
            topic: topic, account: account, session: nil, key: .random(), action: action, at: line.at,
            salt: (0..<16).map { _ in UInt8.random(in: .min ... .max) })))
    }
    // Everybody has read what is older than this morning; what was said since is unread where nobody answered it.
    let morning = now.advanced(by: .seconds(-6 * 3600))
    if let old = lines.lastIndex(where: { $0.at < morning }) {
      for login in participants(of: company, kind) {
        read(try Self.known(people[login], login), old + 1, at: lines[old].at.advanced(by: .seconds(240)))
      }
    }
    let batch = try TopicLog.appendInTransaction(items, in: session)
    for (item, result) in zip(items, batch.results) {
      if case .refused(let error) = result {
        throw Sentence(description: "\(company.name), \(kind.slug): the log refuses \(item): \(error)")
      }
    }
  }

  private func participants(of company: DemoFirm.Company, _ kind: TopicKind) -> [String] {
    DemoFirm.people.filter { $0.place == company.name }.map(\.login)
      + DemoFirm.duties.filter { $0.company == company.name && $0.topics.contains(kind) }.map(\.accountant)
  }

  private static func known<Value>(_ value: Value?, _ name: String) throws -> Value {
    guard let value else { throw Sentence(description: "the demo names \(name), who isn't in it.") }
    return value
  }
}
