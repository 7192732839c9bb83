import Domain
import Storage
import WebSocketServer

/// Something to commit, and who waits for the answer.
struct AppendWork: Sendable {
  /// What to commit.
  var item: LogItem
  /// Which loop asked, by its place in the node.
  var hub: Int
  /// Who asked.
  var socket: SocketID
  /// The request's number.
  var id: Int64?
}

extension AppendWork {
  /// About how many bytes it takes while it waits.
  var size: Int {
    guard case .append(let request) = item else { return 256 }
    switch request.action {
    case .send(let text, _, _, let documents): return 256 + text.utf8.count + documents.count * 8
    case .edit(_, let text), .redact(_, let text), .rate(_, _, .some(let text)), .mark(_, _, .some(let text)),
      .pause(let text), .resume(.some(let text)):
      return 256 + text.utf8.count
    case .delete, .erase, .close, .dismiss, .reopen, .rate(_, _, .none), .mark(_, _, .none), .resume(.none): return 256
    }
  }
}

/// What became of a request.
struct AppendAnswer: Sendable {
  var socket: SocketID
  var id: Int64?
  var result: LogResult
}

/// A batch after its commit, as every loop of the node gets it.
final class CommittedBatch: Sendable {
  /// The answers for each loop, by its place in the node.
  let answers: [[AppendAnswer]]
  /// The new rows and the marks that moved, in order.
  let events: [TopicEvent]

  init(answers: [[AppendAnswer]], events: [TopicEvent]) { (self.answers, self.events) = (answers, events) }
}

/// Who hears of what the appender did. Called on the appender's thread; must not block.
protocol AppendListener: AnyObject, Sendable {
  /// Committed. The loops get it in the order of the commits.
  func committed(_ batch: CommittedBatch)

  /// The connection broke during a commit, and is back: these topics may have rows that nobody was told of.
  func doubtful(_ topics: [TopicID])
}
