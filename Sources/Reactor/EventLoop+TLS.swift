internal import CEpoll
internal import COpenSSL
import Glibc

extension EventLoop {
  /// The most plain bytes of a TLS record: 16 KiB.
  static var recordSize: Int { 16_384 }

  /// Makes a connection that was accepted, and to which nothing was sent, the server's side of TLS. `received` follows with decrypted bytes; what is
  /// sent before the handshake is done waits for it. How long the handshake may take is the caller's business. A failed one ends with
  /// `closed` (EPROTO).
  ///
  /// - Parameters:
  ///   - id: the connection.
  ///   - context: the certificate and what is offered.
  ///   - received: what was read from the connection already, such as the end of a PROXY header's packet.
  public func startTLS(_ id: ConnectionID, _ context: TLSContext, received: UnsafeRawBufferPointer = .init(start: nil, count: 0))
  {
    guard let connection = find(id), !connection.pointee.flags.contains(.isClosing), connection.pointee.tls == nil else { return }
    guard let tls = context.accept(connection.pointee.descriptor, received) else { return close(id, reason: .failed(ENOMEM)) }
    connection.pointee.tls = tls
    connection.pointee.flags.formUnion([.isHandshaking, .isWarm])
    coolLater()
    if received.isEmpty { updateInterest(id, connection) } else { shakeHands(id, connection, tls) }
  }

  /// Whether the connection is encrypted by us.
  public func isTLS(_ id: ConnectionID) -> Bool { find(id)?.pointee.tls != nil }

  // MARK: Receiving

  static func interestTLS(_ flags: Connection.Flags) -> UInt32 {
    if flags.contains(.isHandshaking) { return flags.contains(.inputWaitsForOutput) ? CEPOLL_OUT : CEPOLL_IN }
    var interest: UInt32 = 0
    if flags.contains(.isReading), !flags.contains(.inputEnded) {
      interest |= CEPOLL_IN
      if flags.contains(.inputWaitsForOutput) { interest |= CEPOLL_OUT }
    }
    if flags.contains(.isBacklogged) { interest |= CEPOLL_OUT }
    return interest
  }

  /// Handles what epoll says about an encrypted connection.
  func handleTLS(_ id: ConnectionID, _ connection: UnsafeMutablePointer<Connection>, _ tls: OpaquePointer, _ events: UInt32) {
    if connection.pointee.flags.contains(.isHandshaking) { return shakeHands(id, connection, tls) }
    let reads = connection.pointee.interest & CEPOLL_IN != 0
    let isAwaited = events & CEPOLL_OUT != 0 && connection.pointee.flags.contains(.inputWaitsForOutput)
    if reads, isAwaited || events & (CEPOLL_IN | CEPOLL_ERROR | CEPOLL_HANGUP) != 0 {
      receiveTLS(id, connection, tls)
    } else if events & CEPOLL_ERROR != 0 {
      close(id, reason: .failed(socketError(connection.pointee.descriptor)))
    } else if events & CEPOLL_HANGUP != 0, events & CEPOLL_OUT == 0 {
      unregister(connection)
    }
    if events & CEPOLL_OUT != 0, let connection = find(id), connection.pointee.flags.contains(.isBacklogged) {
      markDirty(id, connection)
    }
  }

  private func shakeHands(_ id: ConnectionID, _ connection: UnsafeMutablePointer<Connection>, _ tls: OpaquePointer) {
    connection.pointee.flags.remove(.inputWaitsForOutput)
    let outcome = copenssl_handshake(tls)
    switch outcome {
    case 1:
      connection.pointee.flags.remove(.isHandshaking)
      updateInterest(id, connection)
      if !connection.pointee.queue.isEmpty || connection.pointee.flags.contains(.finishes) { markDirty(id, connection) }
      // The first request may have come with the end of the handshake.
      markUnread(id, connection)
    case COPENSSL_WANT_READ: updateInterest(id, connection)
    case COPENSSL_WANT_WRITE:
      connection.pointee.flags.insert(.inputWaitsForOutput)
      updateInterest(id, connection)
    default:
      if outcome == COPENSSL_PLAIN_HTTP {
        // As much as the kernel takes at once, which is all of it on a new connection.
        _ = Glibc.send(connection.pointee.descriptor, plainAnswer, plainAnswer.count, Int32(MSG_NOSIGNAL))
        shutdown(connection.pointee.descriptor, Int32(SHUT_WR))
      }
      close(id, reason: .failed(Self.code(outcome)))
    }
  }

  private static func code(_ outcome: Int32) -> Int32 {
    switch outcome {
    case COPENSSL_SYSTEM: errno
    case COPENSSL_CUT: ECONNRESET
    default: EPROTO
    }
  }

  /// Decrypts what has come, up to the size of the receive buffer, and hands it on with one call.
  private func receiveTLS(_ id: ConnectionID, _ connection: UnsafeMutablePointer<Connection>, _ tls: OpaquePointer) {
    guard let buffer = receiveBuffer.baseAddress else { return }
    connection.pointee.flags.insert(.isWarm)
    var count = 0
    var outcome: Int32 = 0
    repeat {
      outcome = copenssl_read(tls, buffer + count, Int32(receiveBuffer.count - count))
      guard outcome > 0 else { break }
      count += Int(outcome)
    } while count < receiveBuffer.count && SSL_has_pending(tls) != 0
    let code = outcome > 0 ? 0 : Self.code(outcome)
    if count > 0 {
      handler.received(id, UnsafeMutableRawBufferPointer(rebasing: receiveBuffer[..<count]))
      guard let connection = find(id), connection.pointee.flags.isDisjoint(with: .isClosing) else { return }
      // How it ended is told again when reading goes on.
      guard connection.pointee.flags.contains(.isReading) else { return }
    }
    afterReading(id, connection, tls, outcome, code)
  }

