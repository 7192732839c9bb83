import Domain

/// Whether somebody is there.
struct Presence: Sendable, Hashable {
  /// Who.
  var account: AccountID
  /// Has a socket on some node.
  var isOnline: Bool
  /// When they were last there; nil while they are, and when nobody remembers.
  var seen: Timestamp?
}

extension JSONWriter {
  /// The fields of a presence, without braces.
  mutating func presence(_ presence: Presence) {
    name("account")
    value(presence.account.rawValue)
    name("online")
    value(presence.isOnline)
    name("seen")
    optional(presence.seen)
  }

  /// Presences as an array.
  mutating func presences(_ presences: [Presence]) {
    openArray()
    for presence in presences {
      openObject()
      self.presence(presence)
      closeObject()
    }
    closeArray()
  }
}
