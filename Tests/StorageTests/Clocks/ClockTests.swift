import Domain
import Storage
import TestSupport
import Testing

@Suite("Clocks of waiting clients")
struct ClockTests {
  @Test("A clock runs in working time, stands still for a pause, and as if there had been none when the client rejects it")
  func runs() async throws {
    try await withTestDatabase { database in
      let world = try await ClockWorld.make(database)
      let (client, accountant) = (world.log.client, world.log.accountant)
      #expect(try await world.clocks(0).isEmpty)
      // Asked at 10:00, two hours of work: 12:00 is due.
      try await world.say(client, 60)
      #expect(try await world.clocks(60) == ["ok 120"])
      try await world.say(accountant, 70, holding: true)
      #expect(try await world.clocks(150) == ["soon 30"])
      #expect(try await world.clocks(180) == ["soon 0"])
      #expect(try await world.clocks(181) == ["late -1"])
      // From 13 to 14 nobody works.
      #expect(try await world.clocks(300) == ["late -60"])
      // A pause from 11:00 on: an hour is left, whatever time it is.
      try await world.append(accountant, .pause(wanted: "the act"), 120)
      #expect(try await world.clocks(120) == ["paused 60"])
      #expect(try await world.clocks(3000) == ["paused 60"])
      let now = world.at(200)
      let clock = try await database.app.run { try Clocks.everybody(at: now, in: $0).first }
      #expect(clock?.wanted == "the act" && clock?.holder?.id == accountant && clock?.wait.due == nil)
      // Staff end it at 12:00: due an hour of work later.
      try await world.append(accountant, .resume(reason: nil), 180)
      #expect(try await world.clocks(181) == ["ok 59"])
      #expect(try await world.clocks(240) == ["soon 0"])
      // Another one that the client rejects counts in full, backwards too.
      try await world.append(accountant, .pause(wanted: "the deed"), 182)
      try await world.append(client, .resume(reason: "you have it"), 230)
      #expect(try await world.clocks(240) == ["soon 0"])
      try await world.say(accountant, 239)
      #expect(try await world.clocks(240).isEmpty)
      // The next wait has a clock of its own.
      try await world.say(client, 300)
      #expect(try await world.clocks(300) == ["ok 120"])
      // Whose company has left waits for nobody any more.
      let organisation = world.log.organisation.id
      _ = try await database.app.run { try $0.execute("UPDATE organisation SET closed_at = now() WHERE id = \(organisation)") }
      #expect(try await world.clocks(300).isEmpty)
    }
  }

  @Test("Deleted questions and answers move it, a close that needs no answer stops it, and opening again restores it")
  func moves() async throws {
    try await withTestDatabase { database in
      let world = try await ClockWorld.make(database)
      let (client, accountant) = (world.log.client, world.log.accountant)
      let first = try await world.say(client, 0)
      try await world.say(client, 30)
      #expect(try await world.clocks(60) == ["ok 60"])
      try await world.append(client, .delete(message: first.seq), 60)
      #expect(try await world.clocks(60) == ["ok 90"])
      let answer = try await world.say(accountant, 70)
      #expect(try await world.clocks(75).isEmpty)
      try await world.append(accountant, .delete(message: answer.seq), 80)
      #expect(try await world.clocks(80) == ["ok 70"])
      try await world.append(accountant, .dismiss, 90)
      #expect(try await world.clocks(95).isEmpty)
      try await world.append(client, .reopen, 100)
      #expect(try await world.clocks(100) == ["ok 50"])
    }
  }

