public import Domain
import Synchronization

/// The newest rows of topics as they were last read, for those who open the same topic next: reading fifty rows costs Postgres more than all else that
/// an opened topic is put together from.
///
/// It can't be stale: each look asks in its own snapshot whether the topic's newest row still has the hash that these rows end with, and reads them
/// when it hasn't. Nothing else is remembered: rights, marks and names are read for every look.
///
/// Of what is erased nothing stays: an erasure forgets its topic's rows, and whoever was just reading then, perhaps from before it, has read for
/// itself alone. Counting erasures is enough for that, since they are rare and a look that isn't remembered costs the next one its reading.
public final class PageMemory: Sendable {
  /// Two generations: what is asked for moves to the young one, and when that is full the old one goes as a whole.
  private struct State {
    var young: [TopicID: LogRows] = [:]
    var old: [TopicID: LogRows] = [:]
    var youngBytes = 0
    var oldBytes = 0
    var erasures = 0

    mutating func put(_ rows: LogRows, of topic: TopicID, limit: Int) {
      take(topic)
      if youngBytes + rows.weight > limit / 2 {
        (old, oldBytes) = (young, youngBytes)
        (young, youngBytes) = ([:], 0)
      }
      young[topic] = rows
      youngBytes += rows.weight
    }

    mutating func take(_ topic: TopicID) {
      if let rows = young.removeValue(forKey: topic) { youngBytes -= rows.weight }
      if let rows = old.removeValue(forKey: topic) { oldBytes -= rows.weight }
    }
  }

  private let limit: Int
  private let state = Mutex(State())

  /// An empty memory of about `bytes`, 128 MiB by default, the rows of some 3,000 topics; 0 remembers nothing.
  public init(bytes: Int = 128 << 20) { limit = bytes }

  /// About how many bytes it takes just now.
  public var bytes: Int { state.withLock { $0.youngBytes + $0.oldBytes } }

  /// Forgets a topic's rows, since some of what they say is erased, and takes nothing of looks that have begun by now.
  public func erase(_ topic: TopicID) {
    state.withLock { state in
      state.take(topic)
      state.erasures += 1
    }
  }

  /// How often something was erased. Asked before rows are read, it tells `remember` whether they may be from before an erasure.
  var erasures: Int { state.withLock { $0.erasures } }

  /// Forgets rows that are of no use.
  func drop(_ topic: TopicID) { state.withLock { $0.take(topic) } }

  /// What is remembered of each topic.
  func rows(of topics: some Sequence<TopicID>) -> [LogRows?] {
    state.withLock { state in
      topics.map { topic in
        if let rows = state.young[topic] { return rows }
        guard let rows = state.old[topic] else { return nil }
        state.put(rows, of: topic, limit: limit)
        return rows
      }
    }
  }

  /// Remembers rows; of the same state of a topic those stay that reach further back. Nothing is remembered when anything was erased since `erasures`
  /// were counted, which was before the rows were read.
  func remember(_ rows: LogRows, of topic: TopicID, since erasures: Int) {
    guard rows.weight <= limit / 2 else { return }
    state.withLock { state in
      guard state.erasures == erasures else { return }
      if let known = state.young[topic] ?? state.old[topic], known.headHash == rows.headHash, known.first <= rows.first { return }
      state.put(rows, of: topic, limit: limit)
    }
  }
}
