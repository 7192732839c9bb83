import Domain
import ServerKit
import Storage

/// A table of people with their roles, a line for each role, against those that there are. It gives and changes; it never takes anything away.
struct UserImport: Sendable {
  static let columns: [String: Set<String>] = [
    "name": ["name", "ism", "fio", "fish", "имя", "фио", "ism va familiya", "person"],
    "login": ["login", "логин", "telefon yoki login"],
    "language": ["language", "til", "язык"],
    "role": ["role", "rol", "роль", "lavozim"],
    "organisation": ["organisation", "korxona", "tashkilot", "организация", "company"],
    "department": ["department", "bolim", "отдел", "бўлим", "bölim"],
  ]
  static let required = ["name", "login", "role"]

  /// Roles by the words of the three languages.
  private static let roles: [String: Role] = {
    var words: [String: Role] = [:]
    for role in Role.allCases { words[role.rawValue] = role }
    let others: [(Role, [String])] = [
      (.admin, ["administrator", "администратор", "админ"]),
      (.supervisor, ["nazoratchi", "rahbar", "супервайзер", "руководитель"]),
      (.accountant, ["buxgalter", "бухгалтер"]), (.client, ["mijoz", "клиент", "owner", "egasi"]),
      (.warehouse, ["omborchi", "ombor", "кладовщик", "склад"]), (.production, ["ishlab chiqarish", "производство"]),
      (.sales, ["sotuvchi", "savdo", "продажи", "продавец"]), (.agent, ["агент"]), (.driver, ["haydovchi", "водитель"]),
    ]
    for (role, names) in others { for name in names { words[name] = role } }
    return words
  }()
  private static let languages: [String: Language] = [
    "uz": .uz, "ru": .ru, "en": .en, "ozbekcha": .uz, "узбекский": .uz, "русский": .ru, "ruscha": .ru, "english": .en,
    "inglizcha": .en,
    "английский": .en,
  ]

  /// A role to be given.
  private struct Place: Sendable, Hashable {
    let role: Role
    var organisation: Company?
    var department: NamedDepartment?

    /// For people: the names as they are kept, with their numbers, not as the table has them.
    var shown: String {
      let company = organisation.map { " \($0.name) #\($0.id)" } ?? ""
      return "\(role.rawValue)\(company)\(department.map { " \($0.name)" } ?? "")"
    }
    var about: [Int64] { [organisation?.id.rawValue, department?.id.rawValue].compactMap(\.self) }
  }
  private struct Company: Sendable, Hashable {
    let id: OrganisationID
    let name: String
    let isClosed: Bool
  }
  private struct NamedDepartment: Sendable, Hashable {
    let id: DepartmentID
    let name: String
  }
  private struct NewAccount: Sendable {
    let name: String
    let login: String
    var language: Language?
    var places: [Place]
  }
  private struct Change: Sendable {
    let account: AccountID
    let oldName: String
    let oldLanguage: String
    var name: String?
    var language: Language?
    var places: [Place]
  }
  /// What the first line of a person says of them, which the others must not contradict.
  private struct Said {
    let name: String
    var language: Language?
  }

  let lines: [JudgedLine]
  private let new: [NewAccount]
  private let changes: [Change]

  /// The accounts that will be changed, for their locks.
  var accounts: [AccountID] { changes.map(\.account) }
  /// Whether anybody new is among them.
  var makesAccounts: Bool { !new.isEmpty }

