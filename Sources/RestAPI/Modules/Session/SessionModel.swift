import Domain
import ServerKit
import Storage

/// An id and a name, as answers carry them.
struct NamedAnswer: Encodable {
  let id: Int64
  let name: String

  init<Table>(_ named: Named<Identifier<Table>>) {
    id = named.id.rawValue
    name = named.name
  }
}

/// A membership, as answers carry it.
struct MembershipAnswer: Encodable {
  let id: Int64
  let role: Role
  let organisation: NamedAnswer?
  let department: NamedAnswer?

  init(_ record: MembershipRecord) {
    id = record.id.rawValue
    role = record.role
    organisation = record.organisation.map(NamedAnswer.init)
    department = record.department.map(NamedAnswer.init)
  }
}

/// Who is signed in.
struct SessionAnswer: Encodable {
  struct Account: Encodable {
    let id: Int64
    let name: String
    let login: String
    let language: String
  }

  let account: Account
  let memberships: [MembershipAnswer]
  /// What the page sends as `X-CSRF-Token`.
  let csrf: String
  /// The bearer token, once, for apps; a browser never sees its token.
  let token: String?

  init(_ record: AccountRecord, token: SessionToken, showToken: Bool) {
    account = Account(id: record.id.rawValue, name: record.name, login: record.login, language: record.language)
    memberships = record.memberships.map(MembershipAnswer.init)
    csrf = token.csrf
    self.token = showToken ? token.text : nil
  }
}

/// A signed-in device.
struct DeviceAnswer: Encodable {
  let id: Int64
  let account: Int64
  let kind: String
  let device: String
  let address: String
  let createdAt: String
  let lastUsedAt: String
  let current: Bool

  init(_ device: Sessions.Device, current: SessionID) {
    id = device.id.rawValue
    account = device.account.rawValue
    kind = device.kind
    self.device = device.device
    address = device.address
    createdAt = device.createdAt.rfc3339
    lastUsedAt = device.lastUsedAt.rfc3339
    self.current = device.id == current
  }
}

/// A page of a list.
struct ListAnswer<Item: Encodable>: Encodable {
  let items: [Item]
  let next: String?

  init(_ items: [Item], next: Int64? = nil) {
    self.items = items
    self.next = next.map(String.init)
  }
}

/// What kind of program holds a session.
enum SessionKind: String {
  /// A page, which keeps its token in a cookie that no script sees.
  case browser
  /// A program that keeps its token itself.
  case app
}

/// A request to sign in, as sent.
struct SignIn: Sendable {
  let login: String
  let password: String
  let device: String
  let kind: SessionKind

  init(_ fields: inout Fields) throws(Problem) {
    login = Accounts.normalised(login: fields.text("login", 1...200))
    password = fields.secret("password", maximumBytes: PasswordRules.maximumBytes)
    device = String(fields.optionalText("device", 0...500)?.prefix(200) ?? "")
    kind = fields.has("kind") ? fields.choice("kind", of: SessionKind.self, or: .browser) : .browser
    try fields.finish()
  }
}
