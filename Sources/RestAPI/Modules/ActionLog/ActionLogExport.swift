import Audit
import Crypto
import Domain
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Reports
import ServerKit
import Storage

/// Taking the action log out of the house. Each export is a row of the log itself, written before the first byte goes out.
enum ActionLogExport {
  /// What the file is.
  enum Format: String {
    case csv
    case xlsx
    /// Signed, and checked anywhere by `onefin-cli audit verify`.
    case bundle

    /// Reads it from an address. Throws: 422 for another word.
    init(_ call: Call) throws(Problem) {
      guard let text = call.request.uri.queryParameters["format"], let format = Format(rawValue: String(text)) else {
        throw .invalid(["format": "invalid"])
      }
      self = format
    }

    var mediaType: String {
      switch self {
      case .csv: "text/csv; charset=utf-8"
      case .xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
      case .bundle: "application/x-tar"
      }
    }

    var nameExtension: String { self == .bundle ? "tar" : rawValue }
  }

  /// The file, of the rows that there are when it is asked for.
  static func response(_ filter: ActionFilter, _ format: Format, _ call: SignedCall) async throws -> Response {
    let now = call.services.clock()
    let key = format == .bundle ? try SignedBundle.key(call) : nil
    try await call.judge { call, session in
      var detail = filter.detail
      detail["format"] = .text(format.rawValue)
      try ActionLog.append("action_log.export", by: call.actor, organisation: filter.organisation, detail: detail, in: session)
    }
    let name = "1fin-log-\(LocalDate(inTashkentAt: now)).\(format.nameExtension)"
    let headers: HTTPFields = [
      .contentType: format.mediaType, .contentDisposition: Disposition.header(isInline: false, name: name),
      .cacheControl: "no-store",
    ]
    let pages = Pages(filter: filter, call: call)
    switch format {
    case .csv: return Response(status: .ok, headers: headers, body: csv(pages))
    case .xlsx: return Response(status: .ok, headers: headers, body: try await xlsx(pages, call.services.uploads))
    case .bundle:
      guard let key else { throw Problem.internal }
      return Response(status: .ok, headers: headers, body: try await bundle(filter, key: key, at: now, call))
    }
  }

  private static func bundle(
    _ filter: ActionFilter, key: Curve25519.Signing.PrivateKey, at now: Timestamp, _ call: SignedCall
  ) async throws -> ResponseBody {
    try await SignedBundle.body(call) { session, sink in
      try BundleExport.writeActions(filter, at: now, key: key, in: session, to: sink)
    }
  }

  /// The rows, page by page. The caller is judged again before each: a file of minutes ends with the session or the role that it was asked by.
  struct Pages: AsyncSequence, AsyncIteratorProtocol {
    typealias Element = [ActionRecord]
    let filter: ActionFilter
    let call: SignedCall
    private var cursor: ActionCursor?
    private var isOver = false

    init(filter: ActionFilter, call: SignedCall) { (self.filter, self.call) = (filter, call) }

    func makeAsyncIterator() -> Pages { self }

    mutating func next() async throws -> [ActionRecord]? {
      guard !isOver else { return nil }
      let (filter, place) = (filter, cursor)
      let rows = try await call.judge { _, session in
        try ActionLog.page(filter, before: place, limit: ActionLog.maximumPage, in: session)
      }
      cursor = rows.last?.cursor
      isOver = rows.count < ActionLog.maximumPage
      return rows.isEmpty ? nil : rows
    }
  }

  private static func csv(_ pages: Pages) -> ResponseBody {
    ResponseBody { writer in
      let lines = CSVWriter()
      try await writer.write(ByteBuffer(bytes: lines.head(columns)))
      for try await page in pages {
        var buffer = ByteBuffer()
        for record in page { buffer.writeBytes(lines.row(cells(record))) }
        try await writer.write(buffer)
      }
      try await writer.finish(nil)
    }
  }

  /// A workbook is an archive whose index comes last: it is made in a file, and sent from there. A million rows are packed for longer than a thread of
  /// Swift's tasks may be kept.
  private static func xlsx(_ pages: Pages, _ uploads: UploadDesk) async throws -> ResponseBody {
    let workbook = try await ExportWorkbook(sheet: "Log", columns: columns, uploads)
    return ExportFile.body(of: workbook.file) {
      for try await page in pages {
        try uploads.checkRoom(for: 0)
        try await workbook.append(page.map(cells))
      }
      _ = try await workbook.finish()
    }
  }

  private static let columns: [ReportColumn] = [
    .init("Time", width: 20), .init("Action", width: 22), .init("Who", width: 28), .init("Whom", width: 28),
    .init("Organisation", width: 28), .init("Address", width: 18), .init("Details", width: 60), .init("Row", width: 10),
    .init("Link", width: 10), .init("Hash", width: 66),
  ]

  private static func cells(_ record: ActionRecord) -> [ReportCell] {
    [
      .time(record.at), .text(record.action), record.account.map { .text($0.name) } ?? .empty,
      record.subject.map { .text($0.name) } ?? .empty, record.organisation.map { .text($0.name) } ?? .empty,
      .text(record.address),
      .text(record.detail), .number(record.id), record.seq.map { .number($0) } ?? .empty,
      record.hash.map { .text(Hex.string($0)) } ?? .empty,
    ]
  }
}
