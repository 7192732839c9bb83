import Domain

/// One topic's conversation, read from its script: a line per row of the log, `when | who | what | text`.
///
/// `when` is `-3 09:15` (the third working day before today, Tashkent time) or `now-20` (minutes ago).
/// `what` is `send`, `reply X`, `edit X`, `delete X`, `close`, `reopen` or `rate N`; a word after `send` names the message for later lines,
/// and `holding` after `reply X` marks an answer that is none yet.
struct DemoScript {
  /// One row of the log to be. Rows are numbered from 1, so a message is known by its number before it is written.
  struct Line {
    var at: Timestamp
    var login: String
    var action: Action
  }

  /// What a line does.
  enum Action: Equatable {
    case send(String, reply: Int64, holding: Bool)
    case edit(Int64, String)
    case delete(Int64)
    case close
    case reopen
    case rate(Int16, String?)
  }

  /// What is wrong with a script: the line and why.
  struct Mistake: Error, CustomStringConvertible {
    var description: String
  }

  var lines: [Line] = []

  /// Reads a script as of `now`. Throws: `Mistake`.
  init(_ text: String, now: Timestamp) throws(Mistake) {
    var named: [Substring: Int64] = [:]
    for (index, line) in text.split(separator: "\n").enumerated() {
      let fields = line.split(separator: "|", maxSplits: 3, omittingEmptySubsequences: false).map { $0.trimmed }
      guard fields.count == 4 else { throw Mistake(description: "four fields are expected: \(line)") }
      let words = fields[2].split(separator: " ")
      func target() throws(Mistake) -> Int64 {
        guard words.count > 1, let seq = named[words[1]] else { throw Mistake(description: "no such message: \(line)") }
        return seq
      }
      let body = String(fields[3])
      let action: Action
      switch words.first {
      case "send":
        if words.count > 1 { named[words[1]] = Int64(index + 1) }
        action = .send(body, reply: 0, holding: false)
      case "reply": action = .send(body, reply: try target(), holding: words.last == "holding")
      case "edit": action = .edit(try target(), body)
      case "delete": action = .delete(try target())
      case "close": action = .close
      case "reopen": action = .reopen
      case "rate":
        guard let stars = words.last.flatMap({ Int16($0) }) else { throw Mistake(description: "no stars: \(line)") }
        action = .rate(stars, body.isEmpty ? nil : body)
      default: throw Mistake(description: "no such word: \(line)")
      }
      // Nobody writes on the full minute: some seconds that depend on the line only.
      let at = try Self.moment(fields[0], now: now).advanced(by: .milliseconds((index * 7919 + 1201) % 58_000))
      lines.append(Line(at: at, login: String(fields[1]), action: action))
    }
  }

  private static func moment(_ text: Substring, now: Timestamp) throws(Mistake) -> Timestamp {
    if text.hasPrefix("now-"), let minutes = Int(text.dropFirst(4)), minutes > 0 {
      return now.advanced(by: .seconds(-60 * minutes))
    }
    let words = text.split(separator: " ")
    guard words.count == 2, let back = Int(words[0]), back < 0 else { throw Mistake(description: "no time: \(text)") }
    let clock = words[1].split(separator: ":").compactMap { Int($0) }
    guard clock.count == 2 else { throw Mistake(description: "no time: \(text)") }
    var day = LocalDate(inTashkentAt: now)
    var left = -back
    while left > 0 {
      day = day.advanced(by: -1)
      // 1970-01-01 was a Thursday, so 2 and 3 are Saturday and Sunday.
      if ![2, 3].contains(day.daysSince1970 % 7) { left -= 1 }
    }
    return day.startInTashkent.advanced(by: .seconds(clock[0] * 3600 + clock[1] * 60))
  }
}

extension Substring {
  /// Without the spaces around.
  fileprivate var trimmed: Substring {
    let start = drop { $0 == " " }
    guard let last = start.lastIndex(where: { $0 != " " }) else { return "" }
    return start[...last]
  }
}
