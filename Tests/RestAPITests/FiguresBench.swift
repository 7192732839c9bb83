import Domain
import HTTPTypes
import Storage
import TestSupport
import Testing

@testable import RestAPI

/// A firm with work in a month that can be closed, and everybody signed in.
struct FiguresBench {
  let bench: RestBench
  let firm: WorkFirm
  let admin: Signed
  let supervisor: Signed
  let accountant: Signed
  /// Two months ago, so that its ratings are no longer possible.
  let month: Month

  /// Rules under which the month's work pays 28 800: 4 000 a document, 20 000 a positive rating, × 1.2 from 50 % on.
  static let rules = #"""
    "documents":{"minimum":0,"steps":[{"from":0,"value":4000}]},"positive":{"minimum":0,"steps":[{"from":0,"value":20000}]},"negative":{"minimum":0,"steps":[{"from":0,"value":-30000}]},"sla":{"minimum":0,"steps":[{"from":5000,"value":12000}]},"cap":null
    """#

  static func run(_ body: @escaping @Sendable (FiguresBench) async throws -> Void) async throws {
    try await RestBench.run { bench in
      let firm = try await WorkFirm(bench.database)
      // Whichever month it is, its days are no holidays.
      let (boss, years) = (firm.admin, Dictionary(uniqueKeysWithValues: FirmCalendar.years.map { ($0, [FirmCalendar.Day]()) }))
      let isWritten = try await bench.database.app.transaction {
        try FirmCalendar(version: 0, weekly: WorkCalendar.standard.weekly, exceptions: years).write(by: boss, in: $0)
      }
      #expect(isWritten)
      let supervisor = try await bench.account("supervisor")
      try await bench.database.makeMembership(supervisor, role: "supervisor", department: firm.organisation.department)
      let month = Month(inTashkentAt: bench.clock.time).previous.previous
      let all = FiguresBench(
        bench: bench, firm: firm, admin: try await bench.signedIn(firm.admin), supervisor: try await bench.signedIn(supervisor),
        accountant: try await bench.signedIn(firm.accountant), month: month)
      try await work(all)
      try await body(all)
    }
  }

  /// A day of the month that is over.
  func day(_ day: Int, _ time: String) -> String { "\(month)-\(day < 10 ? "0" : "")\(day)T\(time)" }

  /// The first Tuesday of a month, which is a working day by the standard calendar.
  static func tuesday(of month: Month) -> LocalDate {
    var date = month.firstDay
    // 1970-01-01 was a Thursday.
    while (date.daysSince1970 + 3) % 7 != 1 { date = date.advanced(by: 1) }
    return date
  }

  /// Makes the bench's rules hold from the month on. Returns the month's bonuses and salaries, as closing wants to hear them.
  func pay() async throws -> String {
    let rules = try await admin.send(
      .post, "/api/v1/bonus/rules", #"{"version":0,"month":"\#(month)","note":"first",\#(Self.rules)}"#)
    #expect(rules.status == 201 && rules.json["version"].number == 1, "\(rules.text)")
    let salary = try await admin.send(
      .put, "/api/v1/salaries/\(firm.accountant)", #"{"version":0,"month":"\#(month)","amount":5000000}"#)
    #expect(salary.status == 200 && salary.json["amount"].number == 5_000_000, "\(salary.text)")
    return #"{"bonuses":28800,"salaries":5000000}"#
  }

  /// An answer in time with a document and five stars, and one that is late: on the first Tuesday and the day after it.
  private static func work(_ bench: FiguresBench) async throws {
    let date = tuesday(of: bench.month)
    let (first, next, firm) = (date.description, date.advanced(by: 1).description, bench.firm)
    var log = WorkLog(firm.database, firm.organisation.topic(.bank))
    let question = try await log.append(1, "\(first)T10:00", by: firm.client)
    let paper = try await log.document(firm.organisation.id, by: firm.client, message: question, content: 1)
    try await log.append(1, "\(first)T10:20", by: firm.accountant, staff: true)
    try await log.mark(paper, .processed, "\(first)T10:22", by: firm.accountant)
    try await log.append(7, "\(next)T10:00", by: firm.accountant, staff: true)
    try await log.append(9, "\(next)T11:00", by: firm.client, stars: 5)
    var late = WorkLog(firm.database, firm.organisation.topic(.ttn))
    try await late.append(1, "\(first)T10:00", by: firm.client)
    try await late.append(1, "\(first)T11:00", by: firm.accountant, staff: true)
    try await late.append(7, "\(next)T11:00", by: firm.accountant, staff: true)
  }
}
