import Reactor
import ServerKit
import WebSocketProtocol
import WebSocketServer

/// The public door, on a loop of its own: reads the head of each connection's first request, lets sockets in and hands them to the chat loops, and
/// tunnels everything else to RestAPI. So chat loops never carry REST bytes, and nothing slow happens before they see a socket.
final class FrontHandler: LoopHandler {
  /// What happened that an operator may want to know; counts since the start.
  struct Counters: Sendable {
    /// Connections taken.
    var accepted = 0
    /// Sockets handed to the chat.
    var upgraded = 0
    /// Tunnels begun.
    var tunnels = 0
    /// Tunnels that RestAPI didn't take: 502.
    var upstreamFailures = 0
    /// Answers of our own, by status.
    var refusals: [Int: Int] = [:]
    /// TLS handshakes that came to nothing.
    var failedHandshakes = 0
    /// Connections of listed proxies that didn't begin with a PROXY header.
    var badProxyHeaders = 0
  }

  let loop: EventLoop
  let configuration: FrontConfiguration
  let gauge: SocketGauge
  let entrances: [SocketEntrance<SocketIdentity>]
  let authenticate: SocketAuthenticator
  let statusPages: StatusPages
  /// Told when RestAPI can't be reached, with the system's words.
  let onUpstreamFailure: @Sendable (Disconnect) -> Void
  /// Told the address of a listed proxy that doesn't send a PROXY header.
  let onBadProxyHeader: @Sendable (String) -> Void
  var counters = Counters()
  var isDraining = false
  private var states = SlotTable<FrontState?>()
  private var addressCounts: [String: Int] = [:]
  private var listeners: [Int] = []
  private(set) var pendingCount = 0
  /// TLS connections through which nothing has come yet.
  private(set) var handshakeCount = 0
  /// Clients whose first bytes wait until there are fewer handshakes, in their order.
  var waiting: ArraySlice<ConnectionID> = []
  /// Connections in the order in which they came, of which those from `firstHead` on may still owe their head.
  private var heads: [ConnectionID] = []
  private var firstHead = 0
  /// Tunnels that stand or are being made.
  private(set) var tunnelCount = 0
  var nextEntrance = 0

  /// - Parameters:
  ///   - loop: the loop that this is to be attached to.
  ///   - configuration: how to behave.
  ///   - gauge: counts the sockets of all chat loops.
  ///   - entrances: the chat loops, taken in turn.
  ///   - authenticate: finds a credential's session.
  ///   - statusPages: answers `/ws/healthz` and the like.
  ///   - onUpstreamFailure: told when RestAPI can't be reached.
  ///   - onBadProxyHeader: told the address of a listed proxy that doesn't send a PROXY header.
  init(
    loop: EventLoop, configuration: FrontConfiguration, gauge: SocketGauge, entrances: [SocketEntrance<SocketIdentity>],
    authenticate: @escaping SocketAuthenticator, statusPages: @escaping StatusPages = { _, _ in nil },
    onUpstreamFailure: @escaping @Sendable (Disconnect) -> Void = { _ in },
    onBadProxyHeader: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.loop = loop
    self.configuration = configuration
    self.gauge = gauge
    self.entrances = entrances
    self.authenticate = authenticate
    self.statusPages = statusPages
    self.onUpstreamFailure = onUpstreamFailure
    self.onBadProxyHeader = onBadProxyHeader
    loop.plainAnswer = FrontAnswer.unencrypted
    loop.connectionLimit = configuration.connectionLimit
    scheduleSweep()
  }

  /// Begins to listen. To be called before the loop runs, or on its thread.
  ///
  /// - Returns: the address in the end: port 0 lets the kernel choose.
  /// - Throws: when the address is in use or not ours.
  func listen(on address: SocketAddress) throws(SystemError) -> SocketAddress {
    let (listener, address) = try loop.listen(on: address)
    listeners.append(listener)
    return address
  }

  /// Takes no new connections and no new sockets; tunnels go on until they end by themselves or the loop stops.
  func drain() {
    isDraining = true
    for listener in listeners { loop.closeListener(listener) }
    listeners = []
  }

  private func isUnbounded(_ address: String) -> Bool {
    if !configuration.boundsLoopback, IPAddress(address)?.isLoopback == true { return true }
    return configuration.trustedProxies.contains(address)
  }

  // MARK: LoopHandler

  func accepted(_ connection: ConnectionID, listener: Int) {
    counters.accepted += 1
    var state = FrontState(connection, .head, deadline: loop.now + configuration.headPatience)
    state.address = loop.peerAddress(connection)?.host ?? ""
    guard takePlace(of: state.address, &state) else { return turnAway(connection) }
    guard pendingCount < configuration.pendingLimit || dropOldestHead() else {
      leavePlace(state)
      return turnAway(connection)
    }
    state.awaitsProxyHeader = configuration.expectsProxyHeader && configuration.trustedProxies.contains(state.address)
    if state.awaitsProxyHeader || configuration.tls != nil { state.phase = .greeting }
    insert(state)
    heads.append(connection)
  }

  /// Makes room for a newcomer at the cost of whoever has owed the head for longest: a real client sends it at once, and ten thousand that only connect
  /// must not keep it out. False when all have sent theirs, or their first bytes, and wait for us.
  private func dropOldestHead() -> Bool {
    while firstHead < heads.count {
      let oldest = heads[firstHead]
      firstHead += 1
      guard find(oldest)?.pointee?.owesHead == true else { continue }
      turnAway(oldest)
      return true
    }
    return false
  }

