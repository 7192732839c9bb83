/// A figure that opens the rows behind it. The words are in addresses.
public enum FigureKind: String, Sendable, Hashable, CaseIterable {
  /// Waits that an accountant answered.
  case responses
  /// The first of each case among them.
  case first
  /// Those answered in time.
  case hits
  /// Waits answered too late, or never.
  case misses
  /// Waits that were closed because no answer was needed.
  case dismissed
  /// Documents processed and withdrawn.
  case documents
  /// Ratings.
  case ratings
}

extension Wait {
  /// In which figures it counts, and for whom: response times and hits for the accountant who answered, a miss for whoever held the topic at the
  /// breach, a wait that was closed for who closed it. What an admin or a supervisor answered in time is in no figure.
  public var counts: [(kind: FigureKind, account: AccountID?)] {
    var counts: [(kind: FigureKind, account: AccountID?)] = []
    if response != nil, let credited {
      counts.append((.responses, credited))
      if isFirst { counts.append((.first, credited)) }
      if isHit { counts.append((.hits, credited)) }
    }
    if isMiss { counts.append((.misses, holderAtBreach)) }
    if outcome == .dismissed { counts.append((.dismissed, endedBy)) }
    return counts
  }
}

/// One of the rows behind a figure.
public struct FigureRow: Sendable, Hashable {
  /// What it is.
  public enum Record: Sendable, Hashable {
    /// A wait.
    case wait(Wait)
    /// A document processed (1) or withdrawn (−1).
    case document(DocumentID, count: Int)
    /// A rating.
    case rating(stars: Int)
  }

  /// The case.
  public let place: CasePlace
  /// Whom it counts for; nil: nobody.
  public let account: AccountID?
  /// When it counts.
  public let at: Timestamp
  /// The row of the log that it leads to: a wait's first message, a document's mark, a rating.
  public let seq: Int64
  /// What it is.
  public let record: Record
}

extension MonthWork {
  /// The rows behind a figure, in the order in which they count. There are as many as the figure says; withdrawn documents are rows too.
  /// - Parameter isIn: which rows belong to it, by whom and where they count for.
  public func rows(of kind: FigureKind, where isIn: (Place) -> Bool = { _ in true }) -> [FigureRow] {
    var rows: [FigureRow] = []
    func add(_ place: CasePlace, _ account: AccountID?, _ at: Timestamp, _ seq: Int64, _ record: FigureRow.Record) {
      guard isIn(Place(account: account, topic: place.topic, at: at)) else { return }
      rows.append(FigureRow(place: place, account: account, at: at, seq: seq, record: record))
    }
    switch kind {
    case .responses, .first, .hits, .misses, .dismissed:
      for record in waits {
        guard let end = record.wait.end else { continue }
        for count in record.wait.counts where count.kind == kind {
          add(record.place, count.account, end, record.wait.startSeq, .wait(record.wait))
        }
      }
    case .documents:
      for record in documents {
        add(record.place, record.account, record.at, record.seq, .document(record.document, count: record.count))
      }
    case .ratings:
      for record in ratings { add(record.place, record.account, record.closedAt, record.seq, .rating(stars: record.stars)) }
    }
    return rows.sorted { ($0.at, $0.place.topic, $0.seq) < ($1.at, $1.place.topic, $1.seq) }
  }
}
