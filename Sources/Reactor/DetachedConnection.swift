internal import CEpoll
internal import COpenSSL
import Glibc
import Synchronization

/// A connection between two loops: nobody reads or writes it. One loop takes it over with `EventLoop.adopt`; if none does, it is closed with the
/// last reference.
public final class DetachedConnection: Sendable {
  /// OpenSSL allows one thread at a time, and only one has it: who detached it, then who adopts it.
  private struct Held: @unchecked Sendable {
    let descriptor: Int32
    let tls: OpaquePointer?
  }

  private let held: Mutex<Held?>

  /// Takes over a connected socket, non-blocking from now on. Bytes that someone has read from it already are the caller's to handle.
  public convenience init(descriptor: Int32) {
    // Fails only for what is no descriptor, which epoll will refuse.
    _ = cepoll_nonblocking(descriptor)
    self.init(descriptor, nil)
  }

  init(_ descriptor: Int32, _ tls: OpaquePointer?) { held = Mutex(Held(descriptor: descriptor, tls: tls)) }

  /// Gives the connection to whoever asks first.
  func take() -> (Int32, OpaquePointer?)? {
    let held = held.withLock { held in
      defer { held = nil }
      return held
    }
    return held.map { ($0.descriptor, $0.tls) }
  }

  static func close(_ descriptor: Int32, _ tls: OpaquePointer?) {
    SSL_free(tls)
    _ = Glibc.close(descriptor)
  }

  deinit {
    if let (descriptor, tls) = take() { Self.close(descriptor, tls) }
  }
}
