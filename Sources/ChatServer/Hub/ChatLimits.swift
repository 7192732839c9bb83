import Domain
import Reactor

/// Bounds of what one client can make the server keep or do.
struct ChatLimits: Sendable {
  /// Bytes queued for a socket from which on typing, presence and reads are held back and coalesced. 128 KiB.
  var softQueue = 128 * 1024
  /// Bytes queued from which on a topic's pushes stop and `lag` is sent. 512 KiB; below
  /// `SocketLimits.queuedBytes`, at which the socket is closed.
  var hardQueue = 512 * 1024
  /// How long a socket may stay past `hardQueue` before it is closed with 1013, in milliseconds. 30 s.
  var slowTime: Int64 = 30_000
  /// Reads of the database that may run for one socket; a further one is `unavailable`. 64.
  var readsAtOnce = 64
  /// Topics that one socket may subscribe to. 1000.
  var subscriptions = 1000
  /// Held-back events of one socket. 512.
  var heldEvents = 512
  /// Silence of the feed after which nothing is pushed, in milliseconds. 2 s.
  var feedSilence: Int64 = 2_000
  /// At most one typing event of a user and topic in so many milliseconds. 3 s.
  var typingInterval: Int64 = 3_000
  /// Typing is over after so many milliseconds. 6 s.
  var typingLife: Int64 = 6_000
  /// How often the sessions of open sockets are looked up, in milliseconds. 30 s.
  var sessionCheckInterval: Int64 = 30_000
  /// How long an ended session is remembered for sockets that were let in just before, in milliseconds. 5 minutes.
  var endedMemory: Int64 = 300_000
  /// The database's clock may be behind ours: a new day is looked at again after so many milliseconds, twice. 1 minute.
  var dayRepeat: Int64 = 60_000
  /// Topics that are read again at once when the feed is heard again. 500.
  var refreshesAtOnce = 500
}

/// Time, as the chat is told it. Tests move it by hand.
struct ChatClock: Sendable {
  /// The wall clock, for what is written down.
  var now: @Sendable () -> Timestamp
  /// Monotonic milliseconds, for how long something took.
  var uptime: @Sendable () -> Int64

  /// The machine's clocks.
  static let system = ChatClock(now: { Timestamp.now }, uptime: { MonotonicClock.milliseconds })
}