  @Test("A question that is taken back after its time was missed all the same, and no plain close hides it")
  func late() async throws {
    try await withTestDatabase { database in
      let world = try await ClockWorld.make(database)
      let (client, accountant) = (world.log.client, world.log.accountant)
      let first = try await world.say(client, 0)
      try await world.append(client, .delete(message: first.seq), 121)
      #expect(try await world.clocks(130) == ["late -10"])
      let refused = await failure { try await world.append(accountant, .close, 131) } as? DomainError
      #expect(refused?.code == .clientWaits)
      try await world.append(accountant, .dismiss, 132)
      // The supervisor is told, and opening again brings the miss back.
      #expect(try await world.bell(world.log.supervisor) == ["case.dismissed"])
      #expect(try await world.unanswered() == ["dismissed \(first.seq)"])
      try await world.append(client, .reopen, 133)
      #expect(try await world.clocks(134) == ["late -14"])
      // Nor does the silence hide it.
      #expect(try await world.expire(200 + 7 * 24 * 60) == 1)
      #expect(try await world.unanswered() == ["silent \(first.seq)", "dismissed \(first.seq)"])
    }
  }

  @Test("A close over a wait names the message with which the clock began, whatever was taken back in time")
  func began() async throws {
    try await withTestDatabase { database in
      let world = try await ClockWorld.make(database)
      let (client, accountant) = (world.log.client, world.log.accountant)
      let void = try await world.say(client, 0)
      let late = try await world.say(client, 10)
      try await world.say(client, 20)
      try await world.append(client, .delete(message: void.seq), 30)
      try await world.append(client, .delete(message: late.seq), 140)
      try await world.append(accountant, .dismiss, 141)
      #expect(try await world.unanswered() == ["dismissed \(late.seq)"])
      // A question that was taken back in time leaves no wait, and a silence over nobody is none.
      let gone = try await world.say(client, 200)
      try await world.append(client, .delete(message: gone.seq), 210)
      #expect(try await world.expire(300 + 7 * 24 * 60) == 1)
      #expect(try await world.unanswered(limit: 1) == ["dismissed \(late.seq)"])
      #expect(try await world.unanswered(.silent).isEmpty)
    }
  }

  @Test("What is wanted from a client can be rejected when staff have answered already, and when the answer is gone")
  func answered() async throws {
    try await withTestDatabase { database in
      let world = try await ClockWorld.make(database)
      let (client, accountant) = (world.log.client, world.log.accountant)
      try await world.say(client, 0)
      try await world.append(accountant, .pause(wanted: "the act"), 10)
      let answer = try await world.say(accountant, 100)
      try await world.append(accountant, .delete(message: answer.seq), 101)
      #expect(try await world.clocks(110) == ["paused 110"])
      try await world.append(client, .resume(reason: "you have it"), 110)
      #expect(try await world.clocks(110) == ["soon 10"])
      let second = try await failsTwice(world)
      #expect(second == .conflict)
    }
  }

  /// A pause, an answer, and two rejections, of which one is too many.
  private func failsTwice(_ world: ClockWorld) async throws -> DomainError.Code? {
    try await world.append(world.log.accountant, .pause(wanted: "the deed"), 111)
    try await world.say(world.log.accountant, 112)
    try await world.append(world.log.client, .resume(reason: "no"), 113)
    return (await failure { try await world.append(world.log.client, .resume(reason: "no"), 114) } as? DomainError)?.code
  }

  @Test("The target at the wait's start counts, and a client's own before the topic's")
  func targets() async throws {
    try await withTestDatabase { database in
      let world = try await ClockWorld.make(database)
      let (client, admin, organisation) = (world.log.client, world.log.admin, world.log.organisation.id)
      func set(topic minutes: Int32?, _ time: Int64) async throws -> Int32? {
        let moment = world.at(time)
        return try await database.app.transaction {
          try ResponseTargets.set(.bank, minutes: minutes, from: moment, by: admin, in: $0)
        }
      }
      func set(client minutes: Int32?, _ time: Int64) async throws -> Int32? {
        let moment = world.at(time)
        return try await database.app.transaction {
          try ResponseTargets.set(organisation, minutes: minutes, from: moment, by: admin, in: $0)
        }
      }
      #expect(try await set(topic: 60, 0) == 120)
      try await world.say(client, 10)
      #expect(try await set(client: 30, 20) == nil)
      #expect(try await world.clocks(40) == ["ok 30"])
      try await world.say(world.log.accountant, 41)
      try await world.say(client, 50)
      #expect(try await world.clocks(50) == ["ok 30"])
      #expect(try await set(client: nil, 55) == 30)
      #expect(try await set(topic: nil, 56) == 60)
      #expect(try await world.clocks(60) == ["ok 20"])
      try await world.say(world.log.accountant, 61)
      try await world.say(client, 70)
      #expect(try await world.clocks(70) == ["open –"])
      let now = try await database.app.run { try ResponseTargets.read(in: $0) }
      #expect(now.topics[.bank] == nil && now.topics[.ttn] == 120 && now.clients.isEmpty)
      #expect(try await set(topic: nil, 80) == nil)
    }
  }

