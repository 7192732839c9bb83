/// The closing handshake as the server plays it (RFC 6455 §7). Time is passed in: milliseconds of any monotonic clock.
///
/// open → (our close frame) → waiting for theirs → our FIN → waiting for theirs → gone. Each wait has an end.
public struct ClosingHandshake: Sendable {
  /// What to do.
  public enum Action: Sendable, Equatable {
    /// Nothing.
    case none
    /// Send a close frame and go on reading until the peer's comes.
    case send(UInt16)
    /// Send a close frame (empty without a code), then FIN once everything has left.
    case sendAndFinish(UInt16?)
    /// Send FIN once everything has left.
    case finish
    /// Time is up: drop the connection.
    case drop
  }

  /// How long we wait for the peer's close frame: 5 s, in milliseconds.
  public static let patience: Int64 = 5_000
  /// How long we wait for the peer's FIN and for the last bytes to leave: 2 s, in milliseconds.
  public static let linger: Int64 = 2_000

  private enum State: UInt8 { case open, closing, finishing }
  private var state = State.open
  private var deadline: Int64 = 0

  /// Starts open.
  public init() {}

  /// Whether no close frame has gone out: only then may messages be sent.
  public var isOpen: Bool { state == .open }

  /// Whether messages that come in are still read: not once the peer has closed or has broken the protocol.
  public var isFinishing: Bool { state == .finishing }

  /// We want to close.
  public mutating func close(code: UInt16, now: Int64) -> Action {
    guard state == .open else { return .none }
    (state, deadline) = (.closing, now + Self.patience)
    return .send(code)
  }

  /// The peer broke the protocol: nothing that it sends is read any more.
  public mutating func fail(code: UInt16, now: Int64) -> Action {
    defer { finish(now) }
    switch state {
    case .open: return .sendAndFinish(code)
    case .closing: return .finish
    case .finishing: return .none
    }
  }

  /// The peer's close frame came; `code` is nil when it was empty.
  public mutating func received(code: UInt16?, now: Int64) -> Action {
    defer { finish(now) }
    switch state {
    case .open: return .sendAndFinish(code)
    case .closing: return .finish
    case .finishing: return .none
    }
  }

  /// Asks whether a wait is over; to be called about once a second.
  public func tick(now: Int64) -> Action { state != .open && now >= deadline ? .drop : .none }

  private mutating func finish(_ now: Int64) {
    if state != .finishing { (state, deadline) = (.finishing, now + Self.linger) }
  }
}
