import Domain
import NIOCore
import NIOPosix
import ServerKit
import Storage
import Synchronization
import TestSupport
import Testing

@testable import ObjectStorage

/// A server that is away, breaks off, or is too busy: a proxy of TCP in front of the real one, which does as it is told.
struct S3TroubleTests {
  @Test("A server that is away is unavailable, and once it is back the same store works")
  func away() async throws {
    let bucket = try await TestBucket()
    let proxy = try await TroubleProxy(to: bucket.server.endpoint)
    let store = bucket.store(prefix: TestS3.newPrefix(), server: try proxy.server(bucket.server))
    try await withTemporaryFolder { folder in
      let blob = try TestBlob(of: 100_000, in: folder)
      proxy.state.withLock { $0.refuses = true }
      await expectFailure(.unavailable) { try await store.put(file: blob.path, hash: blob.hash, size: blob.size) }
      await expectFailure(.unavailable) { try await store.bytes(blob.hash) }
      await expectFailure(.unavailable) { try await store.listed() }
      await expectFailure(.unavailable) { try await store.size(of: blob.hash) }
      proxy.state.withLock { $0.refuses = false }
      try await store.put(file: blob.path, hash: blob.hash, size: blob.size)
      #expect(try await store.bytes(blob.hash) == blob.bytes)
    }
    await store.close()
    try await proxy.close()
  }

  @Test("A connection that breaks while a blob is read is made anew, and reading goes on where it was")
  func breaksOff() async throws {
    let bucket = try await TestBucket()
    let proxy = try await TroubleProxy(to: bucket.server.endpoint)
    let store = bucket.store(prefix: TestS3.newPrefix(), server: try proxy.server(bucket.server))
    try await withTemporaryFolder { folder in
      let blob = try TestBlob(of: 3_000_000, in: folder)
      try await store.put(file: blob.path, hash: blob.hash, size: blob.size)
      proxy.state.withLock { ($0.cutsLeft, $0.cutAfter) = (2, 1_000_000) }
      #expect(try await store.bytes(blob.hash) == blob.bytes)
      let cutsLeft = proxy.state.withLock { $0.cutsLeft }
      #expect(cutsLeft == 0)
      // One that always breaks is given up.
      proxy.state.withLock { ($0.cutsLeft, $0.cutAfter) = (1000, 2000) }
      await expectFailure(.unavailable) { try await store.bytes(blob.hash) }
    }
    await store.close()
    try await proxy.close()
  }

  @Test("Attempts that fail are repeated: an upload whose connections break comes to its end")
  func retries() async throws {
    let bucket = try await TestBucket()
    let proxy = try await TroubleProxy(to: bucket.server.endpoint)
    let store = bucket.store(prefix: TestS3.newPrefix(), server: try proxy.server(bucket.server))
    try await withTemporaryFolder { folder in
      // Small answers: a later byte lies in a later answer of the same connection, up to the last of the upload.
      for (size, cuts, after) in [
        (500_000, 2, 50), (500_000, 1, 500), (500_000, 1, 900), (17 << 20, 1, 500), (17 << 20, 1, 1000), (17 << 20, 1, 1500),
        (17 << 20, 1, 2000),
      ] {
        let blob = try TestBlob(of: size, in: folder)
        proxy.state.withLock { ($0.cutsLeft, $0.cutAfter) = (cuts, after) }
        try await store.put(file: blob.path, hash: blob.hash, size: blob.size)
        proxy.state.withLock { $0.cutsLeft = 0 }
        #expect(try await store.bytes(blob.hash) == blob.bytes)
      }
    }
    await store.close()
    try await proxy.close()
  }

  @Test(
    "A server that is too busy, or fails, is asked again, and given up when it stays so",
    arguments: ["503 Slow Down", "500 Oops"])
  func busy(status: String) async throws {
    let bucket = try await TestBucket()
    let proxy = try await TroubleProxy(to: bucket.server.endpoint)
    let store = bucket.store(prefix: TestS3.newPrefix(), server: try proxy.server(bucket.server))
    try await withTemporaryFolder { folder in
      for size in [1000, 17 << 20] {
        let blob = try TestBlob(of: size, in: folder)
        // The first question, and then each further one of its requests.
        for passed in 0..<4 {
          proxy.state.withLock { ($0.busyAfter, $0.busyLeft, $0.busyStatus) = (passed, 2, status) }
          try await store.put(file: blob.path, hash: blob.hash, size: blob.size)
        }
        proxy.state.withLock { ($0.busyAfter, $0.busyLeft) = (0, 1) }
        #expect(try await store.bytes(blob.hash) == blob.bytes)
        let busyLeft = proxy.state.withLock { $0.busyLeft }
        #expect(busyLeft == 0)
      }
      let blob = try TestBlob(of: 500, in: folder)
      proxy.state.withLock { $0.busyLeft = 1000 }
      await expectFailure(.unavailable) { try await store.put(file: blob.path, hash: blob.hash, size: blob.size) }
      await expectFailure(.unavailable) { try await store.listed() }
      let asked = proxy.state.withLock { 1000 - $0.busyLeft }
      #expect(asked == 2 * TestBucket.limits.attempts, "each is given up in the end")
      proxy.state.withLock { $0.busyLeft = 0 }
      #expect(try await store.size(of: blob.hash) == nil)
    }
    await store.close()
    try await proxy.close()
  }

