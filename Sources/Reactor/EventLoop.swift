internal import CEpoll
internal import COpenSSL
import Glibc

/// An epoll loop of byte sockets. It belongs to one thread; only its mailbox may be used from others (see `LoopThread`).
///
/// Level-triggered: one `recv` per readable connection and tick, without the second one that edge-triggering needs to see EAGAIN, and no connection
/// starves the others. EPOLLOUT is asked for only while the kernel has refused bytes. Everything that a tick queues for a connection leaves in
/// one `sendmsg` at its end.
public final class EventLoop {
  /// The loop's number, part of the names of its connections.
  public let index: UInt8
  /// The monotonic clock at the start of this tick, in milliseconds.
  public internal(set) var now: Int64
  /// How many connections are open.
  public internal(set) var connectionCount = 0
  /// How many connections may be open; listeners rest while there are as many. No limit by default but that of the table (16 million).
  public var connectionLimit = 1 << 24
  /// What a client gets that speaks plain HTTP where TLS is expected, before the connection is closed. Nothing by default.
  public var plainAnswer: [UInt8] = []
  /// Whether `stop` was called.
  public internal(set) var isStopping = false

  static let receiveSize = 65_536
  static let eventCount = 256
  static let vectorCount = 64
  static let mailboxData = UInt64.max

  let epoll: Int32
  let mailbox: Mailbox
  var handler: any LoopHandler = NoHandler()
  var connections = SlotTable<Connection>()
  var freeSlots: [Int] = []
  var nextSlot = 0
  var pool = PiecePool()
  var dirty: [ConnectionID] = []
  var spareDirty: [ConnectionID] = []
  var listeners: [Listener] = []
  /// TLS connections that may have bytes which epoll doesn't know of.
  var unread: [ConnectionID] = []
  /// Where the pieces of a tick become one TLS record; made with the first TLS connection.
  var recordBuffer = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  var isCooling = false
  private var timers = TimerHeap()
  private let clock: () -> Int64
  private let events = UnsafeMutablePointer<cepoll_event>.allocate(capacity: eventCount)
  let receiveBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: receiveSize, alignment: 64)
  let vectors = UnsafeMutablePointer<iovec>.allocate(capacity: vectorCount)

  /// Makes a loop that is driven by `turn` or `run`.
  ///
  /// - Parameters:
  ///   - index: a number that no other loop of the process has.
  ///   - clock: monotonic milliseconds; tests pass one that they move by hand.
  /// - Throws: when the kernel has no descriptor left.
  public init(index: UInt8 = 0, clock: @escaping () -> Int64 = { MonotonicClock.milliseconds }) throws(SystemError) {
    self.index = index
    self.clock = clock
    now = clock()
    mailbox = try Mailbox()
    epoll = cepoll_create()
    guard epoll >= 0 else { throw SystemError("epoll_create1") }
    // A peer that went away must be an error of send and not the end of the process.
    signal(SIGPIPE, SIG_IGN)
    guard cepoll_control(epoll, Int32(CEPOLL_ADD), mailbox.descriptor, CEPOLL_IN, Self.mailboxData) == 0 else {
      throw SystemError("epoll_ctl")
    }
  }

  /// Sets who gets the events. The loop keeps it until it has stopped.
  public func attach(_ handler: any LoopHandler) { self.handler = handler }

  /// Runs `body` on this thread after `milliseconds`, once.
  @discardableResult
  public func schedule(after milliseconds: Int64, _ body: @escaping () -> Void) -> TimerID {
    timers.add(deadline: now + milliseconds, body)
  }

  /// Forgets a timer; one that has run is ignored.
  public func cancel(_ timer: TimerID) { timers.cancel(timer) }

  /// Ends `run` after this tick.
  public func stop() { isStopping = true }

  /// Runs ticks until `stop`, then closes everything.
  public func run() {
    while !isStopping { turn() }
    finish()
  }

  /// One tick: waits for events, handles them, sends what was queued.
  ///
  /// - Parameter patience: how long to wait for the first event, in milliseconds; nil: until there is one.
  public func turn(patience: Int32? = nil) {
    let count = cepoll_wait(epoll, events, Int32(Self.eventCount), waitTime(patience))
    now = clock()
    if !unread.isEmpty { receiveUnread() }
    var isMailWaiting = false
    for place in 0..<max(0, Int(count)) {
      let event = events[place]
      if event.data == Self.mailboxData {
        isMailWaiting = true
      } else if UInt32(truncatingIfNeeded: event.data) == 0 {
        acceptAll(Int(event.data >> 32))
      } else {
        handle(ConnectionID(rawValue: event.data), event.events)
      }
    }
    if isMailWaiting { for letter in mailbox.collect() { letter() } }
    while let body = timers.takeDue(now: now) { body() }
    handler.tickEnded()
    flushDirty()
  }

  private func waitTime(_ patience: Int32?) -> Int32 {
    guard dirty.isEmpty, unread.isEmpty, !isStopping else { return 0 }
    guard let deadline = timers.nextDeadline() else { return patience ?? -1 }
    // The clock and not `now`: a long tick must not make its timers later.
    let wait = Int32(clamping: max(0, deadline - clock()))
    return patience.map { min($0, wait) } ?? wait
  }

  /// Closes listeners and connections. What is in the mailbox still runs, but can open nothing.
  func finish() {
    isStopping = true
    for letter in mailbox.close() { letter() }
    for place in listeners.indices { closeListener(place) }
    flushDirty()
    for slot in 0..<nextSlot where connections[slot].pointee.flags.contains(.isOpen) {
      close(id(of: slot), reason: .stopped)
    }
    // What `closed` queues for others that are closed already goes nowhere, so one more pass is enough.
    flushDirty()
    handler = NoHandler()
  }

  func id(of slot: Int) -> ConnectionID {
    ConnectionID(loop: index, slot: slot, generation: connections[slot].pointee.generation)
  }

  /// The connection, or nil when it is gone.
  @inline(__always)
  func find(_ id: ConnectionID) -> UnsafeMutablePointer<Connection>? {
    guard id.slot < nextSlot, id.loop == index else { return nil }
    let connection = connections[id.slot]
    guard connection.pointee.generation == id.generation, connection.pointee.flags.contains(.isOpen) else { return nil }
    return connection
  }

  deinit {
    for slot in 0..<nextSlot where connections[slot].pointee.flags.contains(.isOpen) {
      connections[slot].pointee.queue.removeAll(pool: &pool)
      SSL_free(connections[slot].pointee.tls)
      _ = Glibc.close(connections[slot].pointee.descriptor)
    }
    for listener in listeners where listener.descriptor >= 0 { _ = Glibc.close(listener.descriptor) }
    _ = Glibc.close(epoll)
    events.deallocate()
    receiveBuffer.deallocate()
    recordBuffer.deallocate()
    vectors.deallocate()
  }
}
