internal import CEpoll
internal import COpenSSL
import Glibc

extension EventLoop {
  /// Takes over what another loop has detached, with its TLS and what that has read already, which comes with the next tick.
  ///
  /// - Returns: nil when someone has it already, or the loop stops, is full or the kernel has refused; the connection is closed then.
  public func adopt(_ detached: DetachedConnection) -> ConnectionID? {
    guard let (descriptor, tls) = detached.take() else { return nil }
    guard !isStopping, connectionCount < connectionLimit, let id = open(descriptor, flags: .isReading, tls: tls) else {
      DetachedConnection.close(descriptor, tls)
      return nil
    }
    return id
  }

  /// Begins to connect; `connected` or `closed` follows, never before this returns.
  ///
  /// - Throws: when the kernel can't even begin, or the loop stops (ECANCELED).
  public func connect(to address: SocketAddress) throws(SystemError) -> ConnectionID {
    guard !isStopping else { throw SystemError("connect", code: ECANCELED) }
    let descriptor = cepoll_socket(address.family)
    guard descriptor >= 0 else { throw SystemError("socket") }
    let result = address.withKernelForm { Glibc.connect(descriptor, $0, $1) }
    guard result == 0 || errno == EINPROGRESS else {
      let error = SystemError("connect")
      _ = Glibc.close(descriptor)
      throw error
    }
    guard let id = open(descriptor, flags: [.isReading, .isConnecting]) else {
      let error = SystemError("epoll_ctl")
      _ = Glibc.close(descriptor)
      throw error
    }
    return id
  }

  /// Gives a connection away, open, with nothing queued: it leaves the loop without `closed`.
  ///
  /// - Returns: what `adopt` of another loop takes; nil when the connection is gone, closing, shaking hands, or has bytes queued.
  public func detach(_ id: ConnectionID) -> DetachedConnection? {
    guard let connection = find(id), connection.pointee.queue.isEmpty,
      connection.pointee.flags.isDisjoint(with: [.isClosing, .isHandshaking])
    else { return nil }
    // Many who come at once must not hold the buffers of their handshakes: who has them now uses them again.
    if let tls = connection.pointee.tls { copenssl_rest(tls) }
    let detached = DetachedConnection(connection.pointee.descriptor, connection.pointee.tls)
    unregister(connection)
    release(id, connection)
    return detached
  }

  /// Closes a connection at the end of the tick; what is queued is offered to the kernel once more. Nothing but `closed` is called for it from now on.
  public func close(_ id: ConnectionID) { close(id, reason: .local) }

  /// Sends FIN once everything queued has left. The connection closes when the peer's FIN has come too.
  public func finishWriting(_ id: ConnectionID) {
    guard let connection = find(id), !connection.pointee.flags.contains(.finishes) else { return }
    connection.pointee.flags.insert(.finishes)
    markDirty(id, connection)
  }

  /// Stops reading: the kernel's buffers fill up and the peer has to wait.
  public func pauseReading(_ id: ConnectionID) {
    guard let connection = find(id) else { return }
    connection.pointee.flags.remove(.isReading)
    updateInterest(id, connection)
  }

  /// Reads again.
  public func resumeReading(_ id: ConnectionID) {
    guard let connection = find(id), !connection.pointee.flags.contains(.isReading) else { return }
    connection.pointee.flags.insert(.isReading)
    updateInterest(id, connection)
    if connection.pointee.tls != nil { markUnread(id, connection) }
  }

  /// Whether the connection is open and not about to close.
  public func isOpen(_ id: ConnectionID) -> Bool { find(id).map { !$0.pointee.flags.contains(.isClosing) } ?? false }

  /// The peer's address; nil when the connection is gone.
  public func peerAddress(_ id: ConnectionID) -> SocketAddress? {
    find(id).flatMap { SocketAddress.of($0.pointee.descriptor) { getpeername($0, $1, $2) } }
  }

  /// Our end's address; nil when the connection is gone.
  public func localAddress(_ id: ConnectionID) -> SocketAddress? {
    find(id).flatMap { SocketAddress.of($0.pointee.descriptor) { getsockname($0, $1, $2) } }
  }

  func open(_ descriptor: Int32, flags: Connection.Flags, tls: OpaquePointer? = nil) -> ConnectionID? {
    let slot: Int
    if let free = freeSlots.popLast() {
      slot = free
    } else {
      guard nextSlot < 1 << 24 else { return nil }
      slot = nextSlot
      nextSlot += 1
      connections.reserve(slot) { $0.initialize(to: Connection()) }
    }
    let connection = connections[slot]
    connection.pointee = Connection(
      descriptor: descriptor, generation: connection.pointee.generation &+ 1, flags: flags.union(.isOpen), tls: tls)
    let id = id(of: slot)
    connectionCount += 1
    var yes: Int32 = 1
    // Frames leave whole, so waiting for more would only delay them. A Unix socket has no such option, which is fine.
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
    updateInterest(id, connection)
    guard connection.pointee.flags.contains(.isRegistered) else {
      release(id, connection)
      return nil
    }
    if let tls {
      if copenssl_has_news(tls) != 0 { markUnread(id, connection) }
      coolLater()
    }
    return id
  }

