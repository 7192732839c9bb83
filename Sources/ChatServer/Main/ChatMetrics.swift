import Metrics

/// What `/metrics` tells of the chat.
struct ChatMetrics: Sendable {
  private let requests = Counter(label: "chat_requests")
  private let rows = Counter(label: "chat_rows_committed")
  private let batches = Counter(label: "chat_batches_committed")
  private let open = Meter(label: "chat_sockets")

  /// A request that made sense.
  func request() { requests.increment() }

  /// A batch of so many rows was committed.
  func committed(rows count: Int) {
    rows.increment(by: count)
    batches.increment()
  }

  /// A socket opened (1) or closed (-1).
  func sockets(_ change: Int) {
    if change > 0 { open.increment() } else { open.decrement() }
  }
}
