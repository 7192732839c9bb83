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
