import Crypto
import Domain
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Reports
import ServerKit
import Storage

/// Tables of companies and people, in and out. Nothing of a table that is brought is kept: it is judged, and judged again in the transaction that
/// does what it says, which happens only when both judgements are the same.
enum ImportActions {
  /// The most bytes of a table.
  static let largest = 5 << 20

  /// The body, whole. Throws: 413, 408.
  static func bytes(_ call: SignedCall) async throws -> [UInt8] {
    if let length = call.call.request.headers[.contentLength].flatMap({ Int($0) }), length > largest { throw Problem.tooLarge }
    let body = call.call.request.body
    return try await withThrowingTaskGroup(of: [UInt8].self) { group in
      group.addTask {
        var bytes: [UInt8] = []
        for try await part in body {
          guard bytes.count + part.readableBytes <= largest else { throw Problem.tooLarge }
          bytes.append(contentsOf: part.readableBytesView)
        }
        return bytes
      }
      group.addTask {
        try await Task.sleep(for: .seconds(60))
        throw Problem(.requestTimeout, "timeout", "The body did not come in time.")
      }
      defer { group.cancelAll() }
      guard let bytes = try await group.next() else { throw Problem.internal }
      return bytes
    }
  }

  /// What a judgement is known by: SHA-256 over all its lines.
  static func digest(_ lines: [JudgedLine]) -> String {
    Hex.string(Array(SHA256.hash(data: Array(lines.map(\.text).joined(separator: "\n").utf8))))
  }

  /// Throws: 409 when the judgement isn't the one that was shown; 422 when a line can't be used.
  private static func admit(_ lines: [JudgedLine], shown: String) throws {
    guard digest(lines) == shown else { throw SettingsActions.changed }
    guard !lines.contains(where: { $0.effect == .error }) else { throw Problem.invalid(["file": "errors"]) }
  }

  /// Judges a table of companies and, when `shown` names that judgement, does what it says. Throws: 409, 422.
  static func organisations(_ table: ImportTable, shown: String?, _ call: SignedCall) async throws -> ImportAnswer {
    guard let shown else {
      let judged = try await call.judge { call, session in
        try OrganisationImport(table, for: call.viewer(.organisation, .read), in: session)
      }
      return ImportAnswer(judged.lines, isDone: false)
    }
    return try await translating {
      try await call.write { call, session in
        let judged = try OrganisationImport(table, for: call.viewer(.organisation, .read), in: session)
        try admit(judged.lines, shown: shown)
        try judged.apply(call, in: session)
        return ImportAnswer(judged.lines, isDone: true)
      }
    }
  }

  /// The same for people. New ones have a password that nobody knows and a link, told once, by which they set their own. Throws: 409, 422, 503.
  static func users(_ table: ImportTable, shown: String?, _ call: SignedCall) async throws -> ImportAnswer {
    let first = try await call.judge { call, session in
      try UserImport(table, for: call.viewer(.account, .read), in: session)
    }
    guard let shown else { return ImportAnswer(first.lines, isDone: false) }
    try admit(first.lines, shown: shown)
    let hash = first.makesAccounts ? try await call.services.passwords.hash(SessionToken().text) : ""
    let accounts = first.accounts
    return try await translating {
      try await call.write(locking: { _ in accounts }) { call, session in
        let judged = try UserImport(table, for: call.viewer(.account, .read), in: session)
        try admit(judged.lines, shown: shown)
        return ImportAnswer(judged.lines, isDone: true, welcomes: try judged.apply(call, passwordHash: hash, in: session))
      }
    }
  }

  /// The table of all companies, which can be brought back as it is.
  static func organisationRows(_ call: SignedCall) async throws -> (columns: [ReportColumn], rows: [[ReportCell]]) {
    let viewer = call.viewer(.organisation, .read)
    let records = try await call.write { call, session in
      let records = try Organisations.list(for: viewer, limit: 100_000, in: session).items.filter { $0.closedAt == nil }
      try ActionLog.append("organisation.export", by: call.actor, detail: ["rows": .number(Int64(records.count))], in: session)
      return records
    }
    let columns = [ReportColumn("name", width: 40), ReportColumn("stir", width: 12), ReportColumn("department", width: 24)]
    return (columns, records.map { [.text($0.name), .text($0.stir ?? ""), .text($0.department.name)] })
  }

  /// The table of all people who may sign in, a line for each role.
  static func userRows(_ call: SignedCall) async throws -> (columns: [ReportColumn], rows: [[ReportCell]]) {
    let viewer = call.viewer(.account, .read)
    let records = try await call.write { call, session in
      let records = try Accounts.list(for: viewer, limit: 100_000, in: session).items.filter { !$0.isDisabled }
      try ActionLog.append("account.export", by: call.actor, detail: ["rows": .number(Int64(records.count))], in: session)
      return records
    }
    let columns = [
      ReportColumn("name", width: 32), ReportColumn("login", width: 20), ReportColumn("language", width: 10),
      ReportColumn("role", width: 14), ReportColumn("organisation", width: 36), ReportColumn("department", width: 24),
    ]
    let rows = records.flatMap { record in
      record.memberships.map { membership -> [ReportCell] in
        [
          .text(record.name), .text(record.login), .text(record.language), .text(membership.role.rawValue),
          .text(membership.organisation?.name ?? ""), .text(membership.department?.name ?? ""),
        ]
      }
    }
    return (columns, rows)
  }

  /// Reads a table. Throws: 413, 408, 422.
  static func table(
    columns: [String: Set<String>], required: [String], _ call: SignedCall
  ) async throws -> ImportTable {
    let bytes = try await bytes(call)
    return try await TableThreads.run { try ImportTable(bytes, columns: columns, required: required) }
  }

  /// A table as a file. Throws: `ReportError`.
  static func file(
    _ table: (columns: [ReportColumn], rows: [[ReportCell]]), name: String, isExcel: Bool, _ call: SignedCall
  ) async throws -> Response {
    let body: ResponseBody
    if isExcel {
      let workbook = try await ExportWorkbook(sheet: name, columns: table.columns, call.services.uploads)
      try await workbook.append(table.rows)
      body = try await workbook.finish().body()
    } else {
      let writer = CSVWriter()
      body = ResponseBody(byteBuffer: ByteBuffer(bytes: writer.head(table.columns) + table.rows.flatMap { writer.row($0) }))
    }
    let type = isExcel ? "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" : "text/csv; charset=utf-8"
    return Response(
      status: .ok,
      headers: [
        .contentType: type, .cacheControl: "no-store",
        .contentDisposition: "attachment; filename=\"\(name).\(isExcel ? "xlsx" : "csv")\"",
      ], body: body)
  }
}
