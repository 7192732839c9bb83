import Domain
import Logging
import Storage
import Synchronization
import TestSupport
import Testing
import WebSocketServer

@testable import ChatServer

/// A clock that tests move by hand.
final class HandClock: Sendable {
  private let state: Mutex<(now: Timestamp, uptime: Int64)>

  init(_ now: Timestamp = Timestamp.now) { state = Mutex((now, 1_000_000)) }

  var clock: ChatClock {
    ChatClock(now: { [self] in state.withLock { $0.now } }, uptime: { [self] in state.withLock { $0.uptime } })
  }

  var now: Timestamp { state.withLock { $0.now } }

  func advance(_ milliseconds: Int64) {
    state.withLock { $0 = ($0.now.advanced(by: .milliseconds(milliseconds)), $0.uptime + milliseconds) }
  }
}

/// An organisation with people of every kind who have something to do with it, or nothing.
struct ChatWorld: Sendable {
  let organisation: TestOrganisation
  let client: AccountID
  let secondClient: AccountID
  let accountant: AccountID
  let supervisor: AccountID
  let admin: AccountID
  let stranger: AccountID
  let foreignTopic: TopicID

  var topic: TopicID { organisation.topic(.bank) }

  static func make(_ database: TestDatabase) async throws -> ChatWorld {
    let department = try await database.makeDepartment("Birinchi")
    let other = try await database.makeDepartment("Ikkinchi")
    let organisation = try await database.makeOrganisation("Alfa", department: department)
    let foreign = try await database.makeOrganisation("Beta", department: other)
    let supervisor = try await database.makeAccount("supervisor")
    try await database.makeMembership(supervisor, role: "supervisor", department: department)
    let admin = try await database.makeAccount("admin")
    try await database.makeMembership(admin, role: "admin")
    return ChatWorld(
      organisation: organisation, client: try await database.makeClient("client", of: organisation),
      secondClient: try await database.makeClient("second", of: organisation),
      accountant: try await database.makeAccountant("accountant", of: organisation), supervisor: supervisor, admin: admin,
      stranger: try await database.makeClient("stranger", of: foreign), foreignTopic: foreign.topic(.bank))
  }
}

/// Wakes the test when a hub has mail; shared by nodes that are driven together.
final class TestWakes {
  private let stream: AsyncStream<Void>
  let wake: @Sendable () -> Void
  private var hubs: [Hub<RecordingWriter>] = []

  init() {
    let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    self.stream = stream
    wake = { continuation.yield() }
  }

  func add(_ hubs: [Hub<RecordingWriter>]) {
    self.hubs += hubs
    for hub in hubs { hub.port.connect(wake) }
  }

  /// Lets every hub handle its mail.
  func drain() {
    for hub in hubs { hub.collectMail() }
  }

  /// Lets hubs handle mail until `condition` holds. Fails the test after 20 seconds.
  func until(_ what: String, _ condition: () throws -> Bool, _ sourceLocation: SourceLocation) async throws {
    // Only so that a test that will never be woken ends; nothing is waited for by time.
    let watchdog = Task { [wake] in
      try await Task.sleep(for: .seconds(20))
      wake()
    }
    defer { watchdog.cancel() }
    let start = ContinuousClock.now
    var iterator = stream.makeAsyncIterator()
    while true {
      drain()
      if try condition() { return }
      guard ContinuousClock.now - start < .seconds(20) else {
        Issue.record("timed out waiting for \(what)", sourceLocation: sourceLocation)
        throw CancellationError()
      }
      await iterator.next()
    }
  }
}

/// A chat node without sockets: hubs that are driven by the test, a recording writer, and a real Postgres.
final class TestNode {
  let database: TestDatabase
  let clock: HandClock
  let node: ChatNode
  let appender: Appender
  let writers: [RecordingWriter]
  let hubs: [Hub<RecordingWriter>]
  let memory = PageMemory()
  private let wakes: TestWakes
  private var nextSocket: UInt64
  private var appenderThread: ServerThread?

  /// Salts are all the same, so that two runs of the same requests hash the same. `feed` is another way to Postgres for the broker alone, which then
  /// goes by the hand clock too.
  init(
    _ database: TestDatabase, clock: HandClock, exchange: MemoryExchange? = nil, loops: Int = 1,
    limits: ChatLimits = ChatLimits(),
    number: UInt64 = 1, wakes: TestWakes = TestWakes(), canWrite: Bool = true, feed: PostgresConfiguration? = nil
  ) throws {
    (self.database, self.clock, self.wakes) = (database, clock, wakes)
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let id = Key(high: number, low: number)
    let broker: any Broker =
      exchange.map { MemoryBroker($0, node: id) }
      ?? PostgresBroker(
        feed ?? database.configuration(), node: id, logger: logger, clock: feed == nil ? .system : clock.clock)
    node = ChatNode(id: id, hubs: loops, broker: broker, clock: clock.clock)
    var writing = database.configuration()
    if !canWrite { writing.conninfo = "host=/nowhere" }
    appender = Appender(writing, hubs: loops, queueLimit: 10_000, logger: logger, metrics: ChatMetrics())
    let services = HubServices(
      database: database.app, reader: TopicReader(database.app, clock: clock.clock, memory: memory), memory: memory,
      appender: appender, node: node,
      clock: clock.clock, limits: limits,
      salt: { [UInt8](repeating: 7, count: 16) }, logger: logger, metrics: ChatMetrics())
    let writers = (0..<loops).map { _ in RecordingWriter(clock.clock) }
    self.writers = writers
    hubs = writers.enumerated().map { Hub(writer: $1, services: services, index: $0) }
    wakes.add(hubs)
    nextSocket = number << 32
    node.start()
    appenderThread = ServerThread { [appender, node] in appender.run(node) }
  }

