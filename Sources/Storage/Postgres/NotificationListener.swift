internal import CLibPQ
internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Musl
#endif

/// What a `NOTIFY` said.
public struct DatabaseNotification: Sendable, Hashable {
  /// The channel.
  public let channel: String
  /// The text that came with it, or "".
  public let payload: String
  /// The process on Postgres' side that sent it, to recognise one's own.
  public let sender: Int32
}

/// Listens on channels over a connection and a thread of its own, and reconnects when it breaks.
///
/// A notification is only a wake-up: while the connection is away they are lost, so whoever listens catches up from its tables in each
/// `onConnected`. Dropping the last reference stops it, as `stop` does.
public final class NotificationListener: Sendable {
  /// What it tells, always on its own thread, one at a time. The closures must not block for long.
  public struct Callbacks: Sendable {
    var onConnected: @Sendable () -> Void
    var onDisconnected: @Sendable (DatabaseError) -> Void
    var onNotification: @Sendable (DatabaseNotification) -> Void

    /// `onConnected`: it listens now, for the first time or again; whatever was committed before may not be announced any more.
    /// `onDisconnected`: it does not listen, or an attempt to reconnect failed: why. `onNotification`: one came.
    public init(
      onConnected: @escaping @Sendable () -> Void, onDisconnected: @escaping @Sendable (DatabaseError) -> Void = { _ in },
      onNotification: @escaping @Sendable (DatabaseNotification) -> Void
    ) {
      (self.onConnected, self.onDisconnected, self.onNotification) = (onConnected, onDisconnected, onNotification)
    }
  }

  private let core: Core

  /// Starts to connect at once. `channels` are names as they are, not folded to lower case. Throws: `.outOfResources` when the process has
  /// no file descriptor left.
  public init(_ configuration: PostgresConfiguration, channels: [String], callbacks: Callbacks) throws {
    let core = try Core(configuration, channels, callbacks)
    self.core = core
    OwnThread.start { core.work() }
  }

  deinit { core.stop() }

  /// Whether it listens at this moment, as far as is known.
  public var isListening: Bool { core.isListening.load(ordering: .acquiring) }

  /// Ends the connection and the thread. Returns at once; a callback may still be under way.
  public func stop() { core.stop() }

  /// What the thread holds.
  private final class Core: Sendable {
    let configuration: PostgresConfiguration
    let channels: [String]
    let callbacks: Callbacks
    let isListening = Atomic(false)
    private let isStopped = Atomic(false)
    private let wakeRead: Int32
    private let wakeWrite: Int32

    init(_ configuration: PostgresConfiguration, _ channels: [String], _ callbacks: Callbacks) throws {
      (self.configuration, self.channels, self.callbacks) = (configuration, channels, callbacks)
      var ends: [Int32] = [-1, -1]
      guard pipe(&ends) == 0 else { throw DatabaseError(.outOfResources, "no file descriptor is left for a listener") }
      for end in ends {
        _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        _ = fcntl(end, F_SETFL, O_NONBLOCK)
      }
      (wakeRead, wakeWrite) = (ends[0], ends[1])
    }

    deinit {
      close(wakeRead)
      close(wakeWrite)
    }

    func stop() {
      guard !isStopped.exchange(true, ordering: .acquiringAndReleasing) else { return }
      var byte: UInt8 = 0
      // A pipe that is full wakes as well.
      _ = write(wakeWrite, &byte, 1)
    }

    /// The thread: connects, listens until that breaks, waits, and begins anew.
    func work() {
      var failures = 0
      while !isStopped.load(ordering: .acquiring) {
        do {
          let session = try Session.open(configuration)
          for channel in channels { _ = try session.execute("LISTEN \(identifier: channel)") }
          failures = 0
          isListening.store(true, ordering: .releasing)
          callbacks.onConnected()
          try listen(session)
        } catch {
          isListening.store(false, ordering: .releasing)
          guard !isStopped.load(ordering: .acquiring) else { return }
          failures += 1
          callbacks.onDisconnected(error as? DatabaseError ?? DatabaseError(.other, "\(error)"))
          let pause = configuration.backoff.delay(after: failures, random: .random(in: 0...1))
          _ = waitForInput(nil, timeout: pause)
        }
      }
      isListening.store(false, ordering: .releasing)
    }

    /// Returns when it was stopped. Throws: why the connection broke.
    private func listen(_ session: Session) throws {
      while true {
        deliver(session)
        if isStopped.load(ordering: .acquiring) { return }
        if waitForInput(session.connection.socket, timeout: configuration.idleCheck) {
          guard PQconsumeInput(session.connection.raw) == 1, session.isAlive else { throw session.connection.sendFailure() }
        } else {
          try session.ping()
        }
      }
    }

    private func deliver(_ session: Session) {
      while let raw = PQnotifies(session.connection.raw) {
        let notification = DatabaseNotification(
          channel: String(cString: raw.pointee.relname), payload: String(cString: raw.pointee.extra), sender: raw.pointee.be_pid)
        PQfreemem(raw)
        callbacks.onNotification(notification)
      }
    }

    /// Waits for bytes from Postgres or for `stop`. Returns false after `timeout`.
    private func waitForInput(_ socket: Int32?, timeout: Duration) -> Bool {
      var pollers = [
        pollfd(fd: wakeRead, events: Int16(POLLIN), revents: 0), pollfd(fd: socket ?? -1, events: Int16(POLLIN), revents: 0),
      ]
      return poll(&pollers, 2, Int32(clamping: max(1, timeout.milliseconds))) != 0
    }
  }
}
