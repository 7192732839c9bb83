import Domain

/// Who is there: sockets of this node, and what other nodes say of theirs. A pure machine; time is passed in.
///
/// What another node says holds only for as long as the node lets itself be heard.
struct PresenceBoard {
  /// How long a node may be silent, in milliseconds.
  static let lease: Int64 = 30_000
  /// How many "last seen" are remembered.
  static let seenLimit = 100_000

  private struct Node {
    var accounts: Set<AccountID> = []
    /// The roster so far, until its last part has come.
    var parts: Set<AccountID> = []
    var heardAt: Int64
  }

  private var sockets: [AccountID: Int] = [:]
  private var nodes: [Key: Node] = [:]
  private var seen: [AccountID: Timestamp] = [:]

  /// The accounts that have a socket on this node.
  var own: [AccountID] { sockets.keys.sorted() }

  /// What is known of an account.
  func presence(of account: AccountID) -> Presence {
    let isOnline = isOnline(account)
    return Presence(account: account, isOnline: isOnline, seen: isOnline ? nil : seen[account])
  }

  private func isOnline(_ account: AccountID) -> Bool {
    sockets[account] != nil || nodes.values.contains { $0.accounts.contains(account) }
  }

  /// A socket of this node opened. Returns whether the node has the account only now, and what to show if something changed.
  mutating func opened(_ account: AccountID) -> (isFirst: Bool, change: Presence?) {
    let was = isOnline(account)
    sockets[account, default: 0] += 1
    return (sockets[account] == 1, was ? nil : presence(of: account))
  }

  /// A socket of this node closed.
  mutating func closed(_ account: AccountID, at now: Timestamp) -> (isLast: Bool, change: Presence?) {
    guard let count = sockets[account] else { return (false, nil) }
    sockets[account] = count > 1 ? count - 1 : nil
    guard count == 1 else { return (false, nil) }
    remember(account, now)
    return (true, isOnline(account) ? nil : presence(of: account))
  }

  /// Another node said something; returns what to show.
  mutating func heard(_ news: LiveNews, from node: Key, now: Timestamp, uptime: Int64) -> [Presence] {
    var changed: [AccountID] = []
    var entry = nodes[node] ?? Node(heardAt: uptime)
    entry.heardAt = uptime
    let before = entry.accounts
    switch news {
    case .online(let account): entry.accounts.insert(account)
    case .offline(let account, let at):
      entry.accounts.remove(account)
      remember(account, at)
    case .roster(let accounts, let isFirst, let isLast):
      entry.parts = isFirst ? Set(accounts) : entry.parts.union(accounts)
      if isLast { (entry.accounts, entry.parts) = (entry.parts, []) }
    case .goodbye: entry.accounts = []
    case .typing, .read, .hello: break
    }
    changed = before.symmetricDifference(entry.accounts).sorted()
    let were = changed.map { isOnline($0) }
    nodes[node] = news == .goodbye ? nil : entry
    return changes(changed, were, now)
  }

  /// Forgets nodes that have been silent for too long; returns what to show.
  mutating func expire(now: Timestamp, uptime: Int64) -> [Presence] {
    let lost = nodes.filter { uptime - $0.value.heardAt > Self.lease }
    guard !lost.isEmpty else { return [] }
    let accounts = Set(lost.values.flatMap(\.accounts)).sorted()
    for node in lost.keys { nodes[node] = nil }
    return changes(accounts, accounts.map { _ in true }, now)
  }

  private mutating func changes(_ accounts: [AccountID], _ were: [Bool], _ now: Timestamp) -> [Presence] {
    var changes: [Presence] = []
    for (account, was) in zip(accounts, were) where isOnline(account) != was {
      if was, seen[account] == nil { remember(account, now) }
      changes.append(presence(of: account))
    }
    return changes
  }

  private mutating func remember(_ account: AccountID, _ at: Timestamp) {
    if seen.count >= Self.seenLimit, seen[account] == nil { seen = [:] }
    seen[account] = max(seen[account] ?? at, at)
  }
}
