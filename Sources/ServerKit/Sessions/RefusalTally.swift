public import Domain

/// What refused sign-ins are counted by.
public struct RefusedSignIn: Sendable, Hashable {
  /// The account; nil for logins that don't exist.
  public var account: AccountID?
  /// The place: an IPv4 address or the /64 of an IPv6 one.
  public var place: String

  /// Names what is counted by.
  public init(account: AccountID?, place: String) {
    self.account = account
    self.place = place
  }
}

/// Decides which refusals get a row of their own in the action log, and counts the others: anybody can cause them, and the log is never
/// emptied. A pure machine: time is passed in.
///
/// The first refusal of a key, such as an account and a place, gets a row at once; those of the following minute are counted, and their number comes
/// with the next row. All rows together have a budget, and memory is bounded; what exceeds them is counted as of nobody in particular.
public struct RefusalTally<Key: Hashable & Sendable>: Sendable {
  /// A row to be written.
  public struct Row: Sendable {
    /// Whose refusals; nil for the rest that isn't told apart.
    public let key: Key?
    /// How many.
    public let count: Int
  }

  private struct Entry {
    var until: Timestamp
    var counted: Int
  }

  private static var minute: Duration { .seconds(60) }
  private var entries: [Key: Entry] = [:]
  private var others = 0
  private var budget: Buckets
  private let limit: Int

  /// Makes a machine that has counted nothing.
  ///
  /// - Parameters:
  ///   - rows: the budget of rows: 100, one per 3 s.
  ///   - limit: how many keys are told apart at once.
  public init(rows: SignInThrottle.Rate = .init(capacity: 100, refill: .seconds(3)), limit: Int = 2000) {
    budget = Buckets(rate: rows, limit: 1)
    self.limit = max(1, limit)
  }

  /// Counts a refusal. Returns the row to write now, if any.
  public mutating func note(_ key: Key, at now: Timestamp) -> Row? {
    if var entry = entries[key] {
      entry.counted += 1
      entries[key] = entry
      guard entry.until <= now, pay(now) else { return nil }
      entries[key] = Entry(until: now.advanced(by: Self.minute), counted: 0)
      return Row(key: key, count: entry.counted)
    }
    guard entries.count < limit, pay(now) else {
      others += 1
      return nil
    }
    entries[key] = Entry(until: now.advanced(by: Self.minute), counted: 0)
    return Row(key: key, count: 1)
  }

  /// What was counted and whose minute is over, as far as the budget goes, and one row for what isn't told apart. Call it now and then.
  public mutating func due(at now: Timestamp) -> [Row] {
    var rows: [Row] = []
    for (key, entry) in entries where entry.until <= now {
      if entry.counted > 0 {
        guard pay(now) else { break }
        rows.append(Row(key: key, count: entry.counted))
      }
      entries[key] = nil
    }
    if others > 0 {
      rows.append(Row(key: nil, count: others))
      others = 0
    }
    return rows
  }

  private mutating func pay(_ now: Timestamp) -> Bool {
    guard budget.wait("", at: now) == .zero else { return false }
    budget.take("", at: now)
    return true
  }
}
