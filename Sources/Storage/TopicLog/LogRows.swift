import Synchronization

/// The newest rows of a topic, which many readers get alike, and the bytes that a server has made of them for the wire: they are worked out once for
/// all who are alike.
public final class LogRows: Sendable {
  /// The rows, ascending and contiguous to the topic's head.
  public let entries: [LogEntry]
  /// The number before the first one.
  let first: Int64
  /// The newest row's hash. It depends on each row before it, so that no other history has the same.
  let headHash: [UInt8]
  /// Bytes of memory that the rows take, about, with their renderings.
  let weight: Int
  /// Whether every reader gets the same bytes of them.
  private let isAlike: Bool
  private let renderings = Mutex<[Int: [UInt8]]>([:])

  init(_ entries: [LogEntry], after first: Int64, headHash: [UInt8]) {
    (self.entries, self.first, self.headHash) = (entries, first, headHash)
    isAlike = !entries.contains { $0.hiding != .none || $0.hasStaffPart }
    let bytes = entries.reduce(0) { $0 + TopicLog.entryBytes + $1.meta.utf8.count + ($1.body?.utf8.count ?? 0) }
    weight = (isAlike ? 2 : 4) * bytes
  }

  /// The bytes for one kind of reader, a number of the caller's choice; `make` is asked when nobody has had them yet who gets the same.
  public func rendering(for reader: Int, _ make: ([LogEntry]) -> [UInt8]) -> [UInt8] {
    let reader = isAlike ? 0 : reader
    if let bytes = renderings.withLock({ $0[reader] }) { return bytes }
    let bytes = make(entries)
    renderings.withLock { $0[reader] = bytes }
    return bytes
  }
}