  func received(_ connection: ConnectionID, _ bytes: UnsafeMutableRawBufferPointer) {
    guard let state = find(connection) else { return }
    if state.pointee?.isHandshaking == true { endHandshake(state) }
    switch state.pointee?.phase {
    case .greeting: greet(connection, state, UnsafeRawBufferPointer(bytes))
    case .head: readHead(connection, state, UnsafeRawBufferPointer(bytes))
    // Not read while it waits, but what was read in the same tick comes still.
    case .deciding: state.pointee?.leftover += bytes
    case .client, .upstream: forward(UnsafeRawBufferPointer(bytes), from: connection, state)
    case .refusing, nil: break
    }
  }

  func ended(_ connection: ConnectionID) {
    guard let state = find(connection) else { return loop.close(connection) }
    switch state.pointee?.phase {
    case .greeting, .head, .deciding, nil: loop.close(connection)
    case .refusing: break
    case .client, .upstream: tunnelEnded(connection, state)
    }
  }

  func drained(_ connection: ConnectionID) {
    if let other = find(connection)?.pointee?.other { loop.resumeReading(other) }
  }

  func closed(_ connection: ConnectionID, _ reason: Disconnect) {
    guard let state = remove(connection) else { return }
    if state.isHandshaking {
      counters.failedHandshakes += 1
      beginWaiting()
    }
    if let other = state.other { tunnelEndClosed(state, other: other, reason) }
  }

  func tickEnded() { beginWaiting() }

  // MARK: States

  /// The connection's memory, in place until `remove`; nil when there is none.
  func find(_ connection: ConnectionID) -> UnsafeMutablePointer<FrontState?>? {
    guard connection.slot < states.capacity, states[connection.slot].pointee?.connection == connection else { return nil }
    return states[connection.slot]
  }

  func insert(_ state: FrontState) {
    states.reserve(state.connection.slot) { $0.initialize(to: nil) }
    states[state.connection.slot].pointee = state
    if isPending(state.phase) { pendingCount += 1 }
  }

  /// Counts the connection for its address, IPv6 by the /64; false when that has too many.
  func takePlace(of address: String, _ state: inout FrontState) -> Bool {
    guard !isUnbounded(address) else { return true }
    let place = AddressGroup.name(of: address)
    let count = addressCounts[place, default: 0]
    guard count < configuration.addressLimit else { return false }
    addressCounts[place] = count + 1
    state.place = place
    return true
  }

  private func leavePlace(_ state: FrontState) {
    guard let place = state.place, let count = addressCounts[place] else { return }
    addressCounts[place] = count > 1 ? count - 1 : nil
  }

  func beginHandshake(_ state: UnsafeMutablePointer<FrontState?>) {
    state.pointee?.isHandshaking = true
    handshakeCount += 1
  }

  private func endHandshake(_ state: UnsafeMutablePointer<FrontState?>) {
    state.pointee?.isHandshaking = false
    handshakeCount -= 1
  }

  /// Moves a connection on. Its head isn't needed any more once it isn't pending.
  func move(_ state: UnsafeMutablePointer<FrontState?>, to phase: FrontState.Phase, deadline: Int64) {
    if isPending(state.pointee?.phase), !isPending(phase) {
      pendingCount -= 1
      state.pointee?.parser = RequestHeadParser()
      state.pointee?.leftover = []
      state.pointee?.request = nil
    }
    tunnelCount += (phase == .client ? 1 : 0) - (state.pointee?.phase == .client ? 1 : 0)
    state.pointee?.phase = phase
    state.pointee?.deadline = deadline
  }

  @discardableResult
  func remove(_ connection: ConnectionID) -> FrontState? {
    guard let state = find(connection), let last = state.pointee else { return nil }
    if isPending(last.phase) { pendingCount -= 1 }
    if last.phase == .client { tunnelCount -= 1 }
    if last.isHandshaking { handshakeCount -= 1 }
    leavePlace(last)
    state.pointee = nil
    return last
  }

  private func isPending(_ phase: FrontState.Phase?) -> Bool { phase == .greeting || phase == .head || phase == .deciding }

  /// The most bytes that wait for any connection now.
  var largestQueue: Int {
    (0..<states.capacity).reduce(0) { most, slot in max(most, states[slot].pointee.map { loop.queuedBytes($0.connection) } ?? 0) }
  }

  // MARK: Time

  private func scheduleSweep() {
    loop.schedule(after: 1_000) { [unowned self] in
      sweep()
      scheduleSweep()
    }
  }

  private func sweep() {
    heads = heads[firstHead...].filter { find($0)?.pointee?.owesHead == true }
    firstHead = 0
    for slot in 0..<states.capacity {
      guard let state = states[slot].pointee, state.deadline <= loop.now else { continue }
      switch state.phase {
      case .greeting: loop.close(state.connection)
      case .head where state.parser.bytes.isEmpty: loop.close(state.connection)
      case .head: refuse(state.connection, 408)
      case .deciding: refuse(state.connection, 503)
      case .refusing, .client, .upstream: loop.close(state.connection)
      }
    }
  }
}
