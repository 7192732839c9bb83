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
  /// What the person has to read and confirm before anything else: `oversight`.
  let notices: [String]
  /// Whether a second factor has to be enrolled before anything else.
  let owesSecondFactor: Bool
  /// What the page sends as `X-CSRF-Token`.
  let csrf: String
  /// The bearer token, once, for apps; a browser never sees its token.
  let token: String?

  init(_ live: Sessions.Live, token: SessionToken, showToken: Bool) {
    let record = live.account
    notices = live.hasReadOversight ? [] : [Acknowledgements.oversight]
    owesSecondFactor = live.owesSecondFactor
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

/// A device that is signed in already, as a refused sign-in tells of it.
struct BusyDeviceAnswer: Encodable {
  let device: String
  let kind: String
  let address: String
  let lastUsedAt: String
  /// Whether it ends when the sign-in is repeated with `replace`.
  let ends: Bool
}

/// Somebody's device, as the list of everybody's carries it.
struct OwnedDeviceAnswer: Encodable {
  let device: DeviceAnswer
  let name: String
  let login: String
  let roles: [Role]

  init(_ owned: Sessions.Owned, current: SessionID) {
    device = DeviceAnswer(owned.device, current: current)
    (name, login, roles) = (owned.name, owned.login, owned.roles)
  }
}

/// How many sessions were ended.
struct EndedAnswer: Encodable {
  let ended: Int
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
  /// The code of an authenticator, or one on paper.
  let code: String?
  /// Whether the device that was used longest ago ends when there are too many.
  let replaces: Bool

  init(_ fields: inout Fields) throws(Problem) {
    login = Accounts.normalised(login: fields.text("login", 1...200))
    password = fields.secret("password", maximumBytes: PasswordRules.maximumBytes)
    device = String(fields.optionalText("device", 0...500)?.prefix(200) ?? "")
    kind = fields.has("kind") ? fields.choice("kind", of: SessionKind.self, or: .browser) : .browser
    code = fields.optionalText("code", 1...40)
    replaces = fields.optionalFlag("replace") ?? false
    try fields.finish()
  }
}
