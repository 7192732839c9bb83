internal import CEpoll
import Glibc

/// A listening socket of a loop.
struct Listener {
  var descriptor: Int32
  var isResting = false
}

extension EventLoop {
  /// Accepts at most that many connections before it looks at the others again.
  private static var acceptsPerTick: Int { 64 }
  /// How long listeners rest when there is no descriptor left and none of ours closes: 100 ms.
  private static var rest: Int64 { 100 }

  /// Listens; `accepted` follows for each connection.
  ///
  /// - Parameters:
  ///   - address: where; port 0 lets the kernel choose. A Unix socket's stale file is removed.
  ///   - backlog: how many connections the kernel holds for us.
  /// - Returns: the listener's number, for `accepted`, and the address in the end.
  /// - Throws: when the address is in use or not ours.
  public func listen(on address: SocketAddress, backlog: Int32 = 1_024) throws(SystemError) -> (
    listener: Int, address: SocketAddress
  ) {
    let descriptor = cepoll_socket(address.family)
    guard descriptor >= 0 else { throw SystemError("socket") }
    var yes: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    if case .unix(let path) = address.kind { unlink(path) }
    guard address.withKernelForm({ bind(descriptor, $0, $1) }) == 0, Glibc.listen(descriptor, backlog) == 0,
      cepoll_control(epoll, Int32(CEPOLL_ADD), descriptor, CEPOLL_IN, UInt64(listeners.count) << 32) == 0
    else {
      let error = SystemError("listen on \(address)")
      _ = Glibc.close(descriptor)
      throw error
    }
    listeners.append(Listener(descriptor: descriptor))
    return (listeners.count - 1, SocketAddress.of(descriptor) { getsockname($0, $1, $2) } ?? address)
  }

  /// Stops accepting; connections stay.
  public func closeListener(_ listener: Int) {
    guard listeners.indices.contains(listener), listeners[listener].descriptor >= 0 else { return }
    _ = Glibc.close(listeners[listener].descriptor)
    listeners[listener].descriptor = -1
  }

  func acceptAll(_ place: Int) {
    for _ in 0..<Self.acceptsPerTick {
      guard listeners[place].descriptor >= 0, !listeners[place].isResting else { return }
      guard connectionCount < connectionLimit else { return restListener(place) }
      let descriptor = cepoll_accept(listeners[place].descriptor)
      guard descriptor >= 0 else {
        switch errno {
        case EMFILE, ENFILE, ENOBUFS, ENOMEM:
          restListener(place)
          schedule(after: Self.rest) { [unowned self] in resumeListeners() }
          return
        case EAGAIN: return
        // The peer has given up already, or its network has: the next one may be fine.
        default: continue
        }
      }
      if let id = open(descriptor, flags: .isReading) {
        handler.accepted(id, listener: place)
      } else {
        _ = Glibc.close(descriptor)
      }
    }
  }

  /// Nothing more can be accepted now. Epoll would say without end that someone waits, so it isn't asked.
  private func restListener(_ place: Int) {
    listeners[place].isResting = true
    _ = cepoll_control(epoll, Int32(CEPOLL_MODIFY), listeners[place].descriptor, 0, UInt64(place) << 32)
  }

  func resumeListeners() {
    for place in listeners.indices where listeners[place].isResting && listeners[place].descriptor >= 0 {
      listeners[place].isResting = false
      _ = cepoll_control(epoll, Int32(CEPOLL_MODIFY), listeners[place].descriptor, CEPOLL_IN, UInt64(place) << 32)
    }
  }
}
