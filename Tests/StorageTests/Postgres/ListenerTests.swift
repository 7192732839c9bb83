import Storage
import TestSupport
import Testing

@Suite("NotificationListener")
struct ListenerTests {
  enum Event: Equatable {
    case connected
    case disconnected(String)
    case heard(String, String)
  }

  private func listen(_ database: TestDatabase, _ channels: [String]) throws -> (NotificationListener, AsyncStream<Event>) {
    let (events, continuation) = AsyncStream.makeStream(of: Event.self)
    var configuration = database.configuration()
    configuration.applicationName = "listener-test"
    configuration.backoff = Backoff(first: .milliseconds(5), limit: .milliseconds(20))
    let listener = try NotificationListener(
      configuration, channels: channels,
      callbacks: .init(
        onConnected: { continuation.yield(.connected) }, onDisconnected: { continuation.yield(.disconnected($0.description)) },
        onNotification: { continuation.yield(.heard($0.channel, $0.payload)) }))
    return (listener, events)
  }

  @Test("Hears its channels, in order, at the commit, and nothing else")
  func hears() async throws {
    try await withTestDatabase { database in
      let (listener, events) = try listen(database, ["first", "Second \"one\""])
      var next = events.makeAsyncIterator()
      #expect(await next.next() == .connected)
      #expect(listener.isListening)
      try await database.app.run { session in
        try session.notify("other", "x")
        try session.notify("first", "1")
        try session.notify("Second \"one\"", "ў")
        expectFailure(.invalidValue) {
          try session.transaction {
            try session.notify("first", "rolled back")
            try session.execute("SELECT 1/0")
          }
        }
        try session.transaction { try session.notify("first") }
      }
      #expect(await next.next() == .heard("first", "1"))
      #expect(await next.next() == .heard("Second \"one\"", "ў"))
      #expect(await next.next() == .heard("first", ""))
    }
  }

  @Test("A killed backend is noticed, and it listens again")
  func reconnects() async throws {
    try await withTestDatabase { database in
      let (listener, events) = try listen(database, ["news"])
      var next = events.makeAsyncIterator()
      for round in 0..<3 {
        #expect(await next.next() == .connected)
        try await database.app.run { try $0.notify("news", "\(round)") }
        #expect(await next.next() == .heard("news", "\(round)"))
        try await database.superuser.run {
          try $0.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'listener-test'"
          )
        }
        guard case .disconnected = await next.next() else {
          Issue.record("it should have noticed")
          return
        }
      }
      #expect(await next.next() == .connected)
      #expect(listener.isListening)
    }
  }

  @Test("Stops when it is told to and when it is dropped")
  func stops() async throws {
    try await withTestDatabase { database in
      for stops in [true, false] {
        do {
          let (listener, events) = try listen(database, ["news"])
          for await event in events where event == .connected { break }
          if stops { listener.stop() }
          withExtendedLifetime(listener) {}
        }
        let isThere: SQL =
          "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'listener-test')"
        while try await database.superuser.run({ try $0.value(isThere, as: Bool.self) }) == true {}
      }
    }
  }
}
