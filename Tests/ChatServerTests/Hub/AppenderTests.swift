import Domain
import Logging
import Storage
import Synchronization
import TestSupport
import Testing
import WebSocketServer

@testable import ChatServer

/// What the appender tells when the database refuses one thing and then goes away.
@Suite struct AppenderTests {
  /// Keeps what it hears, and says when it has heard of doubtful topics.
  private final class Listener: AppendListener {
    let batches = Mutex<[CommittedBatch]>([])
    let (doubts, heardDoubt) = AsyncStream<[TopicID]>.makeStream()

    /// How many answers each batch had.
    let (counts, heardCount) = AsyncStream<Int>.makeStream()

    func committed(_ batch: CommittedBatch) {
      batches.withLock { $0.append(batch) }
      heardCount.yield(batch.answers[0].count)
    }
    func doubtful(_ topics: [TopicID]) { heardDoubt.yield(topics) }
  }

  @Test(.timeLimit(.minutes(10))) func committedRowsAreToldAlthoughTheConnectionBreaksAfterThem() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let owner = try Session.open(database.configuration(role: "postgres"))
      try owner.execute(
        """
        CREATE FUNCTION misbehave() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF NEW.body = 'bad' THEN RAISE EXCEPTION 'no' USING ERRCODE = 'check_violation'; END IF;
          PERFORM pg_terminate_backend(pg_backend_pid());
          RETURN NEW;
        END $$
        """)
      try owner.execute(
        """
        CREATE TRIGGER misbehave BEFORE INSERT ON topic_body FOR EACH ROW WHEN (NEW.body IN ('bad', 'die')) EXECUTE FUNCTION misbehave()
        """)
      let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
      let appender = Appender(database.configuration(), hubs: 1, queueLimit: 100, logger: logger, metrics: ChatMetrics())
      let listener = Listener()
      // All of it waits before the thread begins, so that it is one batch.
      for (number, body) in ["1", "bad", "2", "die", "3"].enumerated() {
        let request = LogRequest(
          topic: world.topic, account: world.client, session: nil, key: .random(),
          action: .send(body: body, reply: 0, holding: false), at: .now, salt: [UInt8](repeating: 7, count: 16))
        #expect(
          appender.submit(
            AppendWork(item: .append(request), hub: 0, socket: SocketID(rawValue: 1), id: Int64(number))))
      }
      let started = ServerThread { appender.run(listener) }
      let thread = try #require(started)
      var doubts = listener.doubts.makeAsyncIterator()
      #expect(await doubts.next() == [world.topic])
      appender.stop()
      thread.join()
      let batches = listener.batches.withLock { $0 }
      let batch = try #require(batches.first)
      let codes = batch.answers[0].map { answer -> String in
        if case .refused(let error) = answer.result { error.code.rawValue } else { "ok" }
      }
      #expect(codes == ["ok", "unavailable", "ok", "unavailable", "unavailable"])
      let bodies = batch.events.compactMap { event -> String? in
        if case .row(let news) = event { news.entry.body } else { nil }
      }
      #expect(bodies == ["1", "2"] && batches.count == 1)
    }
  }

  @Test(.timeLimit(.minutes(10))) func whatWasReadMeanwhileIsToldAfterTheAnswers() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
      let appender = Appender(database.configuration(), hubs: 1, queueLimit: 100, logger: logger, metrics: ChatMetrics())
      let listener = Listener()
      let told = Mutex<[Int]>([])
      let note: @Sendable () -> Void = { told.withLock { $0.append(listener.batches.withLock(\.count)) } }
      appender.afterBatch(note)
      let atOnce = told.withLock { $0 }
      #expect(atOnce == [0], "nothing is being committed")
      let holder = try Session.open(database.configuration(role: "postgres"))
      let request = LogRequest(
        topic: world.topic, account: world.client, session: nil, key: .random(),
        action: .send(body: "1", reply: 0, holding: false), at: .now, salt: [UInt8](repeating: 7, count: 16))
      let topic = world.topic
      var thread: ServerThread?
      try holder.transaction {
        try holder.execute("SELECT FROM topic WHERE id = \(topic) FOR UPDATE")
        _ = appender.submit(AppendWork(item: .append(request), hub: 0, socket: SocketID(rawValue: 1), id: 1))
        thread = ServerThread { appender.run(listener) }
        // It has begun, and waits for us.
        let waiters: SQL = "SELECT count(*) FROM pg_locks WHERE NOT granted AND transactionid = pg_current_xact_id()::xid"
        while try holder.value(waiters, as: Int.self) == 0 {
          try holder.execute("SELECT pg_sleep(0.01)")
        }
        appender.afterBatch(note)
      }
      appender.stop()
      thread?.join()
      let inTheEnd = told.withLock { $0 }
      #expect(inTheEnd == [0, 1], "after the batch's answers")
    }
  }

  private func work(_ world: ChatWorld, body: String) -> AppendWork {
    let request = LogRequest(
      topic: world.topic, account: world.client, session: nil, key: .random(),
      action: .send(body: body, reply: 0, holding: false),
      at: .now, salt: [UInt8](repeating: 7, count: 16))
    return AppendWork(item: .append(request), hub: 0, socket: SocketID(rawValue: 1), id: 1)
  }

  /// What waits is bounded in bytes as well as in number, and what has been taken makes room again.
  @Test(.timeLimit(.minutes(10))) func whatWaitsIsBoundedInBytes() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let long = String(repeating: "x", count: 10_000)
      let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
      let size = work(world, body: long).size
      #expect(size > 10_000)
      // Room for more than a batch, so that the rest of one is left over.
      let small = work(world, body: "x")
      let limit = 3 * size + Appender.batchLimit * small.size
      let appender = Appender(
        database.configuration(), hubs: 1, queueLimit: 10_000, byteLimit: limit, logger: logger, metrics: ChatMetrics())
      for _ in 0..<Appender.batchLimit { #expect(appender.submit(work(world, body: "x"))) }
      for _ in 0..<3 { #expect(appender.submit(work(world, body: long))) }
      #expect(!appender.submit(work(world, body: "")))
      let listener = Listener()
      let started = ServerThread { appender.run(listener) }
      let thread = try #require(started)
      var counts = listener.counts.makeAsyncIterator()
      var done = 0
      while done < Appender.batchLimit + 3, let count = await counts.next() { done += count }
      // All of it is free again, to the last byte, and not a byte more.
      let whole = work(world, body: String(repeating: "y", count: limit - work(world, body: "").size))
      var more = whole
      if case .append(var request) = more.item {
        request.action = .send(
          body: String(repeating: "y", count: limit - work(world, body: "").size + 1), reply: 0, holding: false)
        more.item = .append(request)
      }
      #expect(!appender.submit(more) && appender.submit(whole))
      appender.stop()
      thread.join()
      let refusals = listener.batches.withLock { batches in
        batches.flatMap { $0.answers[0] }.filter { if case .refused = $0.result { true } else { false } }.count
      }
      // Of a message no longer than may be, that is: the last one was only to fill the room.
      #expect(refusals == 1)
    }
  }
}
