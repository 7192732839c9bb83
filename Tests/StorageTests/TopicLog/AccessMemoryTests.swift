import Domain
import TestSupport
import Testing

@testable import Storage

/// What the appender may remember, and for how long.
@Suite struct AccessMemoryTests {
  /// Noon in Tashkent.
  static let noon = LocalDate(inTashkentAt: Timestamp(microseconds: 1_790_000_000_000_000)).startInTashkent.advanced(
    by: .seconds(12 * 3600))

  static func item(_ topic: Int64 = 1, action: LogAction = .send(body: "x", reply: 0, holding: false)) -> LogItem {
    .append(
      LogRequest(
        topic: TopicID(topic), account: AccountID(1), session: SessionID(1), key: .random(), action: action, at: noon,
        salt: [UInt8](repeating: 7, count: 16)))
  }

  static func entry(staff: Bool? = false, isAlive: Bool = true, end: Timestamp? = nil, at: Timestamp = noon) -> AccessMemory.Entry
  {
    AccessMemory.Entry(access: .init(isAlive: isAlive, staff: staff, isObserver: false), number: 3, sessionEnd: end, readAt: at)
  }

  @Test func believesForAWhileAndNotBackInTime() {
    var memory = AccessMemory(life: .seconds(5))
    memory.remember(Self.entry(), for: Self.item())
    let known = [-1, 0, 4_999_999, 5_000_000].map {
      memory.entry(for: Self.item(), at: Self.noon.advanced(by: .microseconds($0))) != nil
    }
    #expect(known == [false, true, true, false])
    #expect(memory.entry(for: Self.item(2), at: Self.noon) == nil)
    memory.forget(Self.item())
    #expect(memory.entry(for: Self.item(), at: Self.noon) == nil)
  }

  @Test func endsWithTheDayAndWithTheSession() {
    var memory = AccessMemory(life: .seconds(3600))
    let midnight = Self.noon.advanced(by: .seconds(12 * 3600))
    memory.remember(Self.entry(at: midnight.advanced(by: .seconds(-1))), for: Self.item())
    #expect(memory.entry(for: Self.item(), at: midnight.advanced(by: .microseconds(-1))) != nil)
    #expect(memory.entry(for: Self.item(), at: midnight) == nil)
    memory.remember(Self.entry(end: Self.noon.advanced(by: .seconds(60))), for: Self.item())
    #expect(memory.entry(for: Self.item(), at: Self.noon.advanced(by: .seconds(54))) != nil)
    #expect(memory.entry(for: Self.item(), at: Self.noon.advanced(by: .seconds(55))) == nil)
  }

  @Test func keepsOnlyWhoTakesPartAndAnswersNoRedaction() {
    var memory = AccessMemory(limit: 2)
    memory.remember(Self.entry(staff: nil), for: Self.item())
    memory.remember(Self.entry(isAlive: false), for: Self.item())
    #expect(memory.entry(for: Self.item(), at: Self.noon) == nil)
    memory.remember(Self.entry(), for: Self.item())
    #expect(memory.entry(for: Self.item(action: .redact(message: 1, reason: "why")), at: Self.noon) == nil)
    memory.remember(Self.entry(), for: Self.item(2))
    memory.remember(Self.entry(), for: Self.item(3))
    let known = (1...3).map { memory.entry(for: Self.item($0), at: Self.noon) != nil }
    #expect(known == [false, false, true])
  }

  /// Each way in which somebody loses a topic, right after a message went through by memory.
  @Test(arguments: ["session", "membership", "disabled", "password", "assignment"])
  func noRevocationIsOutlived(by way: String) async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      let writer = way == "assignment" ? world.accountant : world.client
      let other = world.secondClient
      let session = try await database.makeSession(writer)
      let organisation = world.organisation.id
      let codes = try await database.app.run { database -> [[String]] in
        var memory = AccessMemory(life: .seconds(3600))
        func send() throws -> [String] {
          let items = [writer, other].map {
            LogItem.append(world.request($0, .send(body: "x", reply: 0, holding: false), session: $0 == writer ? session : nil))
          }
          return try TopicLog.append(items, remembering: &memory, in: database).results.map { result in
            switch result {
            case .refused(let error): error.code.rawValue
            default: "ok"
            }
          }
        }
        var codes = [try send(), try send()]
        let first = LogItem.append(world.request(writer, .send(body: "x", reply: 0, holding: false), session: session))
        #expect(memory.entry(for: first, at: .now) != nil)
        try AccessChange.run(in: database) {
          switch way {
          case "session": _ = try Sessions.end(session, reason: "test", in: database)
          case "membership":
            let id: MembershipID = try database.one("SELECT id FROM membership WHERE account_id = \(writer)").decode(at: 0)
            _ = try Accounts.endMembership(id, in: database)
          case "disabled": try Accounts.setDisabled(writer, true, in: database)
          case "password": try Accounts.setPassword(writer, hash: "-", except: nil, in: database)
          default:
            let id: AssignmentID = try database.one(
              "SELECT id FROM assignment WHERE account_id = \(writer) AND organisation_id = \(organisation)"
            ).decode(at: 0)
            _ = try Assignments.end(id, in: database)
          }
        }
        codes += [try send(), try send()]
        return codes
      }
      #expect(codes == [["ok", "ok"], ["ok", "ok"], ["not_found", "ok"], ["not_found", "ok"]])
    }
  }
}
