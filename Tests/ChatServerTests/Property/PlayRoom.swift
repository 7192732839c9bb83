import Domain
import Logging
import Storage
import TestSupport
import Testing
import WebSocketServer

@testable import ChatServer

/// Where a play happens: two nodes of two loops on one database, several people, three topics. It can tell when nothing is on its way any more.
final class PlayRoom {
  let database: TestDatabase
  let clock = HandClock()
  let wakes = TestWakes()
  let nodes: [TestNode]
  let seats: [PlaySeat]
  let topics: [TopicID]
  /// Whose access comes and goes.
  private let changing: [(account: AccountID, role: String)]
  private let organisation: TestOrganisation
  /// Stands in for the outbox's reader where the broker does not read it.
  private let exchange: MemoryExchange?
  private var feed = OutboxFeed()
  /// Somebody of another firm, who notes on each node that the appender has told everything.
  private var markers: [TestClient] = []
  private let markerTopic: TopicID
  private var fences: Int64 = 0
  /// A node did not push for a while: typing is not repeated.
  private var mayMissTyping = false

  /// `isPostgres`: the nodes hear each other through Postgres, else in memory, which is quicker. `rows` are there before anybody comes.
  static func make(_ database: TestDatabase, isPostgres: Bool, rows: Int) async throws -> PlayRoom {
    let world = try await ChatWorld.make(database)
    let second = try await database.makeOrganisation("Gamma", department: world.organisation.department)
    try await database.makeMembership(world.client, role: "client", organisation: second.id)
    let marker = try await database.makeClient(
      "marker", of: try await database.makeOrganisation("Delta", department: second.department))
    let markerTopic: TopicID = try await database.app.run {
      try $0.one("SELECT topic_id FROM topic_participant WHERE account_id = \(marker) ORDER BY 1 LIMIT 1").decode(at: 0)
    }
    let room = try PlayRoom(database, world, second, markerTopic, isPostgres ? nil : MemoryExchange())
    for node in room.nodes { room.markers.append(try await node.connect(marker)) }
    let (topic, client, now) = (world.topic, world.client, room.clock.now)
    _ = try await database.app.run { session in
      try TopicLog.append(
        (0..<rows).map { number in
          .append(
            LogRequest(
              topic: topic, account: client, session: nil, key: Key(high: 3, low: UInt64(number)),
              action: .send(body: "eski \(number)", reply: 0, holding: false), at: now, salt: [UInt8](repeating: 7, count: 16)))
        }, in: session)
    }
    // Until the feeds stand, news from before do not count.
    try await room.nodes[0].until("the feed") { room.nodes.allSatisfy { $0.hubs.allSatisfy { !$0.isFeedSilent } } }
    for seat in room.seats { try await seat.connect() }
    try await room.settle()
    return room
  }

  private init(
    _ database: TestDatabase, _ world: ChatWorld, _ second: TestOrganisation, _ markerTopic: TopicID, _ exchange: MemoryExchange?
  ) throws {
    (self.database, self.exchange, self.markerTopic, organisation) = (database, exchange, markerTopic, world.organisation)
    let (clock, wakes) = (clock, wakes)
    let nodes = try (1...2).map {
      try TestNode(database, clock: clock, exchange: exchange, loops: 2, number: UInt64($0), wakes: wakes)
    }
    self.nodes = nodes
    topics = [world.topic, world.organisation.topic(.dogovor), second.topic(.bank)]
    changing = [(world.secondClient, "client"), (world.accountant, "accountant")]
    let people = [
      (world.client, false), (world.client, false), (world.secondClient, false), (world.accountant, false),
      (world.supervisor, true),
      (world.admin, true), (world.accountant, false),
    ]
    seats = people.enumerated().map { place, person in
      PlaySeat(place, person.0, (nodes[place % 2], place / 2 % 2), opensDeleted: person.1)
    }
  }

  func stop() {
    for node in nodes { node.stop() }
  }

  // MARK: Time

  /// Lets everybody take what has come, and only then moves the clock: what is received is received at its time.
  func advance(_ milliseconds: Int64) throws {
    wakes.drain()
    try take()
    clock.advance(milliseconds)
    if nodes.contains(where: { $0.hubs.contains(where: \.isFeedSilent) && $0.node.isDeaf }) { mayMissTyping = true }
    for node in nodes where !node.node.isDeaf { node.node.heartbeat(age: 0) }
    wakes.drain()
    for hub in nodes.flatMap(\.hubs) { hub.tick() }
    try take()
  }

  private func take() throws {
    for seat in seats {
      seat.forgetTyping()
      try seat.take()
    }
  }

