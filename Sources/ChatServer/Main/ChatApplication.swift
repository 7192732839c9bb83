import Domain
import Logging
import Metrics
import Reactor
import ServerKit
import Storage
import Synchronization
import WebSocketProtocol
import WebSocketServer

/// The chat server as one thing that starts and stops: the front, the loops, the appender, the broker and the pool.
final class ChatApplication: Sendable {
  /// How one is set up, apart from what the environment says.
  struct Options: Sendable {
    /// The most sockets of the process.
    var sockets = 20_000
    /// How much one socket may use of its loop.
    var socketLimits = SocketLimits()
    /// What one client may make the server keep or do.
    var limits = ChatLimits()
    /// The most requests that wait to be committed; past that they are `unavailable`.
    var appendQueue = 20_000
    /// The same in bytes of text. 64 MiB.
    var appendBytes = 64 << 20
    /// Time.
    var clock = ChatClock.system
    /// Makes the 16 bytes that go into a body's hash.
    var salt = HubServices.randomSalt
    /// Where `/ws/metrics` comes from; nil: nowhere.
    var metrics: PrometheusRegistry?
  }

  typealias Loop = LoopThread<SocketDriver<Hub<SocketTable>>>

  /// Where it listens in the end: port 0 lets the kernel choose.
  let address: SocketAddress
  private let logger: Logger
  private let database: Postgres
  /// For signing in alone: a rush of reads must not keep people out.
  private let door: Postgres
  private let node: ChatNode
  private let appender: Appender
  private let appenderThread: ServerThread
  /// The chat loops.
  let loops: [Loop]
  private let front: LoopThread<FrontHandler>
  private let health: HealthRegistry
  private let tls: TLSContext?

  /// Starts everything; connections to Postgres are made when they are first needed, and again whenever they break.
  ///
  /// - Throws: `SystemError` when the address cannot be had or the kernel has no threads or descriptors left; `TLSContext.Failure` when the
  ///   certificate or its key cannot be used.
  init(_ configuration: ChatConfiguration, options: Options = Options(), logger: Logger) throws {
    self.logger = logger
    let tls = try configuration.tls.map { try TLSContext(certificate: $0.certificate, key: $0.key) }
    var storage = PostgresConfiguration(conninfo: configuration.shared.database, applicationName: "onefin-chat")
    storage.limitWaits(silence: .seconds(5))
    storage.poolSize = configuration.shared.databaseConnections
    // After a restart everybody comes back at once and looks at several topics: that line may be long.
    storage.queueLimit = 10_000
    storage.acquireTimeout = .seconds(10)
    // They take arrays of every length, and an opened topic is put together from all its tables: planning that costs more than running it.
    storage.plansOnce = true
    let database = Postgres(storage)
    var doorStorage = storage
    doorStorage.poolSize = 2
    let door = Postgres(doorStorage)
    let id = Key.random()
    let broker = PostgresBroker(storage, node: id, logger: logger, clock: options.clock)
    let node = ChatNode(id: id, hubs: configuration.loops, broker: broker, clock: options.clock)
    let metrics = ChatMetrics()
    var appenderStorage = storage
    appenderStorage.limitWaits(silence: .seconds(3))
    let appender = Appender(
      appenderStorage, hubs: configuration.loops, queueLimit: options.appendQueue, byteLimit: options.appendBytes, logger: logger,
      metrics: metrics)
    let memory = PageMemory()
    let services = HubServices(
      database: database, reader: TopicReader(database, clock: options.clock, memory: memory), memory: memory, appender: appender,
      node: node,
      clock: options.clock,
      limits: options.limits, salt: options.salt, logger: logger, metrics: metrics)
    let loops = try (0..<configuration.loops).map { try Self.makeLoop($0, options, services) }
    let health = HealthRegistry()
    health.register("appender") { appender.isAway ? "Postgres cannot be written to" : nil }
    health.register("database") { database.status.isAway ? "Postgres cannot be read" : nil }
    let (front, address) = try Self.makeFront(
      configuration, options, loops, SessionReader(door).authenticator(logger), health, tls, logger)
    guard let thread = ServerThread({ appender.run(node) }) else { throw SystemError("pthread_create", code: 11) }
    node.start()
    self.door = door
    (self.database, self.node, self.appender, self.loops, self.front) = (database, node, appender, loops, front)
    (self.address, self.health, appenderThread, self.tls) = (address, health, thread, tls)
  }

  /// Reads the certificate and its key anew, for the connections from now on. When they cannot be used, the old ones go on.
  func reloadCertificate() {
    guard let tls else { return }
    do throws(TLSContext.Failure) {
      try tls.reload()
      logger.notice("the certificate was read anew")
    } catch {
      logger.error("the old certificate stays", metadata: ["error": "\(error)"])
    }
  }

