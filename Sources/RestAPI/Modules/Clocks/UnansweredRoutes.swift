import Domain
import Hummingbird
import Storage

/// `/api/v1/unanswered`: cases that were closed over a waiting client, for those who oversee the topics, and for whoever answers for them.
enum UnansweredRoutes {
  /// One of them, as answers carry it.
  private struct Answer: Encodable {
    /// Unique among them, and stable.
    let id: String
    let topic: Int64
    let kind: String
    let organisation: NamedAnswer
    let `case`: Int32
    /// `dismissed` or `silent`.
    let way: String
    let at: String
    let by: NamedAnswer?
    /// The message with which the client's wait began, and when that was.
    let message: Int64
    let since: String
    let reopened: Bool

    init(_ record: UnansweredCloses.Record) {
      id = "\(record.topic)-\(record.seq)"
      (topic, kind, organisation) = (record.topic.rawValue, record.kind.slug, NamedAnswer(record.organisation))
      (`case`, way, at) = (record.caseNumber, record.way.rawValue, record.at.rfc3339)
      by = record.by.map { NamedAnswer($0) }
      (message, since, reopened) = (record.message, record.since.rfc3339, record.wasReopened)
    }
  }

  private struct List: Encodable {
    let items: [Answer]
    let next: String?
  }

  static func add(to table: inout RouteTable) {
    table.needs(.clock, .read, .get, "/api/v1/unanswered") { call in
      let way = try call.call.word("way", of: UnansweredCloses.Way.self)
      let limit = try call.call.query("limit") ?? 100
      guard limit <= 500 else { throw Problem.invalid(["limit": "invalid"]) }
      let cursor = try call.call.place
      let viewer = call.viewer
      let (items, next) = try await call.services.database.run {
        try UnansweredCloses.list(for: viewer, way: way, after: cursor, limit: Int(limit), in: $0)
      }
      return try .json(List(items: items.map(Answer.init), next: next?.description))
    }
  }
}

extension Call {
  /// Where the page begins. Throws: 422 for what no page ended with.
  fileprivate var place: UnansweredCloses.Cursor? {
    get throws(Problem) {
      guard let text = request.uri.queryParameters["cursor"], !text.isEmpty else { return nil }
      guard let cursor = UnansweredCloses.Cursor(String(text)) else { throw .invalid(["cursor": "invalid"]) }
      return cursor
    }
  }
}
