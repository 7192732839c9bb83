public import Domain

/// Slows guessing of passwords down without locking anybody out. A pure machine: time is passed in.
///
/// An attempt from a device on which this account signed in before has a bucket of its own, so strangers cannot use it up. Other attempts need
/// a token in each of three buckets: of the pair of account and address (small: guessing from one place), of the account (large: guessing from
/// many places; a stranger at one address empties only the pair), and of the address (larger: spraying over many accounts; people who share an
/// address and mistype don't empty it). When only the account's is empty, because many places guess at it, each address still has a slow lane: one
/// attempt a minute, so that the owner gets in on a new device too. A success gives the tokens back. An IPv6 address counts as its /64.
///
/// What is so short that an account's bucket is its only defence, such as a code, has no slow lane: addresses cost nothing, least of all IPv6 ones.
///
/// Memory is bounded: at most `limit` buckets of a kind; past it the fullest, which say the least, are forgotten.
public struct SignInThrottle: Sendable {
  /// A bucket's size and how long one token takes to come back.
  public struct Rate: Sendable, Hashable {
    /// Tokens in a full bucket.
    public var capacity: Double
    /// Time per token.
    public var refill: Duration

    /// Chooses a rate.
    public init(capacity: Double, refill: Duration) {
      self.capacity = capacity
      self.refill = refill
    }
  }

  /// The rates of the kinds of bucket.
  public struct Rates: Sendable {
    /// A device that is known to the account: 10, one per 30 s.
    public var device = Rate(capacity: 10, refill: .seconds(30))
    /// An account from one address: 8, one per 30 s.
    public var pair = Rate(capacity: 8, refill: .seconds(30))
    /// An account from everywhere: 100, one per 12 s.
    public var account = Rate(capacity: 100, refill: .seconds(12))
    /// An address for all accounts: 60, one per 2 s.
    public var address = Rate(capacity: 60, refill: .seconds(2))
    /// An address for all accounts whose own bucket is empty: 1 per 60 s. Nil: an account's empty bucket refuses every unknown device.
    public var slow: Rate? = Rate(capacity: 1, refill: .seconds(60))
    /// How many of an IPv6 address's 16-bit groups make one place: 4, its /64.
    public var groups = 4

    /// The rates above.
    public init() {}
  }

  /// One attempt to sign in.
  public struct Attempt: Sendable, Hashable {
    /// The login as normalised, existing or not.
    public var login: String
    /// The client's address.
    public var address: String
    /// The device's name, when this account signed in on it before.
    public var knownDevice: String?

    /// Describes an attempt.
    public init(login: String, address: String, knownDevice: String? = nil) {
      self.login = login
      self.address = address
      self.knownDevice = knownDevice
    }
  }

  /// An admitted attempt, to give its tokens back with.
  public struct Ticket: Sendable, Hashable {
    enum Lane { case device, usual, slow }
    let attempt: Attempt
    let lane: Lane
  }

  /// Whether an attempt may go on.
  public enum Decision: Sendable, Hashable {
    /// The password may be checked.
    case admitted(Ticket)
    /// Not now; so long until it is worth trying again (whole seconds, at least one).
    case refused(retryAfter: Duration)
  }

  private var devices: Buckets
  private var pairs: Buckets
  private var accounts: Buckets
  private var addresses: Buckets
  private var slow: Buckets?
  private let groups: Int

  /// Makes a machine that has seen nobody.
  public init(rates: Rates = Rates(), limit: Int = 20_000) {
    devices = Buckets(rate: rates.device, limit: limit)
    pairs = Buckets(rate: rates.pair, limit: limit)
    accounts = Buckets(rate: rates.account, limit: limit)
    addresses = Buckets(rate: rates.address, limit: limit)
    slow = rates.slow.map { Buckets(rate: $0, limit: limit) }
    groups = rates.groups
  }

  /// How many buckets are held.
  public var count: Int { devices.count + pairs.count + accounts.count + addresses.count + (slow?.count ?? 0) }

  /// Takes the tokens for an attempt, or none when one is missing.
  public mutating func admit(_ attempt: Attempt, at now: Timestamp) -> Decision {
    if let device = attempt.knownDevice {
      let name = Self.join(attempt.login, device)
      let wait = devices.wait(name, at: now)
      guard wait == .zero else { return .refused(retryAfter: Self.wholeSeconds(wait)) }
      devices.take(name, at: now)
      return .admitted(Ticket(attempt: attempt, lane: .device))
    }
    let place = AddressGroup.name(of: attempt.address, groups: groups)
    let pair = Self.join(attempt.login, place)
    let wait = max(pairs.wait(pair, at: now), addresses.wait(place, at: now))
    let accountWait = accounts.wait(attempt.login, at: now)
    let lastWait = slow.map { min(accountWait, $0.wait(place, at: now)) } ?? accountWait
    guard wait == .zero && lastWait == .zero else { return .refused(retryAfter: Self.wholeSeconds(max(wait, lastWait))) }
    pairs.take(pair, at: now)
    addresses.take(place, at: now)
    guard accountWait == .zero else {
      slow?.take(place, at: now)
      return .admitted(Ticket(attempt: attempt, lane: .slow))
    }
    accounts.take(attempt.login, at: now)
    return .admitted(Ticket(attempt: attempt, lane: .usual))
  }

  /// Gives the tokens of an admitted attempt back: the password was right, or was never checked.
  public mutating func giveBack(_ ticket: Ticket, at now: Timestamp) {
    let attempt = ticket.attempt
    let place = AddressGroup.name(of: attempt.address, groups: groups)
    switch ticket.lane {
    case .device:
      if let device = attempt.knownDevice { devices.giveBack(Self.join(attempt.login, device), at: now) }
      return
    case .usual: accounts.giveBack(attempt.login, at: now)
    case .slow: slow?.giveBack(place, at: now)
    }
    pairs.giveBack(Self.join(attempt.login, place), at: now)
    addresses.giveBack(place, at: now)
  }

  private static func join(_ first: String, _ second: String) -> String { first + "\u{0}" + second }

  private static func wholeSeconds(_ wait: Duration) -> Duration {
    let parts = wait.components
    return .seconds(max(1, parts.seconds + (parts.attoseconds > 0 ? 1 : 0)))
  }
}