  private func afterReading(
    _ id: ConnectionID, _ connection: UnsafeMutablePointer<Connection>, _ tls: OpaquePointer, _ outcome: Int32, _ code: Int32
  ) {
    let waited = connection.pointee.flags.contains(.inputWaitsForOutput)
    connection.pointee.flags.remove(.inputWaitsForOutput)
    switch outcome {
    case 1...:
      if SSL_has_pending(tls) != 0 { markUnread(id, connection) }
    case COPENSSL_WANT_READ: break
    case COPENSSL_WANT_WRITE: connection.pointee.flags.insert(.inputWaitsForOutput)
    case COPENSSL_ENDED:
      connection.pointee.flags.insert(.inputEnded)
      updateInterest(id, connection)
      handler.ended(id)
      if let connection = find(id), connection.pointee.flags.contains(.outputEnded) { close(id, reason: .finished) }
      return
    default:
      // Who has got our close_notify need not send one: RFC 8446, section 6.1.
      let isFinished = outcome == COPENSSL_CUT && connection.pointee.flags.contains(.outputEnded)
      return close(id, reason: isFinished ? .finished : .failed(code))
    }
    if waited != connection.pointee.flags.contains(.inputWaitsForOutput) { updateInterest(id, connection) }
  }

  func markUnread(_ id: ConnectionID, _ connection: UnsafeMutablePointer<Connection>) {
    guard !connection.pointee.flags.contains(.isUnread) else { return }
    connection.pointee.flags.insert(.isUnread)
    unread.append(id)
  }

  /// Reads connections that may have bytes which epoll doesn't know of: those that OpenSSL has read already.
  func receiveUnread() {
    let batch = unread
    unread.removeAll(keepingCapacity: true)
    for id in batch {
      guard let connection = find(id), let tls = connection.pointee.tls else { continue }
      connection.pointee.flags.remove(.isUnread)
      let flags = connection.pointee.flags
      guard flags.contains(.isReading), flags.isDisjoint(with: [.isClosing, .isHandshaking, .inputEnded]) else { continue }
      receiveTLS(id, connection, tls)
    }
  }

  // MARK: Sending

  /// One record; returns what `sendOnce` returns. Small pieces are put side by side: a record and a system call cost more than the copy.
  func sendTLS(_ connection: UnsafeMutablePointer<Connection>, _ tls: OpaquePointer, _ first: UnsafeMutablePointer<Piece>) -> (
    sent: Int, offered: Int
  ) {
    connection.pointee.flags.insert(.isWarm)
    var start = first.pointee.start
    // A record that the kernel didn't take must be offered again with the same bytes, more of them or not: what is taken depends only on
    // the queue's first 16 KiB, which don't change.
    var offered = min(first.pointee.count, Self.recordSize)
    if offered < Self.recordSize, var next = first.pointee.next, let record = recordBuffer.baseAddress {
      record.copyMemory(from: start, byteCount: offered)
      while true {
        let part = min(next.pointee.count, Self.recordSize - offered)
        (record + offered).copyMemory(from: next.pointee.start, byteCount: part)
        offered += part
        guard offered < Self.recordSize, let further = next.pointee.next else { break }
        next = further
      }
      start = UnsafeRawPointer(record)
    }
    let outcome = copenssl_write(tls, start, Int32(offered))
    if outcome > 0 { return (Int(outcome), offered) }
    // Without renegotiation sending never waits for the peer.
    errno = outcome == COPENSSL_WANT_WRITE ? EAGAIN : Self.code(outcome)
    return (-1, offered)
  }

  /// Sends close_notify; false while the kernel doesn't take it.
  func finishTLS(_ id: ConnectionID, _ connection: UnsafeMutablePointer<Connection>, _ tls: OpaquePointer) -> Bool {
    let outcome = copenssl_finish(tls)
    if outcome == 1 { return true }
    guard outcome == COPENSSL_WANT_WRITE else {
      close(id, reason: .failed(Self.code(outcome)))
      return false
    }
    connection.pointee.flags.insert(.isBacklogged)
    updateInterest(id, connection)
    return false
  }

  /// Lets go of a closing connection's TLS. The peer is told, if nothing of ours is stuck and the connection is whole.
  func disposeTLS(_ connection: UnsafeMutablePointer<Connection>, _ tls: OpaquePointer) {
    let flags = connection.pointee.flags
    if case .failed = connection.pointee.reason {
    } else if flags.isDisjoint(with: [.isHandshaking, .outputEnded]), connection.pointee.queue.isEmpty {
      _ = copenssl_finish(tls)
    }
    SSL_free(tls)
  }

  // MARK: Memory

  /// How often the buffers of idle connections are freed: 5 s.
  private static var coolingTime: Int64 { 5_000 }

  /// OpenSSL keeps 34 KiB of buffers per connection, and getting them anew for each record costs CPU time. So connections keep theirs while bytes
  /// move, and those through which none went for 5 to 10 seconds give them back.
  func coolLater() {
    if recordBuffer.baseAddress == nil { recordBuffer = .allocate(byteCount: Self.recordSize, alignment: 64) }
    guard !isCooling else { return }
    isCooling = true
    schedule(after: Self.coolingTime) { [unowned self] in cool() }
  }

  private func cool() {
    isCooling = false
    var hasTLS = false
    for slot in 0..<nextSlot {
      guard let tls = connections[slot].pointee.tls else { continue }
      hasTLS = true
      if connections[slot].pointee.flags.contains(.isWarm) {
        connections[slot].pointee.flags.remove(.isWarm)
      } else {
        copenssl_rest(tls)
      }
    }
    if hasTLS { coolLater() }
  }
}
