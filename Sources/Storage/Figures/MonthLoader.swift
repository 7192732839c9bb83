public import Domain

/// A topic and whose it is.
public struct TopicPlace: Sendable, Hashable {
  /// The topic.
  public let topic: TopicID
  /// Its kind.
  public let kind: TopicKind
  /// The client.
  public let organisation: OrganisationID
  /// The client's department.
  public let department: DepartmentID
}

/// A month's work and where it was done.
public struct LoadedMonth: Sendable {
  /// What counts in the month.
  public var work: MonthWork
  /// All topics of the installation.
  public var topics: [TopicID: TopicPlace]
  /// Waits that began before the month's end and still run.
  public var running: Int
  /// How many rows of the log were read for it.
  public var events: Int
}

/// Reads a month's work out of the log.
///
/// It asks nobody's permission: whoever shows what it loads narrows it by the reader's reach.
public struct MonthLoader {
  private let session: Session
  private let month: Month
  private let topics: [TopicID: TopicPlace]
  private let works: [TopicID: TopicWork]

  /// Reads topics, assignments and targets. Throws: `DatabaseError`.
  public init(_ month: Month, calendar: WorkCalendar, in session: Session) throws {
    (self.session, self.month) = (session, month)
    topics = try Self.topics(in: session)
    works = try TopicWorks.read(topics.keys.sorted(), calendar: calendar, in: session)
  }

  /// Everything that counts in the month, without what a closed month has counted already. Throws: `DatabaseError`.
  public func load() throws -> LoadedMonth {
    let (waits, events) = try waits()
    let running = waits.count { $0.wait.outcome == .open && $0.wait.start < month.end }
    let work = MonthWork(month, waits: waits, documents: try documents(), ratings: try ratings())
    return LoadedMonth(work: work, topics: topics, running: running, events: events)
  }

  /// The waits that are under way, of every topic; those of topics in which somebody waits, the most urgent first. Throws: `DatabaseError`.
  public func openWaits() throws -> [WaitRecord] {
    try waits().waits.filter { $0.wait.outcome == .open }
      .sorted { ($0.wait.due?.microseconds ?? .max, $0.place) < ($1.wait.due?.microseconds ?? .max, $1.place) }
  }

  /// All topics. Throws: `DatabaseError`.
  public static func topics(in session: Session) throws -> [TopicID: TopicPlace] {
    var topics: [TopicID: TopicPlace] = [:]
    for row in try session.result(
      "SELECT t.id, t.kind, t.organisation_id, o.department_id FROM topic t JOIN organisation o ON o.id = t.organisation_id")
    {
      let place = TopicPlace(
        topic: try row.decode(at: 0), kind: try row.decode(at: 1), organisation: try row.decode(at: 2),
        department: try row.decode(at: 3))
      topics[place.topic] = place
    }
    return topics
  }

  /// The waits of every case that was open in the month, and how many rows they were read off.
  private func waits() throws -> (waits: [WaitRecord], events: Int) {
    try CaseReader(session: session, works: works).waits(from: month.start, before: month.end)
  }

  /// Processed and withdrawn files of every case in which one was in this month.
  private func documents() throws -> [WorkedDocument] {
    let rows = try session.result(
      """
      WITH touched AS (
        SELECT DISTINCT d.topic_id, e.case_number, d.hash
          FROM document_mark m JOIN document d ON d.id = m.document_id
          JOIN topic_entry e ON e.topic_id = d.topic_id AND e.seq = d.message
         WHERE m.at >= \(month.start) AND m.at < \(month.end) AND m.state IN ('processed', 'returned') AND NOT d.staff),
      file AS (
        SELECT d.topic_id, t.case_number, d.id, min(d.id) OVER (PARTITION BY d.topic_id, t.case_number, d.hash) AS first
          FROM touched t JOIN document d ON d.topic_id = t.topic_id AND d.hash = t.hash AND NOT d.staff
          JOIN topic_entry e ON e.topic_id = d.topic_id AND e.seq = d.message AND e.case_number = t.case_number)
      SELECT f.topic_id, f.case_number, m.seq, m.at, m.by, f.id, f.first, m.state
        FROM file f JOIN document_mark m ON m.document_id = f.id AND m.state IN ('processed', 'returned')
       ORDER BY f.topic_id, f.case_number, m.seq
      """)
    var marks: [CasePlace: [DocumentMark]] = [:]
    for row in rows {
      guard let state = DocumentState(rawValue: try row.decode(at: 7)) else { continue }
      let place = CasePlace(topic: try row.decode(at: 0), number: try row.decode(at: 1))
      marks[place, default: []].append(
        DocumentMark(
          seq: try row.decode(at: 2), at: try row.decode(at: 3), author: try row.decode(at: 4), document: try row.decode(at: 5),
          file: try row.decode(at: 6), state: state))
    }
    return marks.sorted { $0.key < $1.key }.flatMap { place, marks in
      works[place.topic].map { WorkedDocument.records(of: marks, at: place, in: $0) } ?? []
    }
  }

  /// The ratings of the cases that were closed in this month.
  private func ratings() throws -> [RatingRecord] {
    let rows = try session.result(
      """
      SELECT c.topic_id, c.number, c.rated_seq, c.closed_at, c.closed_by, c.stars FROM topic_case c
       WHERE c.closed_at >= \(month.start) AND c.closed_at < \(month.end) AND c.stars IS NOT NULL ORDER BY c.topic_id, c.number
      """)
    return try rows.compactMap { row in
      let place = CasePlace(topic: try row.decode(at: 0), number: try row.decode(at: 1))
      return try works[place.topic].map { work in
        RatingRecord(
          place: place, seq: try row.decode(at: 2), closedAt: try row.decode(at: 3), closedBy: try row.decode(at: 4),
          stars: try row.decode(at: 5), in: work)
      }
    }
  }
}
