import Domain
import ServerKit
import Storage

/// An account, as answers carry it.
struct UserAnswer: Encodable {
  let id: Int64
  let name: String
  let login: String
  let language: String
  let disabled: Bool
  let memberships: [MembershipAnswer]

  init(_ record: AccountRecord) {
    id = record.id.rawValue
    name = record.name
    login = record.login
    language = record.language
    disabled = record.isDisabled
    memberships = record.memberships.map(MembershipAnswer.init)
  }
}

/// A membership to be given, as sent.
struct NewMembership: Sendable {
  let role: Role
  let organisation: OrganisationID?
  let department: DepartmentID?

  /// Reads the fields; the caller finishes them.
  init(_ fields: inout Fields) {
    role = fields.choice("role", of: Role.self, or: .client)
    organisation = fields.optionalID("organisation")
    department = fields.optionalID("department")
    guard fields.problems["role"] == nil else { return }
    if role.isFirm && organisation != nil { fields.refuse("organisation", "invalid") }
    if !role.isFirm && organisation == nil { fields.refuse("organisation", "required") }
    if role.needsDepartment && department == nil { fields.refuse("department", "required") }
    if !role.needsDepartment && department != nil { fields.refuse("department", "invalid") }
  }

  /// For the action log.
  var detail: [String: ActionLog.Value] {
    var detail: [String: ActionLog.Value] = ["role": .text(role.rawValue)]
    if let department { detail["department"] = .number(department.rawValue) }
    return detail
  }
}

/// A new account with its first membership, as sent.
struct NewUser: Sendable {
  let name: String
  let login: String
  let password: String
  let language: Language
  let membership: NewMembership

  init(_ fields: inout Fields) throws(Problem) {
    name = fields.text("name", 1...200)
    login = Accounts.normalised(login: fields.text("login", 2...100))
    password = fields.secret("password", maximumBytes: PasswordRules.maximumBytes)
    language = fields.has("language") ? fields.choice("language", of: Language.self, or: .uz) : .uz
    membership = NewMembership(&fields)
    if !Self.isLogin(login) { fields.refuse("login", "invalid") }
    if PasswordRules.problem(with: password, login: login) != nil { fields.refuse("password", "weak") }
    try fields.finish()
  }

  /// What the database's check says too: a letter or digit, then letters, digits and `._@+-`.
  static func isLogin(_ text: String) -> Bool {
    guard (2...100).contains(text.utf8.count) else { return false }
    for (index, byte) in text.utf8.enumerated() {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): continue
      case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "@"), UInt8(ascii: "+"), UInt8(ascii: "-"):
        if index == 0 { return false }
      default: return false
      }
    }
    return true
  }
}

/// A change of an account, as sent.
struct UserChange: Sendable {
  let name: String?
  let isDisabled: Bool?
  let password: String?
  let language: Language?

  init(_ fields: inout Fields) throws(Problem) {
    name = fields.optionalText("name", 1...200)
    isDisabled = fields.optionalFlag("disabled")
    let hasPassword = fields.has("password") && !fields.isNull("password")
    password = hasPassword ? fields.secret("password", maximumBytes: PasswordRules.maximumBytes) : nil
    language = fields.has("language") ? fields.choice("language", of: Language.self, or: .uz) : nil
    try fields.finish()
  }

  /// Whether it changes more than people may change of themselves here.
  var needsAdmin: Bool { name != nil || isDisabled != nil || password != nil }
}