  /// Judges every line. A person is known by the login. Throws: `DatabaseError`.
  init(_ table: ImportTable, for viewer: Viewer, in session: Session) throws {
    var (departments, companies) = (ImportNames<NamedDepartment>(), ImportNames<Company>())
    for department in try Organisations.departments(for: viewer, in: session) {
      departments.add(NamedDepartment(id: department.id, name: department.name), as: department.name)
    }
    for record in try Organisations.list(for: viewer, limit: 100_000, in: session).items {
      let company = Company(id: record.id, name: record.name, isClosed: record.closedAt != nil)
      companies.add(company, as: record.name)
      if let stir = record.stir { companies.add(company, as: stir) }
    }
    let known = Dictionary(
      try Accounts.list(for: viewer, limit: 100_000, in: session).items.map { ($0.login, $0) },
      uniquingKeysWith: { first, _ in first })
    var lines: [JudgedLine] = []
    var new: [String: NewAccount] = [:]
    var changed: [AccountID: Change] = [:]
    var said: [String: Said] = [:]
    var seen: Set<String> = []
    for line in table.lines {
      let (name, login) = (line.cells["name"] ?? "", Accounts.normalised(login: line.cells["login"] ?? ""))
      let title = "\(name.prefix(200)) (\(login.prefix(80)))"
      var problems: [String: String] = [:]
      if name.isEmpty { problems["name"] = "required" }
      if name.unicodeScalars.count > 200 { problems["name"] = "too_long" }
      if name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) { problems["name"] = "invalid" }
      if !NewUser.isLogin(login) { problems["login"] = login.isEmpty ? "required" : "login" }
      let word = line.cells["language"] ?? ""
      let language = Self.languages[ImportTable.folded(word)]
      if language == nil && !word.isEmpty { problems["language"] = "invalid" }
      let place = Self.place(line, departments, companies, &problems)
      let account = known[login]
      if problems["login"] == nil {
        let first = said[login] ?? Said(name: name)
        if first.name != name { problems["name"] = "differs" }
        if let language, let other = first.language, other != language { problems["language"] = "differs" }
        said[login] = Said(name: first.name, language: first.language ?? language)
      }
      if account?.isDisabled == true { problems["login"] = "disabled" }
      if let place, problems.isEmpty, !seen.insert("\(login) \(place.role.rawValue) \(place.about)").inserted {
        problems["role"] = "twice"
      }
      guard problems.isEmpty, let place else {
        lines.append(JudgedLine(number: line.number, effect: .error, title: title, problems: problems))
        continue
      }
      let about = [account?.id.rawValue ?? 0] + place.about
      var told: [String] = []
      guard let account else {
        new[login, default: NewAccount(name: name, login: login, language: nil, places: [])].places.append(place)
        if let language { new[login]?.language = language }
        lines.append(
          JudgedLine(number: line.number, effect: .create, title: title, changes: ["role: + \(place.shown)"], about: about))
        continue
      }
      var change =
        changed[account.id] ?? Change(account: account.id, oldName: account.name, oldLanguage: account.language, places: [])
      if account.name != name {
        told.append("name: \(account.name) → \(name)")
        change.name = name
      }
      if let language, account.language != language.rawValue {
        told.append("language: \(account.language) → \(language.rawValue)")
        change.language = language
      }
      let has = account.memberships.contains {
        $0.role == place.role && $0.organisation?.id == place.organisation?.id && $0.department?.id == place.department?.id
      }
      if !has {
        told.append("role: + \(place.shown)")
        change.places.append(place)
      }
      if !told.isEmpty { changed[account.id] = change }
      lines.append(
        JudgedLine(number: line.number, effect: told.isEmpty ? .same : .update, title: title, changes: told, about: about))
    }
    self.lines = lines
    self.new = new.values.sorted { $0.login < $1.login }
    changes = changed.values.sorted { $0.account < $1.account }
  }

  private static func place(
    _ line: ImportTable.Line, _ departments: ImportNames<NamedDepartment>, _ companies: ImportNames<Company>,
    _ problems: inout [String: String]
  ) -> Place? {
    guard let role = roles[ImportTable.folded(line.cells["role"] ?? "")] else {
      problems["role"] = (line.cells["role"] ?? "").isEmpty ? "required" : "invalid"
      return nil
    }
    var place = Place(role: role)
    let (company, department) = (line.cells["organisation"] ?? "", line.cells["department"] ?? "")
    if role.isFirm {
      if !company.isEmpty { problems["organisation"] = "invalid" }
    } else {
      let found = companies.find(company)
      place.organisation = found.value
      problems["organisation"] = found.value?.isClosed == true ? "closed" : found.problem
    }
    if role.needsDepartment {
      let found = departments.find(department)
      place.department = found.value
      problems["department"] = found.problem
    }
    return place
  }

  /// A new person with the link by which they set their password.
  struct Welcome: Sendable {
    let name: String
    let login: String
    let token: LinkToken
  }

  /// Does what the lines say. Inside `AccessChange.run`.
  ///
  /// - Parameter passwordHash: of a password that nobody knows: everybody sets an own one by a link.
  /// - Throws: `DatabaseError`.
  func apply(_ call: SignedCall, passwordHash: String, in session: Session) throws -> [Welcome] {
    var welcomes: [Welcome] = []
    for person in new {
      let id = try Accounts.create(
        name: person.name, login: person.login, language: (person.language ?? .uz).rawValue, passwordHash: passwordHash,
        in: session)
      let made: [String: ActionLog.Value] = [
        "login": .text(person.login), "name": .text(person.name), "language": .text((person.language ?? .uz).rawValue),
      ]
      try ActionLog.append(
        "account.create", by: call.actor, detail: Self.change(of: id, from: nil, to: made), written: .account(id), in: session)
      try give(person.places, to: id, call, session)
      let token = LinkToken()
      _ = try OneTimeLinks.reset(id, tokenHash: token.hash, by: call.account, life: OneTimeLinks.invitationLife, in: session)
      welcomes.append(Welcome(name: person.name, login: person.login, token: token))
    }
    for change in changes {
      if change.name != nil || change.language != nil {
        try Accounts.update(change.account, name: change.name, language: change.language?.rawValue, in: session)
        var (before, after): ([String: ActionLog.Value], [String: ActionLog.Value]) = ([:], [:])
        if let name = change.name { (before["name"], after["name"]) = (.text(change.oldName), .text(name)) }
        if let language = change.language {
          (before["language"], after["language"]) = (.text(change.oldLanguage), .text(language.rawValue))
        }
        let detail = Self.change(of: change.account, from: before, to: after)
        try ActionLog.append(
          "account.update", by: call.actor, detail: detail, written: .account(change.account), in: session)
      }
      try give(change.places, to: change.account, call, session)
    }
    return welcomes
  }

  private func give(_ places: [Place], to account: AccountID, _ call: SignedCall, _ session: Session) throws {
    for place in places {
      let id = try Accounts.addMembership(
        account, role: place.role, organisation: place.organisation?.id, department: place.department?.id, in: session)
      let record = try Accounts.find(account, for: call.viewer(.account, .read), in: session)
      let made = record?.memberships.first { $0.id == id }
      try ActionLog.append(
        "membership.create", by: call.actor, organisation: place.organisation?.id,
        detail: Self.change(of: account, from: nil, to: made?.logged), written: .membership(id), in: session)
    }
  }

  private static func change(
    of account: AccountID, from before: [String: ActionLog.Value]?, to after: [String: ActionLog.Value]?
  ) -> [String: ActionLog.Value] {
    var detail = ActionLog.change(from: before, to: after)
    (detail["account"], detail["import"]) = (.number(account.rawValue), true)
    return detail
  }
}
