/// Response times of some waits, in microseconds of working time.
public struct ResponseTimes: Sendable, Hashable {
  /// How many.
  public let count: Int
  /// Their sum.
  public let sum: Int64
  /// The middle one; of an even number the mean of the two in the middle, rounded down to the microsecond. Nil without any.
  public let median: Int64?
  /// The time that nine tenths of them don't exceed (nearest rank). Nil without any.
  public let ninetieth: Int64?

  /// Their mean, rounded down to the microsecond; nil without any.
  public var mean: Int64? { count == 0 ? nil : sum / Int64(count) }

  /// Measures times in any order.
  public init(_ times: [Int64]) {
    let sorted = times.sorted()
    count = sorted.count
    sum = sorted.reduce(0, +)
    guard !sorted.isEmpty else {
      (median, ninetieth) = (nil, nil)
      return
    }
    let half = sorted.count / 2
    median = sorted.count % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
    ninetieth = sorted[(sorted.count * 9 + 9) / 10 - 1]
  }

  /// Measures that have been written down before.
  public init(count: Int, sum: Int64, median: Int64?, ninetieth: Int64?) {
    (self.count, self.sum, self.median, self.ninetieth) = (count, sum, median, ninetieth)
  }
}

/// How fast and how well somebody worked in a month, or how a topic, a client or a department was served.
public struct Figures: Sendable, Hashable {
  /// The response times of all waits that an accountant ended.
  public var responses = ResponseTimes([])
  /// Those of the first wait of each case.
  public var first = ResponseTimes([])
  /// Waits answered within their target.
  public var hits = 0
  /// Waits answered too late, or never.
  public var misses = 0
  /// Documents processed less those withdrawn.
  public var documents = 0
  /// Ratings with one to five stars.
  public var stars = [0, 0, 0, 0, 0]
  /// Waits that were closed because no answer was needed.
  public var dismissed = 0
  /// Those of them whose target had passed.
  public var dismissedLate = 0

  /// Nothing.
  public init() {}

  /// Ratings of four or five stars.
  public var positive: Int { stars[3] + stars[4] }
  /// Ratings of one or two stars.
  public var negative: Int { stars[0] + stars[1] }
  /// All ratings.
  public var ratings: Int { stars.reduce(0, +) }
  /// The sum of all stars.
  public var starSum: Int { zip(stars, 1...).reduce(0) { $0 + $1.0 * $1.1 } }
  /// The share of hits in ten-thousandths, rounded down, for showing; thresholds are held against hits and misses themselves. Nil when nothing
  /// was measured.
  public var slaShare: Int? { hits + misses == 0 ? nil : hits * 10_000 / (hits + misses) }
}

extension MonthWork {
  /// What a record says to a figure: what it is about decides where it counts.
  public struct Place: Sendable {
    /// Whom it is credited to or blamed on; nil: nobody.
    public var account: AccountID?
    /// In which topic.
    public var topic: TopicID
    /// When it counts.
    public var at: Timestamp
  }

  /// The figures of every group that has any.
  ///
  /// Response times and hits belong to the accountant who answered, misses to whoever held the topic at the breach, waits that were closed to who
  /// closed them, documents and ratings to whose they are. Answers of an admin or a supervisor are in no figure, unless they were too late.
  /// - Parameter key: which group a record belongs to; nil: none.
  public func figures<Key: Hashable>(by key: (Place) -> Key?) -> [Key: Figures] {
    var groups: [Key: Gathering] = [:]
    for record in waits {
      guard let end = record.wait.end else { continue }
      for (kind, account) in record.wait.counts {
        guard let key = key(Place(account: account, topic: record.place.topic, at: end)) else { continue }
        groups[key, default: Gathering()].take(record.wait, as: kind)
      }
    }
    for record in documents {
      guard let key = key(Place(account: record.account, topic: record.place.topic, at: record.at)) else { continue }
      groups[key, default: Gathering()].figures.documents += record.count
    }
    for record in ratings where (1...5).contains(record.stars) {
      guard let key = key(Place(account: record.account, topic: record.place.topic, at: record.closedAt)) else { continue }
      groups[key, default: Gathering()].figures.stars[record.stars - 1] += 1
    }
    return groups.mapValues(\.measured)
  }

  /// The figures of everything that `isIn` lets in.
  public func figures(where isIn: (Place) -> Bool = { _ in true }) -> Figures {
    figures { isIn($0) ? true : nil }[true] ?? Figures()
  }
}

/// Figures that are still being gathered.
private struct Gathering {
  var figures = Figures()
  var responses: [Int64] = []
  var first: [Int64] = []

  mutating func take(_ wait: Wait, as kind: FigureKind) {
    switch kind {
    case .responses: responses.append(wait.response ?? 0)
    case .first: first.append(wait.response ?? 0)
    case .hits: figures.hits += 1
    case .misses: figures.misses += 1
    case .dismissed:
      figures.dismissed += 1
      if wait.isLate { figures.dismissedLate += 1 }
    case .documents, .ratings: break
    }
  }

  var measured: Figures {
    var figures = figures
    figures.responses = ResponseTimes(responses)
    figures.first = ResponseTimes(first)
    return figures
  }
}
