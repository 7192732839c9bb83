import Domain
import Foundation

/// Holds rows of topics' logs that say that a message was erased against the action log: whoever exports could put such a row in, and take a text out by
/// it. Only bundles of everything have the whole of both.
struct BundleErasures {
  /// A message, by its topic and number.
  struct Message: Hashable {
    var topic: Int64
    var message: Int64
  }

  /// The details of an action's row, as far as they are compared.
  private struct Detail: Decodable {
    var topic: Int64
    var message: Int64
  }

  /// Rows that say so, each with its place and who wrote it.
  private var rows: [(message: Message, seq: Int64, author: Int64)] = []
  private var asked: [Message: Set<Int64>] = [:]
  private var confirmed: [Message: Set<Int64>] = [:]
  private let decoder = JSONDecoder()

  /// How many rows say that a message was erased.
  var count: Int { rows.count }

  /// Takes a row of a topic's log.
  mutating func take(_ row: BundleRow.Message) {
    guard row.kind == EntryKind.erase.rawValue else { return }
    rows.append((Message(topic: row.topic, message: row.message), row.seq, row.author))
  }

  /// Takes a row of the action log whose hash is right.
  mutating func take(_ row: BundleRow.Action) {
    guard row.action == "erasure.create" || row.action == "erasure.confirm", let account = row.account else { return }
    let detail: Detail
    // What names no message stands for none.
    do { detail = try decoder.decode(Detail.self, from: Data(row.detail.utf8)) } catch { return }
    let message = Message(topic: detail.topic, message: detail.message)
    if row.action == "erasure.create" {
      asked[message, default: []].insert(account)
    } else {
      confirmed[message, default: []].insert(account)
    }
  }

  /// After the action log's last row: erasures that two people haven't agreed to.
  func faults() -> [String] {
    rows.compactMap { row in
      let place = "topic \(row.message.topic), row \(row.seq)"
      guard confirmed[row.message, default: []].contains(row.author) else {
        return "\(place): it says that a message was erased, and the action log doesn't say that its author confirmed that"
      }
      guard asked[row.message, default: []].contains(where: { $0 != row.author }) else {
        return "\(place): it says that a message was erased, and the action log doesn't say that somebody else asked for it"
      }
      return nil
    }
  }
}
