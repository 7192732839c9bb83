internal import Reactor
public import WebSocketProtocol

/// The sockets of one loop, for those who write to them. Not generic over the application, so that the application can be generic over it.
public final class SocketTable: SocketWriter {
  let loop: EventLoop
  let limits: SocketLimits
  /// How many sockets are open.
  public private(set) var count = 0
  private(set) var isDraining = false
  private var states = SlotTable<SocketState>()
  private var whenEmpty: [() -> Void] = []
  /// For all sockets without context takeover, made when the first one comes.
  private lazy var inflater = Inflater(keepsWindow: false)
  private lazy var deflater = Deflater(keepsWindow: false)

  init(loop: EventLoop, limits: SocketLimits = SocketLimits()) {
    self.loop = loop
    self.limits = limits
  }

  // MARK: SocketWriter

  /// Of `SocketWriter`.
  public func write(_ frame: Frame, to socket: SocketID) {
    guard let state = find(socket), state.pointee.closing.isOpen else { return }
    let connection = ConnectionID(rawValue: socket.rawValue)
    guard loop.queuedBytes(connection) < limits.queuedBytes else {
      return close(socket, code: CloseCode.tryAgainLater, reason: "too slow")
    }
    guard let deflater = state.pointee.deflater else { return loop.send(frame.bytes, owner: frame, to: connection) }
    if deflater === self.deflater {
      loop.send(frame.bytes(deflatedBy: deflater), owner: frame, to: connection)
    } else {
      send(frame.opcode, frame.payload, deflatedBy: deflater, to: connection)
    }
  }

  /// Queues a message, text or binary, for this socket alone: copied, without an object of its own.
  public func write(_ opcode: Opcode, copying payload: UnsafeRawBufferPointer, to socket: SocketID) {
    guard let state = find(socket), state.pointee.closing.isOpen else { return }
    let connection = ConnectionID(rawValue: socket.rawValue)
    guard loop.queuedBytes(connection) < limits.queuedBytes else {
      return close(socket, code: CloseCode.tryAgainLater, reason: "too slow")
    }
    if let deflater = state.pointee.deflater {
      send(opcode, payload, deflatedBy: deflater, to: connection)
    } else {
      send(opcode, payload, isCompressed: false, to: connection)
    }
  }

  /// Compresses a message for one socket.
  private func send(
    _ opcode: Opcode, _ payload: UnsafeRawBufferPointer, deflatedBy deflater: Deflater, to connection: ConnectionID
  ) {
    // With context takeover a short message may be little more than a reference to an earlier one; without, it isn't worth zlib's time.
    guard deflater.keepsWindow || payload.count >= Frame.worthCompressing, let small = deflater.deflate(payload) else {
      return send(opcode, payload, isCompressed: false, to: connection)
    }
    send(opcode, small, isCompressed: true, to: connection)
  }

  private func send(_ opcode: Opcode, _ payload: UnsafeRawBufferPointer, isCompressed: Bool, to connection: ConnectionID) {
    withUnsafeTemporaryAllocation(byteCount: FrameEncoder.maximumHeaderSize, alignment: 8) { header in
      let size = FrameEncoder.writeHeader(opcode, payload: payload.count, isCompressed: isCompressed, to: header)
      loop.send(copying: UnsafeRawBufferPointer(rebasing: header[..<size]), to: connection)
    }
    loop.send(copying: payload, to: connection)
  }

  /// Of `SocketWriter`.
  public func close(_ socket: SocketID, code: UInt16, reason: String) {
    guard let state = find(socket) else { return }
    perform(state.pointee.closing.close(code: code, now: loop.now), on: socket, reason: reason)
  }

  /// Of `SocketWriter`.
  public func queuedBytes(_ socket: SocketID) -> Int { loop.queuedBytes(ConnectionID(rawValue: socket.rawValue)) }

  // MARK: For the driver