  @Test("A calendar is kept as it was set, year by year, and the clock goes by it")
  func calendar() async throws {
    try await withTestDatabase { database in
      let world = try await ClockWorld.make(database)
      let admin = world.log.admin
      var calendar = try await database.app.run { try FirmCalendar.read(in: $0) }
      #expect(calendar == .initial && !calendar.isSet(2026))
      let holidays = calendar.days(of: 2026).map { "\($0.date) \($0.name)" }
      #expect(
        holidays == [
          "2026-01-01 newYear", "2026-03-08 women", "2026-03-20 ramazon", "2026-03-21 navruz", "2026-05-09 memory",
          "2026-05-27 qurbon", "2026-09-01 independence", "2026-10-01 teachers", "2026-12-08 constitution",
        ])
      let night = try #require(WorkShift("22:00-06:00"))
      let morning = try #require(WorkShift("08:00-12:00"))
      calendar.weekly[5] = [morning]
      let (holiday, saturday) = (try #require(LocalDate("2026-06-08")), try #require(LocalDate("2026-06-13")))
      calendar.exceptions[2026] = [
        .init(date: holiday, shifts: [], name: "firm's day \"x\""),
        .init(date: saturday, shifts: [morning, night], name: "", isApproximate: true),
      ]
      let wanted = calendar
      let isWritten = try await database.app.transaction { try wanted.write(by: admin, in: $0) }
      let again = try await database.app.transaction { try wanted.write(by: admin, in: $0) }
      #expect(isWritten && !again)
      calendar.version = 1
      let read = try await database.app.run { try FirmCalendar.read(in: $0) }
      #expect(read == calendar && read.isSet(2026) && !read.isSet(2027) && read.days(of: 2027).count == 9)
      // Monday is a holiday now: the wait begins to count on Tuesday at nine.
      try await world.say(world.log.client, 60)
      #expect(try await world.clocks(300) == ["ok 120"])
      #expect(try await world.clocks(24 * 60 + 30) == ["ok 90"])
    }
  }

  @Test("Everybody sees the clocks in their reach, and nobody else's")
  func reach() async throws {
    try await withTestDatabase { database in
      let world = try await ClockWorld.make(database)
      let log = world.log
      try await world.say(log.client, 0)
      try await world.append(log.stranger, .send(body: "x", reply: 0, holding: false), 5, topic: log.foreignTopic)
      let idle = try await database.makeAccountant("idle", of: log.organisation, topics: [.ttn])
      let now = world.at(10)
      func seen(_ account: AccountID) async throws -> [TopicID] {
        try await database.app.run { session in
          let memberships = try session.rows(
            "SELECT id, role, organisation_id, department_id FROM membership WHERE account_id = \(account) AND ended_at IS NULL"
          ).map {
            Membership(
              id: try $0.decode(at: 0), role: try $0.decode(at: 1), organisation: try $0.decode(at: 2),
              department: try $0.decode(at: 3))
          }
          let viewer = Viewer(account: account, reach: Reach(memberships, for: Permission(.clock, .read)))
          let (clocks, _) = try Clocks.waiting(for: viewer, at: now, limit: 10, in: session)
          return clocks.map(\.topic)
        }
      }
      #expect(try await seen(log.admin) == [log.topic, log.foreignTopic])
      #expect(try await seen(log.supervisor) == [log.topic])
      #expect(try await seen(log.accountant) == [log.topic])
      for account in [idle, log.client, log.stranger] { #expect(try await seen(account).isEmpty) }
    }
  }
}
