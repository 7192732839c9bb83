/// A case of a topic.
public struct CasePlace: Sendable, Hashable, Comparable {
  /// The topic.
  public var topic: TopicID
  /// The case's number in it.
  public var number: Int32

  /// Names a case.
  public init(topic: TopicID, number: Int32) { (self.topic, self.number) = (topic, number) }

  /// By topic, then by number.
  public static func < (left: Self, right: Self) -> Bool { (left.topic, left.number) < (right.topic, right.number) }
}

/// A wait and where it was.
public struct WaitRecord: Sendable, Hashable {
  /// The case.
  public var place: CasePlace
  /// The wait.
  public var wait: Wait

  /// Places a wait.
  public init(place: CasePlace, wait: Wait) { (self.place, self.wait) = (place, wait) }
}

/// The state that somebody gave to a client's document.
public struct DocumentMark: Sendable, Hashable {
  /// The row.
  public var seq: Int64
  /// When.
  public var at: Timestamp
  /// By whom.
  public var author: AccountID
  /// The document.
  public var document: DocumentID
  /// Which content it has: documents of one case with the same bytes have the same number here.
  public var file: DocumentID
  /// What it has become.
  public var state: DocumentState

  /// A mark.
  public init(seq: Int64, at: Timestamp, author: AccountID, document: DocumentID, file: DocumentID, state: DocumentState) {
    (self.seq, self.at, self.author, self.document, self.file, self.state) = (seq, at, author, document, file, state)
  }
}

/// A client's file that was processed, or whose processing was withdrawn.
public struct WorkedDocument: Sendable, Hashable {
  /// The case.
  public var place: CasePlace
  /// The row that says so.
  public var seq: Int64
  /// When: in this month it counts.
  public var at: Timestamp
  /// Whose work it is; nil: nobody's, since an admin did it.
  public var account: AccountID?
  /// The document.
  public var document: DocumentID
  /// 1: processed; −1: withdrawn.
  public var count: Int

  /// A file that counts.
  public init(place: CasePlace, seq: Int64, at: Timestamp, account: AccountID?, document: DocumentID, count: Int) {
    (self.place, self.seq, self.at, self.account, self.document, self.count) = (place, seq, at, account, document, count)
  }

  /// Counts each content once for the case: the first of its documents that is processed counts, and when none is processed any more, because the
  /// client sent it back, it is withdrawn from whoever it was counted for, until it is processed again.
  /// - Parameter marks: all marks of the case's documents, by row.
  public static func records(of marks: [DocumentMark], at place: CasePlace, in topic: TopicWork) -> [WorkedDocument] {
    var processed: [DocumentID: Set<DocumentID>] = [:]
    var counted: [DocumentID: AccountID?] = [:]
    var records: [WorkedDocument] = []
    for mark in marks {
      func record(_ account: AccountID?, _ count: Int) {
        records.append(
          WorkedDocument(place: place, seq: mark.seq, at: mark.at, account: account, document: mark.document, count: count))
      }
      if mark.state == .processed {
        let isFirst = processed[mark.file, default: []].isEmpty
        processed[mark.file, default: []].insert(mark.document)
        guard isFirst else { continue }
        let account = topic.isAccountant(mark.author, at: mark.at) ? mark.author : nil
        counted[mark.file] = .some(account)
        record(account, 1)
      } else if mark.state == .returned, processed[mark.file]?.remove(mark.document) != nil, processed[mark.file]?.isEmpty == true
      {
        record(counted[mark.file] ?? nil, -1)
      }
    }
    return records
  }
}

/// A client's rating of a case. It counts in the month in which the case was closed.
public struct RatingRecord: Sendable, Hashable {
  /// The case.
  public var place: CasePlace
  /// The row of the rating.
  public var seq: Int64
  /// When the case was closed.
  public var closedAt: Timestamp
  /// Whose rating it is: the accountant who closed the case, or who held the topic when somebody else or nobody did. Nil: nobody's.
  public var account: AccountID?
  /// 1 to 5.
  public var stars: Int

  /// A rating.
  public init(place: CasePlace, seq: Int64, closedAt: Timestamp, closedBy: AccountID?, stars: Int, in topic: TopicWork) {
    (self.place, self.seq, self.closedAt, self.stars) = (place, seq, closedAt, stars)
    if let closedBy, topic.isAccountant(closedBy, at: closedAt) {
      account = closedBy
    } else {
      account = topic.holder(at: closedAt)
    }
  }

  /// A rating that has been judged before.
  public init(place: CasePlace, seq: Int64, closedAt: Timestamp, account: AccountID?, stars: Int) {
    (self.place, self.seq, self.closedAt, self.account, self.stars) = (place, seq, closedAt, account, stars)
  }

  /// Four or five stars.
  public var isPositive: Bool { stars >= 4 }
  /// One or two stars.
  public var isNegative: Bool { stars <= 2 }
}

/// Everything that a month's figures are made of.
public struct MonthWork: Sendable, Hashable {
  /// The waits that ended in the month.
  public var waits: [WaitRecord]
  /// The documents processed and withdrawn in the month.
  public var documents: [WorkedDocument]
  /// The ratings of cases closed in the month.
  public var ratings: [RatingRecord]

  /// Puts records together, without looking at their month.
  public init(waits: [WaitRecord], documents: [WorkedDocument], ratings: [RatingRecord]) {
    (self.waits, self.documents, self.ratings) = (waits, documents, ratings)
  }

  /// Those of the records that count in `month`: a wait when it ended, a document when it was marked, a rating when its case was closed.
  public init(_ month: Month, waits: [WaitRecord], documents: [WorkedDocument], ratings: [RatingRecord]) {
    let span = month.start..<month.end
    self.waits = waits.filter { $0.wait.end.map(span.contains) ?? false }
    self.documents = documents.filter { span.contains($0.at) }
    self.ratings = ratings.filter { span.contains($0.closedAt) }
  }
}