  /// The socket's memory, which stays in place until `remove`; nil when it is gone.
  @inline(__always)
  func find(_ socket: SocketID) -> UnsafeMutablePointer<SocketState>? {
    let slot = ConnectionID(rawValue: socket.rawValue).slot
    guard slot < states.capacity, states[slot].pointee.socket == socket else { return nil }
    return states[slot]
  }

  func insert(_ socket: SocketID, extensions: Extensions, place: (any AnyObject & Sendable)?) {
    let slot = ConnectionID(rawValue: socket.rawValue).slot
    let (limits, now) = (limits, loop.now)
    states.reserve(slot) { $0.initialize(to: SocketState(socket: nil, limits: limits, now: now)) }
    states[slot].pointee = SocketState(
      socket: socket, limits: limits, extensions: extensions, inflater: extensions.deflate.map(inflater),
      deflater: extensions.deflate.map(deflater), place: place, now: now)
    count += 1
  }

  private func inflater(_ agreed: DeflateParameters) -> Inflater {
    agreed.clientNoContextTakeover ? inflater : Inflater(keepsWindow: true)
  }

  private func deflater(_ agreed: DeflateParameters) -> Deflater {
    if agreed.serverNoContextTakeover, agreed.serverWindowBits == 15 { return deflater }
    return Deflater(windowBits: agreed.serverWindowBits, keepsWindow: !agreed.serverNoContextTakeover)
  }

  /// Frees the slot; false when it was free already.
  func remove(_ socket: SocketID) -> Bool {
    guard let state = find(socket) else { return false }
    state.pointee = SocketState(socket: nil, limits: limits, now: loop.now)
    count -= 1
    return true
  }

  func pong(_ payload: UnsafeRawBufferPointer, to socket: SocketID) {
    // A peer that pings and doesn't read must not make us hold its pongs.
    guard queuedBytes(socket) < limits.queuedBytes else { return }
    loop.send(FrameEncoder.encode(.pong, payload), to: ConnectionID(rawValue: socket.rawValue))
  }

  func perform(_ action: ClosingHandshake.Action, on socket: SocketID, reason: String = "") {
    let connection = ConnectionID(rawValue: socket.rawValue)
    switch action {
    case .none: break
    case .send(let code): loop.send(FrameEncoder.close(code: code, reason: reason), to: connection)
    case .sendAndFinish(let code):
      loop.send(FrameEncoder.close(code: code, reason: reason), to: connection)
      loop.finishWriting(connection)
    case .finish: loop.finishWriting(connection)
    case .drop: loop.close(connection)
    }
  }

  /// Pings the silent and drops the dead; once a second. Linear in the sockets, some nanoseconds each.
  func sweep(now: Int64) {
    for slot in 0..<states.capacity {
      guard let socket = states[slot].pointee.socket else { continue }
      let connection = ConnectionID(rawValue: socket.rawValue)
      perform(states[slot].pointee.closing.tick(now: now), on: socket)
      switch states[slot].pointee.keepAlive.tick(now: now) {
      case .none: break
      case .ping: if states[slot].pointee.closing.isOpen { loop.send(FrameEncoder.encode(.ping, []), to: connection) }
      case .giveUp: loop.close(connection)
      }
    }
  }

  /// Closes every socket, and those that still come, with 1012.
  ///
  /// - Parameter done: called once none is left, at most 9 s later: peers that don't answer are dropped.
  public func drain(_ done: @escaping () -> Void) {
    isDraining = true
    whenEmpty.append(done)
    for slot in 0..<states.capacity {
      if let socket = states[slot].pointee.socket { close(socket, code: CloseCode.serviceRestart, reason: "restart") }
    }
    tellIfEmpty()
  }

  /// Ends a drain when the last socket has gone.
  func tellIfEmpty() {
    guard count == 0, !whenEmpty.isEmpty else { return }
    let waiting = whenEmpty
    whenEmpty = []
    for body in waiting { body() }
  }
}
