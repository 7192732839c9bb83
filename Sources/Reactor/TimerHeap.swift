/// Names a timer of a loop.
public struct TimerID: Hashable, Sendable {
  let number: UInt64
}

/// Timers, the next one first. Time is passed in: milliseconds of a monotonic clock.
///
/// For the few timers of a loop; what every connection needs is done in one sweep a second by its owner.
struct TimerHeap {
  private struct Entry {
    let deadline: Int64
    let number: UInt64
    func isBefore(_ other: Entry) -> Bool { (deadline, number) < (other.deadline, other.number) }
  }

  private var heap: [Entry] = []
  private var bodies: [UInt64: () -> Void] = [:]
  private var lastNumber: UInt64 = 0

  var count: Int { bodies.count }

  mutating func add(deadline: Int64, _ body: @escaping () -> Void) -> TimerID {
    lastNumber += 1
    bodies[lastNumber] = body
    heap.append(Entry(deadline: deadline, number: lastNumber))
    var child = heap.count - 1
    while child > 0, heap[child].isBefore(heap[(child - 1) / 2]) {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
    return TimerID(number: lastNumber)
  }

  mutating func cancel(_ timer: TimerID) {
    bodies[timer.number] = nil
    // Cancelled entries stay until they are due, unless they are many.
    if heap.count > 64, heap.count > bodies.count * 2 {
      heap = heap.filter { bodies[$0.number] != nil }.sorted { $0.isBefore($1) }
    }
  }

  /// When the next timer is due.
  mutating func nextDeadline() -> Int64? {
    while let first = heap.first, bodies[first.number] == nil { removeFirst() }
    return heap.first?.deadline
  }

  /// Takes a timer that is due at `now`; nil when none is.
  mutating func takeDue(now: Int64) -> (() -> Void)? {
    guard let deadline = nextDeadline(), deadline <= now, let first = heap.first else { return nil }
    removeFirst()
    return bodies.removeValue(forKey: first.number)
  }

  private mutating func removeFirst() {
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child].isBefore(heap[least]) {
        least = child
      }
      guard least != parent else { return }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}