  // MARK: Rest

  /// What is still under way in the servers; nothing when they are at rest.
  private var business: [String] {
    nodes.enumerated().flatMap { place, node in
      node.hubs.flatMap { hub -> [String] in
        var business: [String] = []
        func note(_ what: String, _ isSo: Bool) { if isSo { business.append("node \(place) loop \(hub.index): \(what)") } }
        note("opening \(hub.openingCount)", hub.openingCount != 0)
        note("stale \(hub.stale)", !hub.stale.isEmpty)
        note("sessions", hub.isCheckingSessions)
        note("reads", hub.sockets.values.contains { $0.reads != 0 })
        for topic in hub.topics.values {
          note("reading \(topic.id)", topic.isRefreshing || topic.needsRefresh)
          note("rows of \(topic.id) wait after \(topic.head ?? -1)", !topic.waiting.isEmpty)
          note("marks of \(topic.id) wait after \(topic.head ?? -1)", !topic.waitingMarks.isEmpty)
        }
        return business
      }
    }
  }

  /// Waits until every question is answered, every node has heard what every other has said, and nobody has anything left to ask.
  func settle() async throws {
    for node in nodes {
      node.node.isDeaf = false
      node.node.heartbeat(age: 0)
    }
    if mayMissTyping { try advance(PageTopic.typingLife) }
    mayMissTyping = false
    var before: [Int] = []
    for _ in 0..<100 {
      try await quiet()
      try await fence()
      try await quiet()
      try await readAllPapers()
      let now = seats.map { $0.client?.transcript.count ?? -1 }
      if now == before { return }
      before = now
    }
    throw PlaySeat.Broken(description: "it does not come to rest")
  }

  private func quiet() async throws {
    let start = ContinuousClock.now
    try await nodes[0].until("quiet") {
      try take()
      if ContinuousClock.now - start > .seconds(15) {
        throw PlaySeat.Broken(description: "no rest: \(business + seats.map(\.open).filter { !$0.isEmpty })")
      }
      return !seats.contains(where: \.isWaiting) && business.isEmpty
    }
  }

  /// Waits until a seat has its answers, unless it does not read.
  func wait(for seat: PlaySeat) async throws {
    try await nodes[0].until("answers") {
      try take()
      return seat.isSlow || !seat.isWaiting
    }
  }

