import Domain
import ServerKit
import Storage

/// A link that was just made, as answers carry it. The page puts the token behind the `#` of an address.
struct MadeLinkAnswer: Encodable {
  let id: Int64
  let token: String
  let expiresAt: String

  init(_ made: LinkActions.Made) {
    id = made.id.rawValue
    token = made.token.text
    expiresAt = made.expiresAt.rfc3339
  }
}

/// An open link, as its makers' list carries it.
struct OpenLinkAnswer: Encodable {
  let id: Int64
  /// `reset` or `invitation`.
  let kind: String
  let account: NamedAnswer?
  let name: String?
  let role: Role?
  let organisation: NamedAnswer?
  let department: NamedAnswer?
  let by: NamedAnswer
  let createdAt: String
  let expiresAt: String

  init(_ link: OneTimeLinks.Open) {
    id = link.id.rawValue
    by = NamedAnswer(link.by)
    createdAt = link.createdAt.rfc3339
    expiresAt = link.expiresAt.rfc3339
    switch link.purpose {
    case .reset(let account, _):
      kind = "reset"
      self.account = NamedAnswer(account)
      (name, role, organisation, department) = (nil, nil, nil, nil)
    case .invitation(let role, let organisation, let department, let name):
      kind = "invitation"
      account = nil
      self.name = name
      self.role = role
      self.organisation = organisation.map(NamedAnswer.init)
      self.department = department.map(NamedAnswer.init)
    }
  }
}

/// What a link is for, as its holder is told: no ids, nothing that the link itself doesn't give.
struct LinkLookAnswer: Encodable {
  /// `reset` or `invitation`.
  let kind: String
  let firm: String
  /// The login whose password is set; null for invitations.
  let login: String?
  /// The person's name; what whoever invites calls them, for invitations.
  let name: String
  let role: Role?
  let organisation: String?
  let department: String?
  /// Who made it.
  let by: String
  let expiresAt: String

  init(_ link: OneTimeLinks.Open, firm: String) {
    self.firm = firm
    by = link.by.name
    expiresAt = link.expiresAt.rfc3339
    switch link.purpose {
    case .reset(let account, let login):
      kind = "reset"
      name = account.name
      self.login = login
      (role, organisation, department) = (nil, nil, nil)
    case .invitation(let role, let organisation, let department, let name):
      kind = "invitation"
      self.name = name
      login = nil
      self.role = role
      self.organisation = organisation?.name
      self.department = department?.name
    }
  }
}

/// Somebody new who takes an invitation up, as sent.
struct NewPerson: Sendable {
  let name: String
  let login: String
  let password: String
  let language: Language

  init(_ fields: inout Fields) throws(Problem) {
    name = fields.text("name", 1...200)
    login = Accounts.normalised(login: fields.text("login", 2...100))
    password = fields.secret("password", maximumBytes: PasswordRules.maximumBytes)
    language = fields.has("language") ? fields.choice("language", of: Language.self, or: .uz) : .uz
    if !NewUser.isLogin(login) { fields.refuse("login", "invalid") }
    if PasswordRules.problem(with: password, login: login) != nil { fields.refuse("password", "weak") }
    try fields.finish()
  }
}
