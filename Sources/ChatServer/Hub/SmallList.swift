/// A list that mostly has one element, and then no memory of its own: most topics are open in one place, and there are very many.
struct SmallList<Element>: RandomAccessCollection {
  private var head: Element?
  private var tail: [Element] = []

  /// An empty list.
  init() {}

  var startIndex: Int { 0 }
  var endIndex: Int { head == nil ? 0 : 1 + tail.count }

  subscript(position: Int) -> Element {
    guard position == 0 else { return tail[position - 1] }
    guard let head else { preconditionFailure("the list is empty") }
    return head
  }

  /// Adds at the end.
  mutating func append(_ element: Element) {
    if head == nil { head = element } else { tail.append(element) }
  }

  /// Takes out whatever satisfies `isLeaving`; the rest keeps its order.
  mutating func removeAll(where isLeaving: (Element) -> Bool) {
    tail.removeAll(where: isLeaving)
    if let first = head, isLeaving(first) { head = tail.isEmpty ? nil : tail.removeFirst() }
    // Not even its memory stays.
    if tail.isEmpty { tail = [] }
  }
}
