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
    let organisation: OrganisationID?
    let department: DepartmentID?
  }
  private struct NewAccount: Sendable {
    let name: String
    let login: String
    let language: Language
    var places: [Place]
  }
  private struct Change: Sendable {
    let account: AccountID
    let oldName: String
    var name: String?
    var places: [Place]
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
    let departments = Dictionary(
      try Organisations.departments(for: viewer, in: session).map { (ImportTable.folded($0.name), $0.id) },
      uniquingKeysWith: { first, _ in first })
    var organisations: [String: (id: OrganisationID, isClosed: Bool)] = [:]
    for record in try Organisations.list(for: viewer, limit: 100_000, in: session).items {
      organisations[ImportTable.folded(record.name)] = (record.id, record.closedAt != nil)
      if let stir = record.stir { organisations[stir] = (record.id, record.closedAt != nil) }
    }
    let known = Dictionary(
      try Accounts.list(for: viewer, limit: 100_000, in: session).items.map { ($0.login, $0) },
      uniquingKeysWith: { first, _ in first })
    var lines: [JudgedLine] = []
    var new: [String: NewAccount] = [:]
    var changed: [AccountID: Change] = [:]
    var seen: Set<String> = []
    for line in table.lines {
      let (name, login) = (line.cells["name"] ?? "", Accounts.normalised(login: line.cells["login"] ?? ""))
      var problems: [String: String] = [:]
      if name.isEmpty { problems["name"] = "required" }
      if name.unicodeScalars.count > 200 { problems["name"] = "too_long" }
      if name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) { problems["name"] = "invalid" }
      if !NewUser.isLogin(login) { problems["login"] = login.isEmpty ? "required" : "login" }
      let word = line.cells["language"] ?? ""
      let language = word.isEmpty ? Language.uz : Self.languages[ImportTable.folded(word)]
      if language == nil { problems["language"] = "invalid" }
      let place = Self.place(line, departments, organisations, &problems)
      let account = known[login]
      if let first = new[login], first.name != name { problems["name"] = "differs" }
      if account?.isDisabled == true { problems["login"] = "disabled" }
      if let place, !seen.insert("\(login) \(place)").inserted { problems["role"] = "twice" }
      guard problems.isEmpty, let place, let language else {
        lines.append(
          JudgedLine(number: line.number, effect: .error, title: "\(name) (\(login))", problems: problems, changes: []))
        continue
      }
      let role = "\(place.role.rawValue) \(line.cells["organisation"] ?? "")\(line.cells["department"] ?? "")"
      var effect = JudgedLine.Effect.create
      var told: [String] = []
      if let account {
        var change = changed[account.id] ?? Change(account: account.id, oldName: account.name, name: nil, places: [])
        if account.name != name {
          told.append("name: \(account.name) → \(name)")
          change.name = name
        }
        let has = account.memberships.contains {
          $0.role == place.role && $0.organisation?.id == place.organisation && $0.department?.id == place.department
        }
        if !has {
          told.append("role: + \(role)")
          change.places.append(place)
        }
        effect = told.isEmpty ? .same : .update
        if !told.isEmpty { changed[account.id] = change }
      } else {
        told.append("role: + \(role)")
        new[login, default: NewAccount(name: name, login: login, language: language, places: [])].places.append(place)
      }
      lines.append(JudgedLine(number: line.number, effect: effect, title: "\(name) (\(login))", problems: [:], changes: told))
    }
    self.lines = lines
    self.new = new.values.sorted { $0.login < $1.login }
    changes = changed.values.sorted { $0.account < $1.account }
  }

  private static func place(
    _ line: ImportTable.Line, _ departments: [String: DepartmentID],
    _ organisations: [String: (id: OrganisationID, isClosed: Bool)],
    _ problems: inout [String: String]
  ) -> Place? {
    guard let role = roles[ImportTable.folded(line.cells["role"] ?? "")] else {
      problems["role"] = (line.cells["role"] ?? "").isEmpty ? "required" : "invalid"
      return nil
    }
    var place = Place(role: role, organisation: nil, department: nil)
    let (company, department) = (line.cells["organisation"] ?? "", line.cells["department"] ?? "")
    if role.isFirm {
      if !company.isEmpty { problems["organisation"] = "invalid" }
    } else if let found = organisations[ImportTable.folded(company)] ?? organisations[company.filter { !$0.isWhitespace }] {
      place = Place(role: role, organisation: found.id, department: nil)
      if found.isClosed { problems["organisation"] = "closed" }
    } else {
      problems["organisation"] = company.isEmpty ? "required" : "unknown"
    }
    if role.needsDepartment {
      guard let found = departments[ImportTable.folded(department)] else {
        problems["department"] = department.isEmpty ? "required" : "unknown"
        return nil
      }
      place = Place(role: role, organisation: nil, department: found)
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
        name: person.name, login: person.login, language: person.language.rawValue, passwordHash: passwordHash, in: session)
      let made: [String: ActionLog.Value] = [
        "login": .text(person.login), "name": .text(person.name), "language": .text(person.language.rawValue),
      ]
      try ActionLog.append("account.create", by: call.actor, detail: Self.change(of: id, from: nil, to: made), in: session)
      try give(person.places, to: id, call, session)
      let token = LinkToken()
      _ = try OneTimeLinks.reset(id, tokenHash: token.hash, by: call.account, life: OneTimeLinks.invitationLife, in: session)
      welcomes.append(Welcome(name: person.name, login: person.login, token: token))
    }
    for change in changes {
      if let name = change.name {
        try Accounts.update(change.account, name: name, in: session)
        let detail = Self.change(of: change.account, from: ["name": .text(change.oldName)], to: ["name": .text(name)])
        try ActionLog.append("account.update", by: call.actor, detail: detail, in: session)
      }
      try give(change.places, to: change.account, call, session)
    }
    return welcomes
  }

  private func give(_ places: [Place], to account: AccountID, _ call: SignedCall, _ session: Session) throws {
    for place in places {
      let id = try Accounts.addMembership(
        account, role: place.role, organisation: place.organisation, department: place.department, in: session)
      let record = try Accounts.find(account, for: call.viewer(.account, .read), in: session)
      let made = record?.memberships.first { $0.id == id }
      try ActionLog.append(
        "membership.create", by: call.actor, organisation: place.organisation,
        detail: Self.change(of: account, from: nil, to: made?.logged), in: session)
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