  /// Frees the slot; the descriptor and TLS are someone else's by now.
  private func release(_ id: ConnectionID, _ connection: UnsafeMutablePointer<Connection>) {
    connection.pointee.queue.removeAll(pool: &pool)
    connection.pointee.flags = []
    connection.pointee.descriptor = -1
    connection.pointee.tls = nil
    connectionCount -= 1
    // A slot that has used up its generations is never used again, so that no name comes twice.
    if connection.pointee.generation < .max { freeSlots.append(id.slot) }
    resumeListeners()
  }

  func close(_ id: ConnectionID, reason: Disconnect) {
    guard let connection = find(id), !connection.pointee.flags.contains(.isClosing) else { return }
    connection.pointee.flags.insert(.isClosing)
    connection.pointee.reason = reason
    markDirty(id, connection)
  }

  /// The last act of a connection, at the end of a tick.
  func dispose(_ id: ConnectionID, _ connection: UnsafeMutablePointer<Connection>) {
    if let tls = connection.pointee.tls { disposeTLS(connection, tls) }
    connection.pointee.tls = nil
    _ = Glibc.close(connection.pointee.descriptor)
    let reason = connection.pointee.reason
    // Nothing finds it any more, but its slot stays taken until the handler has let go of what it keeps beside it.
    connection.pointee.flags = []
    handler.closed(id, reason)
    release(id, connection)
  }

  /// Handles what epoll says about a connection.
  func handle(_ id: ConnectionID, _ events: UInt32) {
    guard let connection = find(id), !connection.pointee.flags.contains(.isClosing) else { return }
    if connection.pointee.flags.contains(.isConnecting) {
      finishConnecting(id, connection)
      return
    }
    if let tls = connection.pointee.tls { return handleTLS(id, connection, tls, events) }
    let reads = connection.pointee.interest & CEPOLL_IN != 0
    if reads, events & (CEPOLL_IN | CEPOLL_ERROR | CEPOLL_HANGUP) != 0 {
      receive(id, connection)
    } else if events & CEPOLL_ERROR != 0 {
      close(id, reason: .failed(socketError(connection.pointee.descriptor)))
    } else if events & CEPOLL_HANGUP != 0, events & CEPOLL_OUT == 0 {
      // Both directions have ended, but the owner doesn't want the last bytes yet. Epoll would say so without end.
      unregister(connection)
    }
    if events & CEPOLL_OUT != 0, find(id) != nil { markDirty(id, connection) }
  }

  private func receive(_ id: ConnectionID, _ connection: UnsafeMutablePointer<Connection>) {
    let count = recv(connection.pointee.descriptor, receiveBuffer.baseAddress, receiveBuffer.count, 0)
    if count > 0 {
      handler.received(id, UnsafeMutableRawBufferPointer(rebasing: receiveBuffer[..<count]))
    } else if count == 0 {
      connection.pointee.flags.insert(.inputEnded)
      updateInterest(id, connection)
      handler.ended(id)
      if let connection = find(id), connection.pointee.flags.contains(.outputEnded) { close(id, reason: .finished) }
    } else if errno != EAGAIN, errno != EINTR {
      close(id, reason: .failed(errno))
    }
  }

  private func finishConnecting(_ id: ConnectionID, _ connection: UnsafeMutablePointer<Connection>) {
    let error = socketError(connection.pointee.descriptor)
    guard error == 0 else { return close(id, reason: .failed(error)) }
    connection.pointee.flags.remove(.isConnecting)
    updateInterest(id, connection)
    if !connection.pointee.queue.isEmpty || connection.pointee.flags.contains(.finishes) { markDirty(id, connection) }
    handler.connected(id)
  }

  func socketError(_ descriptor: Int32) -> Int32 {
    var error: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno
  }

  func updateInterest(_ id: ConnectionID, _ connection: UnsafeMutablePointer<Connection>) {
    let flags = connection.pointee.flags
    var interest: UInt32 = 0
    if flags.contains(.isConnecting) {
      interest = CEPOLL_OUT
    } else if connection.pointee.tls != nil {
      interest = Self.interestTLS(flags)
    } else {
      if flags.contains(.isReading), !flags.contains(.inputEnded) { interest |= CEPOLL_IN }
      if flags.contains(.isBacklogged) { interest |= CEPOLL_OUT }
    }
    if flags.contains(.isRegistered), interest == connection.pointee.interest { return }
    let operation = flags.contains(.isRegistered) ? CEPOLL_MODIFY : CEPOLL_ADD
    guard cepoll_control(epoll, Int32(operation), connection.pointee.descriptor, interest, id.rawValue) == 0 else {
      close(id, reason: .failed(errno))
      return
    }
    connection.pointee.flags.insert(.isRegistered)
    connection.pointee.interest = interest
  }

  func unregister(_ connection: UnsafeMutablePointer<Connection>) {
    guard connection.pointee.flags.contains(.isRegistered) else { return }
    _ = cepoll_control(epoll, Int32(CEPOLL_DELETE), connection.pointee.descriptor, 0, 0)
    connection.pointee.flags.remove(.isRegistered)
    connection.pointee.interest = 0
  }
}
