/// A thing that people have permissions on. An ERP module adds its own cases here and its rows to `PermissionTable`.
public enum Resource: String, CaseIterable, Sendable, Hashable {
  /// A person's account: name, login, language, whether it is disabled.
  case account
  /// What an account belongs to and as what: the firm or an organisation, in a role.
  case membership
  /// An invitation of a new person by a one-time link.
  case invitation
  /// A one-time link to a new password.
  case resetLink = "reset_link"
  /// Somebody's authenticator and codes on paper.
  case secondFactor = "second_factor"
  /// A device that is signed in.
  case session
  /// A department of the firm.
  case department
  /// A client company.
  case organisation
  /// Which accountant handles which topics of which organisation, from when to when.
  case assignment
  /// One of the five topics of an organisation.
  case topic
  /// A message in a topic, with its versions.
  case message
  /// A case of a topic: closed, reopened, rated.
  case topicCase = "case"
  /// How long clients wait: for the firm's people only.
  case clock
  /// A file that was sent in a topic, and the work on it.
  case document
  /// A watch over a topic without trace: ghost-mode.
  case observation
  /// The removal of a message's texts and files for good, by two people.
  case erasure
  /// A ban on erasing anything of an organisation, or of one of its topics.
  case legalHold = "legal_hold"
  /// The append-only list of who did what.
  case actionLog = "action_log"
  /// A signed archive of everything that belongs to one organisation.
  case auditBundle = "audit_bundle"
  /// Figures about how fast and how well an accountant works.
  case kpi
  /// What the firm configures for itself.
  case settings
  /// The monthly bonus of an accountant.
  case bonus
  /// By what bonuses are worked out.
  case bonusRule = "bonus_rule"
  /// What an accountant is paid without the bonus.
  case salary
  /// A month of the firm, which is closed once.
  case month
  /// An accountant's doubt about a line of the own bonus.
  case contest
}

/// What may be done with a resource. Not every pair of resource and action exists: `PermissionTable.rules` lists those that do.
public enum Action: String, CaseIterable, Sendable, Hashable {
  /// See it in lists and open it.
  case read
  /// Make a new one.
  case create
  /// Change one.
  case update
  /// End or remove one.
  case delete
  /// Answer it.
  case answer
  /// Take it out of the system, as a file.
  case export
  /// Write into it.
  case write
  /// Close it.
  case close
  /// Open it again.
  case reopen
  /// Stop its clock while something is wanted from the client.
  case pause
  /// Refuse to be waited for.
  case reject
  /// Give it one to five stars.
  case rate
  /// Take it up and finish the work on it.
  case process
  /// Give the finished work back.
  case sendBack = "send_back"
  /// Hide a message of anybody's, with a reason.
  case redact
  /// Open what a client has deleted.
  case readDeleted = "read_deleted"
  /// Open what was redacted.
  case readRedacted = "read_redacted"
  /// Say that one has looked at what somebody else did.
  case acknowledge
  /// Agree, as the second person, to what somebody else has asked for, or refuse it.
  case confirm
  /// Have it held against its chains now.
  case verify
  /// Take part in it visibly by an assignment of one's own, and leave it again.
  case join
  /// Open the bytes as they were uploaded, without a stamp.
  case readOriginal = "read_original"
}

/// How far a permission reaches.
public enum Scope: String, CaseIterable, Sendable, Hashable {
  /// Everything of the installation.
  case all
  /// Organisations and staff of the membership's department.
  case department
  /// Organisations (or single topics of them) that are assigned to the account today.
  case assigned
  /// The membership's organisation.
  case organisation
  /// What the account itself is, made or is named in.
  case own
}

/// A pair of resource and action, the unit that a route or a chat verb asks for.
public struct Permission: Sendable, Hashable, CustomStringConvertible {
  /// The resource.
  public let resource: Resource
  /// The action.
  public let action: Action

  /// Makes the pair; whether it exists is the table's matter.
  public init(_ resource: Resource, _ action: Action) {
    self.resource = resource
    self.action = action
  }

  /// `resource.action`, the way the docs and logs write it.
  public var description: String { "\(resource.rawValue).\(action.rawValue)" }
}