  /// Lets nobody in, closes every socket with 1012, commits what waits, and ends. Takes 10 seconds at most.
  func stop() async {
    logger.notice("stopping")
    health.drain()
    front.execute { $0.drain() }
    await withTaskGroup(of: Void.self) { group in
      for loop in loops {
        group.addTask {
          await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            let isTaken = loop.execute { driver in driver.sockets.drain { done.resume() } }
            if !isTaken { done.resume() }
          }
        }
      }
    }
    appender.stop()
    appenderThread.join()
    node.stop()
    for loop in loops {
      loop.stop()
      loop.join()
    }
    front.stop()
    front.join()
    await database.close()
    await door.close()
    logger.notice("stopped")
  }

  // MARK: Pieces

  private static func makeLoop(_ index: Int, _ options: Options, _ services: HubServices) throws -> Loop {
    let thread = try Loop(name: "chat-\(index)", index: UInt8(index + 1)) { loop in
      let driver = SocketDriver(loop: loop, limits: options.socketLimits) { Hub(writer: $0, services: services, index: index) }
      scheduleTick(loop, driver.handler)
      return driver
    }
    let remote = thread.remote
    services.node.ports[index].connect { remote.execute { $0.handler.collectMail() } }
    return thread
  }

  private static func scheduleTick(_ loop: EventLoop, _ hub: Hub<SocketTable>) {
    loop.schedule(after: 250) { [unowned loop] in
      hub.tick()
      scheduleTick(loop, hub)
    }
  }

  /// Whoever steals a key of session tickets can read what was sent under them, so it changes twice a day.
  private static func scheduleTicketKey(_ loop: EventLoop, _ tls: TLSContext, _ logger: Logger) {
    loop.schedule(after: 12 * 3_600_000) { [unowned loop] in
      do throws(TLSContext.Failure) {
        try tls.renewTicketKey()
      } catch {
        logger.error("the old key of session tickets stays", metadata: ["error": "\(error)"])
      }
      scheduleTicketKey(loop, tls, logger)
    }
  }

  private static func makeFront(
    _ configuration: ChatConfiguration, _ options: Options, _ loops: [Loop], _ authenticate: @escaping SocketAuthenticator,
    _ health: HealthRegistry, _ tls: TLSContext?, _ logger: Logger
  ) throws -> (LoopThread<FrontHandler>, SocketAddress) {
    var front = FrontConfiguration()
    front.upstream = try configuration.upstream.map { try SocketAddress(parsing: $0.description) }
    front.origins = OriginPolicy(allowed: configuration.allowedOrigins)
    front.tls = tls
    front.trustedProxies = TrustedProxies(configuration.shared.trustedProxies)
    front.expectsProxyHeader = configuration.proxyProtocol
    front.cookie = SessionToken.cookieName
    let listen = try SocketAddress(parsing: configuration.listen.description)
    let pages = StatusRoutes(health: health, metrics: options.metrics, readers: Set(configuration.shared.metricsReaders))
    let entrances = loops.map { SocketEntrance($0.remote) }
    let gauge = SocketGauge(
      limit: options.sockets, accountLimit: configuration.socketsPerAccount, addressLimit: configuration.socketsPerAddress)
    let address = Mutex(listen)
    let settings = front
    let thread = try LoopThread(name: "front", index: 0) { loop in
      let handler = FrontHandler(
        loop: loop, configuration: settings, gauge: gauge, entrances: entrances, authenticate: authenticate,
        statusPages: { await pages.page($0, for: $1) },
        onUpstreamFailure: { logger.warning("RestAPI does not answer", metadata: ["reason": "\($0)"]) },
        onBadProxyHeader: { logger.warning("a listed proxy sends no PROXY header", metadata: ["address": "\($0)"]) })
      if let tls { scheduleTicketKey(loop, tls, logger) }
      let bound = try handler.listen(on: listen)
      address.withLock { $0 = bound }
      return handler
    }
    return (thread, address.withLock { $0 })
  }
}

extension PostgresConfiguration {
  /// A Postgres that is frozen or cut off says nothing, and somebody waits for each answer: then its connection is given up. One that lives speaks
  /// up before that, about a statement or a lock that takes too long.
  fileprivate mutating func limitWaits(silence: Duration) {
    silenceLimit = silence
    statementTimeout = silence - .milliseconds(500)
    lockTimeout = silence - .seconds(1)
    connectTimeout = .seconds(2)
  }
}