  @Test("A server that says nothing is given up after the time that it is given")
  func silent() async throws {
    let bucket = try await TestBucket()
    let proxy = try await TroubleProxy(to: bucket.server.endpoint)
    var limits = TestBucket.limits
    (limits.silence, limits.attempts) = (.milliseconds(200), 2)
    let store = bucket.store(prefix: TestS3.newPrefix(), server: try proxy.server(bucket.server), limits: limits)
    proxy.state.withLock { $0.isSilent = true }
    await expectFailure(.unavailable) { try await store.size(of: BlobHash(of: [1])) }
    await store.close()
    try await proxy.close()
  }
}

/// Passes connections on to a server, or does to them what networks do.
final class TroubleProxy: Sendable {
  struct State {
    /// Closes every connection at once, also those that are open, at their next byte.
    var refuses = false
    /// Passes nothing on.
    var isSilent = false
    /// How many connections are still to be cut, each once so many bytes have come from the server.
    var cutsLeft = 0
    var cutAfter = 0
    /// How many requests are still to be answered with `busyStatus`, and how many are passed on before.
    var busyLeft = 0
    var busyAfter = 0
    var busyStatus = ""

    /// What the request that begins now is answered with; nil: it is passed on.
    mutating func busy() -> String? {
      guard busyLeft > 0 else { return nil }
      guard busyAfter == 0 else {
        busyAfter -= 1
        return nil
      }
      busyLeft -= 1
      return busyStatus
    }
  }

  let state: SharedState
  private let channel: any Channel

  /// A lock that handlers share.
  final class SharedState: Sendable {
    private let state = Mutex(State())
    func withLock<T: Sendable>(_ body: (inout sending State) -> sending T) -> T { state.withLock(body) }
  }

  init(to server: ServiceAddress) async throws {
    let state = SharedState()
    self.state = state
    channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelOption(.autoRead, value: true)
      .childChannelInitializer { client in
        client.eventLoop.makeCompletedFuture {
          try client.pipeline.syncOperations.addHandler(ProxyHandler(state: state, host: server.host, port: server.port ?? 80))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
  }

  func server(_ real: BlobConfiguration.Server) throws -> BlobConfiguration.Server {
    var server = real
    server.endpoint = try #require(ServiceAddress("http://127.0.0.1:\(channel.localAddress?.port ?? 0)"))
    return server
  }

  func close() async throws { try await channel.close() }
}

/// The client's side: connects to the server, and passes on what comes.
private final class ProxyHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let state: TroubleProxy.SharedState
  private let host: String
  private let port: Int
  private var upstream: EventLoopFuture<any Channel>?
  /// The connection's request was answered here: nothing more of it is passed on.
  private var isAnswered = false

  init(state: TroubleProxy.SharedState, host: String, port: Int) { (self.state, self.host, self.port) = (state, host, port) }

  func channelActive(context: ChannelHandlerContext) {
    let (state, client) = (state, context.channel)
    upstream = ClientBootstrap(group: context.eventLoop)
      .channelInitializer { server in
        server.eventLoop.makeCompletedFuture {
          try server.pipeline.syncOperations.addHandler(BackHandler(state: state, client: client))
        }
      }
      .connect(host: host, port: port)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let (refuses, isSilent) = state.withLock { ($0.refuses, $0.isSilent) }
    if refuses { return context.close(promise: nil) }
    if isSilent || isAnswered { return }
    let buffer = unwrapInboundIn(data)
    // A request begins with its method; what is in a body here never looks so.
    let isHead = ["GET ", "PUT ", "HEAD ", "POST ", "DELETE "].contains { buffer.readableBytesView.starts(with: $0.utf8) }
    if isHead, let status = state.withLock({ $0.busy() }) {
      isAnswered = true
      let answer = "HTTP/1.1 \(status)\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
      return context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
    }
    upstream?.whenSuccess { $0.writeAndFlush(buffer, promise: nil) }
  }

  func channelInactive(context: ChannelHandlerContext) { upstream?.whenSuccess { $0.close(promise: nil) } }
}

/// The server's side.
private final class BackHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let state: TroubleProxy.SharedState
  private let client: any Channel
  private var passed = 0

  init(state: TroubleProxy.SharedState, client: any Channel) { (self.state, self.client) = (state, client) }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let buffer = unwrapInboundIn(data)
    passed += buffer.readableBytes
    let passed = passed
    let isCut = state.withLock { state in
      guard state.cutsLeft > 0, passed > state.cutAfter else { return false }
      state.cutsLeft -= 1
      return true
    }
    guard !isCut else {
      client.close(promise: nil)
      return context.close(promise: nil)
    }
    client.writeAndFlush(buffer, promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) { client.close(promise: nil) }
}
