extension PermissionTable {
  /// Pauses and clocks. Who stops a clock is who closes the case; only the client's side has something to reject.
  static let clockRules: [Rule] = [
    Rule(.topicCase, .pause, [.admin: .assigned, .accountant: .assigned]),
    Rule(.topicCase, .reject, [.client: .organisation]),
    Rule(.clock, .read, [.admin: .all, .supervisor: .department, .accountant: .assigned]),
  ]
}