  /// Everything that was said before is heard when this is.
  private func fence() async throws {
    fences += 1
    // The appender has told of earlier batches once it answers a later one.
    for marker in markers { try await marker.ok("read", #""topic":\#(markerTopic),"seq":0"#) }
    let session = SessionID(-fences)
    try await forward()
    if let exchange {
      exchange.publish(.session([session]))
    } else {
      try await database.app.run { try AccessChange.publish(ended: [session], in: $0) }
      try await database.app.run { try Outbox.wake(in: $0) }
    }
    for (place, node) in nodes.enumerated() {
      node.node.typing(TopicID(-1), AccountID(-fences * 10 - Int64(place)), isOn: true, from: -1)
    }
    let (hubs, number) = (nodes.flatMap(\.hubs), fences)
    try await nodes[0].until("the fence") {
      hubs.allSatisfy { hub in
        hub.endedSessions[session] != nil
          && nodes.indices.allSatisfy { hub.typing[TopicID(-1)]?[AccountID(-number * 10 - Int64($0))] != nil }
      }
    }
  }

  // MARK: Access

  /// Tells of what stands in the outbox, where nobody reads it.
  func forward() async throws {
    guard let exchange else { return }
    var feed = feed
    let news = try await database.app.run { [feed] session in
      var feed = feed
      let news = try feed.next(in: session)
      return (feed, news)
    }
    feed = news.0
    self.feed = feed
    for one in news.1 { exchange.publish(one) }
  }

  /// Gives access to whoever has none, and takes it from whoever has.
  func changeAccess(_ number: Int) async throws {
    let (account, role) = changing[number % changing.count]
    let (organisation, admin) = (organisation, seats[5].account)
    try await database.app.run { session in
      try AccessChange.run(in: session) {
        if role == "client" {
          let live: MembershipID? = try session.value(
            "SELECT id FROM membership WHERE account_id = \(account) AND ended_at IS NULL")
          if let live {
            _ = try Accounts.endMembership(live, in: session)
          } else {
            _ = try Accounts.addMembership(account, role: .client, organisation: organisation.id, department: nil, in: session)
          }
        } else {
          let live: AssignmentID? = try session.value(
            "SELECT id FROM assignment WHERE account_id = \(account) AND ended_at IS NULL")
          if let live {
            _ = try Assignments.end(live, in: session)
          } else {
            _ = try Assignments.create(
              account: account, organisation: organisation.id, topics: TopicKind.allCases,
              from: LocalDate(inTashkentAt: Timestamp.now), to: nil, by: admin, in: session)
          }
        }
      }
    }
    try await forward()
  }

  func endSession(of seat: PlaySeat) async throws {
    guard let session = seat.sessionID else { return }
    try await database.app.run { database in
      try AccessChange.run(in: database) { _ = try Sessions.end(session, reason: "test", in: database) }
    }
    seat.hasEnded = true
    try await forward()
  }

  // MARK: Comparing

  /// What anybody keeps otherwise than a fresh look through another socket shows it; nothing when all is right.
  func differences() async throws -> [String] {
    var differences: [String] = []
    for seat in seats {
      guard seat.client != nil, let session = seat.sessionID, let inbox = seat.inbox else { continue }
      let other = try await seat.node.connect(seat.account, loop: seat.hub.index, session: session)
      defer { seat.hub.closed(other.socket) }
      let list = PageInbox(try await other.ok("inbox"))
      var fresh: [PageTopic] = []
      for topic in seat.live.sorted() {
        let fields = #""topic":\#(topic),"epoch":"\#(list.epoch.text ?? "")","after":0"#
        let answer = try await other.answer(other.request("subscribe", fields))
        if let state = answer["ok"] {
          fresh.append(PageTopic(state, opensDeleted: seat.opensDeleted, me: seat.account.rawValue, now: clock.clock.uptime()))
        } else {
          differences.append("seat \(seat.place) is live in topic \(topic), a fresh look is refused: \(answer.brief)")
        }
      }
      differences += inbox.differences(from: list).map { "seat \(seat.place): \($0)" }
      for page in fresh {
        guard var kept = seat.topics[page.topic] else { continue }
        kept.forgetTyping(now: clock.clock.uptime())
        differences += kept.differences(from: page).map { "seat \(seat.place): \($0)" }
        differences += try await pages(of: page, other).map { "seat \(seat.place): \($0)" }
        differences += try await papers(kept, fresh: page, seat.account, session).map { "seat \(seat.place): \($0)" }
      }
    }
    for topic in topics {
      if let fault = try await database.app.run({ try TopicLog.verifyChain(topic: topic, in: $0) }) {
        differences.append("the chain of \(topic): \(fault)")
      }
    }
    return differences
  }

  /// `history` page by page, and `versions`, against the rows of a fresh look.
  private func pages(of page: PageTopic, _ client: TestClient) async throws -> [String] {
    var differences: [String] = []
    var rows: [JSONValue] = []
    var before = page.head + 1
    var hasMore = before > 1
    while hasMore {
      let answer = try await client.ok("history", #""topic":\#(page.topic),"before":\#(before),"limit":37"#)
      let older = answer["entries"]?.list ?? []
      rows = older + rows
      hasMore = answer["more"]?.flag ?? false
      guard let first = older.first?["seq"]?.number, first < before else { break }
      before = first
    }
    if rows != page.rows { differences.append("topic \(page.topic): history is not the log") }
    guard let message = rows.last(where: { $0["kind"]?.text == "edit" })?["message"]?.number else { return differences }
    let versions = try await client.ok("versions", #""topic":\#(page.topic),"message":\#(message)"#)["entries"]?.list
    if versions != page.versions(of: message) { differences.append("topic \(page.topic): versions of \(message)") }
    return differences
  }

  /// What a page keeps of the documents that it shows, against what REST says now, and against the rows.
  private func papers(_ kept: PageTopic, fresh: PageTopic, _ account: AccountID, _ session: SessionID) async throws -> [String] {
    let shown = kept.documents
    guard !shown.isEmpty else { return [] }
    guard let answer = try await papers(shown, kept.topic, account, session) else {
      return ["topic \(kept.topic): it is shown, and its documents are not"]
    }
    var differences: [String] = []
    for document in shown {
      let record = answer.first { $0["document"]?.number == document } ?? .null
      let known = kept.paper(document)
      if known != record {
        differences.append("topic \(kept.topic) document \(document): kept \(known.brief), fetched \(record.brief)")
      }
      let card = fresh.rows.flatMap { $0["documents"]?.list ?? [] }.first { $0["document"]?.number == document }
      for field in ["name", "size", "type"] where record[field] != card?[field] {
        differences.append("topic \(kept.topic) document \(document): its row says another \(field)")
      }
    }
    return differences
  }
}
