import Domain
import Foundation
import Hummingbird
import HummingbirdCore
import Storage

/// Who did a step, and when, as answers carry it.
struct StepAnswer: Encodable {
  let by: NamedAnswer
  let at: String

  init(_ step: Erasures.Step) { (by, at) = (NamedAnswer(step.by), step.at.rfc3339) }
}

/// A ghost's stay, as answers carry it.
struct StayAnswer: Encodable {
  let id: Int64
  let watcher: NamedAnswer
  let organisation: NamedAnswer
  let topic: Int64
  let kind: String
  let reason: String
  let address: String
  let device: String
  let started: String
  let until: String
  let ended: String?
  let from: Int64?
  let to: Int64?
  let rows: Int
  let files: Int
  let acknowledged: StepAnswer?
  let remark: String?

  init(_ record: GhostStays.Record) {
    id = record.id.rawValue
    watcher = NamedAnswer(record.watcher)
    organisation = NamedAnswer(record.organisation)
    topic = record.topic.rawValue
    kind = record.kind.slug
    (reason, address, device) = (record.reason, record.address, record.device)
    (started, until, ended) = (record.started.rfc3339, record.until.rfc3339, record.ended?.rfc3339)
    (from, to, rows, files) = (record.lowest, record.highest, record.rows, record.files)
    acknowledged = record.acknowledged.map(StepAnswer.init)
    remark = record.remark
  }
}

/// A row of the ledger, as answers carry it.
struct LedgerAnswer: Encodable {
  let seq: Int64
  let at: String
  let kind: String
  let account: Int64
  let from: Int64?
  let to: Int64?
  let document: Int64?
  let documents: [Int64]?
  let rendition: String?
  let handing: String?
  let hash: String

  private struct Detail: Decodable {
    let documents: [Int64]?
    let rendition: String?
    let handing: String?
  }

  init(_ row: GhostLedger.Row) throws {
    seq = row.seq
    at = row.at.rfc3339
    kind = row.kind.slug
    account = row.account.rawValue
    (from, to) = row.highest > 0 ? (row.lowest, row.highest) : (nil, nil)
    document = row.document > 0 ? row.document : nil
    let detail = try JSONDecoder().decode(Detail.self, from: Data(row.detail.utf8))
    (documents, rendition, handing) = (detail.documents, detail.rendition, detail.handing)
    hash = Hex.string(row.hash)
  }
}

/// A stay with its rows of the ledger.
struct StayDetailAnswer: Encodable {
  let stay: StayAnswer
  let ledger: [LedgerAnswer]
}

/// How much somebody watched in a month, as answers carry it.
struct ReportAnswer: Encodable {
  let watcher: NamedAnswer
  let month: String
  let stays: Int
  let seconds: Int64
  let files: Int
  let unacknowledged: Int
  let organisations: [String]
  let reasons: [String]

  init(_ line: GhostStays.Line) {
    watcher = NamedAnswer(line.watcher)
    month = String(line.month.description.prefix(7))
    (stays, seconds, files, unacknowledged) = (line.stays, line.seconds, line.files, line.unacknowledged)
    (organisations, reasons) = (line.organisations, line.reasons)
  }
}

/// A root of the ledger, as answers carry it.
struct GhostRootAnswer: Encodable {
  let day: String
  let rows: Int64
  let hash: String

  init(_ root: GhostLedger.Root) { (day, rows, hash) = (root.day.description, root.head.seq, Hex.string(root.head.hash)) }
}

extension Call {
  /// A day of the query. Throws: 422 when it is there and is none.
  func date(_ name: String) throws(Problem) -> LocalDate? {
    guard let text = request.uri.queryParameters[Substring(name)], !text.isEmpty else { return nil }
    guard let day = LocalDate(String(text)) else { throw .invalid([name: "invalid"]) }
    return day
  }

  /// A word of the query. Throws: 422 when it is there and isn't one of the set's.
  func word<Value: RawRepresentable<String>>(_ name: String, of type: Value.Type) throws(Problem) -> Value? {
    guard let text = request.uri.queryParameters[Substring(name)], !text.isEmpty else { return nil }
    guard let value = Value(rawValue: String(text)) else { throw .invalid([name: "invalid"]) }
    return value
  }
}