  /// Ends the node's threads.
  func stop() {
    appender.stop()
    appenderThread?.join()
    appenderThread = nil
    node.stop()
  }

  /// Lets hubs handle mail until `condition` holds. Fails the test after 20 seconds.
  func until(
    _ what: String = "the condition", _ condition: () throws -> Bool, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    try await wakes.until(what, condition, sourceLocation)
  }

  /// Moves the clock, and lets the feed be heard again after that.
  func advance(_ milliseconds: Int64) async throws {
    clock.advance(milliseconds)
    try await until("a heartbeat") { hubs.allSatisfy { !$0.isFeedSilent } }
  }

  /// Signs somebody in and opens a socket.
  func connect(_ account: AccountID, loop: Int = 0, session: SessionID? = nil) async throws -> TestClient {
    let session = if let session { session } else { try await database.makeSession(account) }
    nextSocket += 1
    let socket = SocketID(rawValue: nextSocket)
    hubs[loop].opened(socket, SocketIdentity(session: session, account: account, address: "127.0.0.1"))
    return TestClient(node: self, loop: loop, socket: socket, account: account, session: session)
  }
}

/// Somebody at the other end of a socket.
final class TestClient {
  let node: TestNode
  let loop: Int
  let socket: SocketID
  let account: AccountID
  let session: SessionID
  private var lastID: Int64 = 0

  init(node: TestNode, loop: Int, socket: SocketID, account: AccountID, session: SessionID) {
    (self.node, self.loop, self.socket, self.account, self.session) = (node, loop, socket, account, session)
  }

  /// Every frame that it got, in order.
  var transcript: [String] { node.writers[loop].frames[socket] ?? [] }
  /// When each of them was written.
  var times: [Int64] { node.writers[loop].times[socket] ?? [] }
  /// Every frame as JSON.
  var frames: [JSONValue] { get throws { try transcript.map { try JSONValue($0) } } }
  /// With what the server closed it.
  var closeCode: UInt16? { node.writers[loop].closes[socket] }
  /// Events of one kind.
  func events(_ name: String) throws -> [JSONValue] { try frames.filter { $0["event"]?.text == name } }
  /// The rows that came as events, in order.
  func rows(_ topic: TopicID? = nil) throws -> [JSONValue] {
    try events("entry").filter { topic == nil || $0["topic"]?.number == topic?.rawValue }.compactMap { $0["entry"] }
  }

  /// Sends a frame as it is.
  func push(_ text: String) {
    Array(text.utf8).withUnsafeBytes { node.hubs[loop].received(socket, text: $0) }
    node.hubs[loop].tickEnded()
  }

  /// Sends a request; returns its number.
  @discardableResult
  func request(_ verb: String, _ fields: String = "") -> Int64 {
    lastID += 1
    push(#"{"id":\#(lastID),"do":"\#(verb)"\#(fields.isEmpty ? "" : ",")\#(fields)}"#)
    return lastID
  }

  /// The answer to a request, once it is there.
  func answer(_ id: Int64, sourceLocation: SourceLocation = #_sourceLocation) async throws -> JSONValue {
    let marker = #"{"id":\#(id),"#
    try await node.until("the answer \(id)", { transcript.contains { $0.hasPrefix(marker) } }, sourceLocation: sourceLocation)
    return try JSONValue(try #require(transcript.first { $0.hasPrefix(marker) }))
  }

  /// Sends a request and waits for its answer's `ok`.
  @discardableResult
  func ok(_ verb: String, _ fields: String = "", sourceLocation: SourceLocation = #_sourceLocation) async throws -> JSONValue {
    let answer = try await answer(request(verb, fields), sourceLocation: sourceLocation)
    return try #require(answer["ok"], "\(verb) was refused: \(answer)", sourceLocation: sourceLocation)
  }

  /// Sends a request and waits for its refusal's code.
  func code(_ verb: String, _ fields: String = "", sourceLocation: SourceLocation = #_sourceLocation) async throws -> String? {
    try await answer(request(verb, fields), sourceLocation: sourceLocation)["error"]?["code"]?.text
  }

  /// Sends a message and waits for its answer.
  @discardableResult
  func send(_ body: String, to topic: TopicID, key: Key = .random(), sourceLocation: SourceLocation = #_sourceLocation)
    async throws
    -> JSONValue
  {
    try await ok("send", #""topic":\#(topic),"key":"\#(key)","body":"\#(body)""#, sourceLocation: sourceLocation)
  }
}
