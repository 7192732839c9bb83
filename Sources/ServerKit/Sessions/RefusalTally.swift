public import Domain

/// What refusals are counted by.
public protocol RefusalKey: Sendable, Hashable {
  /// How fast one payer's refusals may get rows of their own.
  static var rows: SignInThrottle.Rate { get }
  /// Out of whose budget a row is paid.
  var payer: String { get }
  /// As what it is counted once that budget is used up; nil: as of nobody in particular.
  var rest: Self? { get }
}

/// What refused sign-ins are counted by.
public struct RefusedSignIn: RefusalKey {
  /// The account; nil for logins that don't exist.
  public var account: AccountID?
  /// The place: an IPv4 address or the /64 of an IPv6 one.
  public var place: String

  /// Names what is counted by.
  public init(account: AccountID?, place: String) {
    self.account = account
    self.place = place
  }

  /// 100, one per 3 s.
  public static let rows = SignInThrottle.Rate(capacity: 100, refill: .seconds(3))
  /// Everybody's: whoever isn't signed in costs nothing to be.
  public var payer: String { "" }
  /// Nobody: the log isn't for whoever makes logins up.
  public var rest: RefusedSignIn? { nil }
}

/// Refusals of somebody signed in never lose their name: whoever asks for what isn't theirs until the budget is used up uses up the own one.
extension RefusedAccess: RefusalKey {
  /// 30, one per 20 s.
  public static let rows = SignInThrottle.Rate(capacity: 30, refill: .seconds(20))
  /// The account.
  public var payer: String { "\(account)" }
  /// The account, without where and what.
  public var rest: RefusedAccess? { RefusedAccess(account: account, session: nil, address: "", what: "others", code: "") }
}

/// Decides which refusals get a row of their own in the action log, and counts the others: anybody can cause them, and the log is never
/// emptied. A pure machine: time is passed in.
///
/// The first refusal of a key, such as an account and a place, gets a row at once; those of the following minute are counted, and their number comes
/// with the next row. The rows of one payer have a budget, and memory is bounded; what exceeds them is counted as the key's rest.
public struct RefusalTally<Key: RefusalKey>: Sendable {
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
  /// What isn't told apart, by what it is counted as.
  private var others: [Key?: Int] = [:]
  private var budget: Buckets
  private let limit: Int

  /// Makes a machine that has counted nothing.
  ///
  /// - Parameter limit: how many keys are told apart at once.
  public init(limit: Int = 2000) {
    budget = Buckets(rate: Key.rows, limit: limit)
    self.limit = max(1, limit)
  }

  /// Counts a refusal. Returns the row to write now, if any.
  public mutating func note(_ key: Key, at now: Timestamp) -> Row? {
    if var entry = entries[key] {
      entry.counted += 1
      entries[key] = entry
      guard entry.until <= now, pay(key, now) else { return nil }
      entries[key] = Entry(until: now.advanced(by: Self.minute), counted: 0)
      return Row(key: key, count: entry.counted)
    }
    guard entries.count < limit, pay(key, now) else {
      others[key.rest, default: 0] += 1
      return nil
    }
    entries[key] = Entry(until: now.advanced(by: Self.minute), counted: 0)
    return Row(key: key, count: 1)
  }

  /// What was counted and whose minute is over, as far as the budgets go, and a row for each rest. Call it now and then.
  public mutating func due(at now: Timestamp) -> [Row] {
    var rows: [Row] = []
    for (key, entry) in entries where entry.until <= now {
      if entry.counted > 0 {
        guard pay(key, now) else { continue }
        rows.append(Row(key: key, count: entry.counted))
      }
      entries[key] = nil
    }
    rows += others.map { Row(key: $0.key, count: $0.value) }
    others = [:]
    return rows
  }

  private mutating func pay(_ key: Key, _ now: Timestamp) -> Bool {
    guard budget.wait(key.payer, at: now) == .zero else { return false }
    budget.take(key.payer, at: now)
    return true
  }
}
