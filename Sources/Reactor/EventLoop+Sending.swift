import Glibc

extension EventLoop {
  /// From how many queued bytes on `drained` is called in any case: 64 KiB.
  public static var largeQueue: Int { 65_536 }

  /// Up to how many bytes something shared is copied behind what already waits: 512.
  private static var worthSharing: Int { 512 }

  /// Queues bytes by reference; `owner` is kept until they have left. They leave at the end of the tick.
  ///
  /// The first frame of a tick, which in a room of a thousand is the only one, goes without a copy. Small ones behind it are copied side by side:
  /// that is cheaper than one more vector for the kernel and a count of references for us.
  public func send(_ bytes: UnsafeRawBufferPointer, owner: AnyObject, to id: ConnectionID) {
    guard let connection = find(id), !connection.pointee.flags.contains(.finishes) else { return }
    if bytes.count <= Self.worthSharing, !connection.pointee.queue.isEmpty {
      connection.pointee.queue.append(copying: bytes, pool: &pool)
    } else {
      connection.pointee.queue.append(bytes, owner: owner, pool: &pool)
    }
    markDirty(id, connection)
  }

  /// Queues a copy of bytes; small ones of a tick lie side by side.
  public func send(copying bytes: UnsafeRawBufferPointer, to id: ConnectionID) {
    guard let connection = find(id), !connection.pointee.flags.contains(.finishes) else { return }
    connection.pointee.queue.append(copying: bytes, pool: &pool)
    markDirty(id, connection)
  }

  /// Queues a copy of bytes.
  public func send(_ bytes: [UInt8], to id: ConnectionID) {
    bytes.withUnsafeBytes { send(copying: $0, to: id) }
  }

  /// How many bytes wait, those of this tick included; 0 when the connection is gone.
  public func queuedBytes(_ id: ConnectionID) -> Int { find(id)?.pointee.queue.bytes ?? 0 }

  @inline(__always)
  func markDirty(_ id: ConnectionID, _ connection: UnsafeMutablePointer<Connection>) {
    guard !connection.pointee.flags.contains(.isDirty) else { return }
    connection.pointee.flags.insert(.isDirty)
    dirty.append(id)
  }

  /// Sends and closes what this tick has touched. What that touches in turn is for the next tick, so that no pair of connections keeps the others waiting.
  func flushDirty() {
    guard !dirty.isEmpty else { return }
    swap(&dirty, &spareDirty)
    for id in spareDirty {
      guard let connection = find(id) else { continue }
      connection.pointee.flags.remove(.isDirty)
      flush(id, connection)
      if connection.pointee.flags.contains(.isClosing) { dispose(id, connection) }
    }
    spareDirty.removeAll(keepingCapacity: true)
  }

  private func flush(_ id: ConnectionID, _ connection: UnsafeMutablePointer<Connection>) {
    guard connection.pointee.flags.isDisjoint(with: [.isConnecting, .isHandshaking]) else { return }
    if case .failed = connection.pointee.reason, connection.pointee.flags.contains(.isClosing) { return }
    // Whoever looks at `queuedBytes` during a tick and stops at some bound must hear of the end, even if the kernel takes all at once.
    let wasLarge = connection.pointee.queue.bytes >= Self.largeQueue
    while !connection.pointee.queue.isEmpty {
      let (sent, offered) = sendOnce(connection)
      if sent < 0 {
        if errno == EINTR { continue }
        guard errno == EAGAIN else { return close(id, reason: .failed(errno)) }
        break
      }
      connection.pointee.queue.consume(sent, pool: &pool)
      if sent < offered { break }
    }
    let isBacklogged = !connection.pointee.queue.isEmpty
    let wasBacklogged = connection.pointee.flags.contains(.isBacklogged)
    if isBacklogged != wasBacklogged {
      if isBacklogged { connection.pointee.flags.insert(.isBacklogged) } else { connection.pointee.flags.remove(.isBacklogged) }
      updateInterest(id, connection)
    }
    guard !isBacklogged, !connection.pointee.flags.contains(.isClosing) else { return }
    if connection.pointee.flags.contains(.finishes), !connection.pointee.flags.contains(.outputEnded) {
      if let tls = connection.pointee.tls, !finishTLS(id, connection, tls) { return }
      connection.pointee.flags.insert(.outputEnded)
      shutdown(connection.pointee.descriptor, Int32(SHUT_WR))
      if connection.pointee.flags.contains(.inputEnded) { close(id, reason: .finished) }
    } else if wasBacklogged || wasLarge {
      handler.drained(id)
    }
  }

  /// One system call; returns its result and what it was offered.
  private func sendOnce(_ connection: UnsafeMutablePointer<Connection>) -> (sent: Int, offered: Int) {
    guard let first = connection.pointee.queue.head else { return (0, 0) }
    if let tls = connection.pointee.tls { return sendTLS(connection, tls, first) }
    let descriptor = connection.pointee.descriptor
    guard var next = first.pointee.next else {
      return (Glibc.send(descriptor, first.pointee.start, first.pointee.count, Int32(MSG_NOSIGNAL)), first.pointee.count)
    }
    vectors[0] = iovec(iov_base: UnsafeMutableRawPointer(mutating: first.pointee.start), iov_len: first.pointee.count)
    var count = 1
    var offered = first.pointee.count
    while true {
      vectors[count] = iovec(iov_base: UnsafeMutableRawPointer(mutating: next.pointee.start), iov_len: next.pointee.count)
      count += 1
      offered += next.pointee.count
      guard count < Self.vectorCount, let further = next.pointee.next else { break }
      next = further
    }
    var message = msghdr()
    message.msg_iov = vectors
    message.msg_iovlen = count
    return (sendmsg(descriptor, &message, Int32(MSG_NOSIGNAL)), offered)
  }
}
