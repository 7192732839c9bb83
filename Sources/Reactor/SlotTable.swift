/// Plain structs in pages that never move: pointers stay good while the table grows, and a look-up is two loads.
///
/// Belongs to one thread. The owner initialises and deinitialises the elements; the table only has the memory.
public struct SlotTable<Element: ~Copyable>: ~Copyable {
  @usableFromInline
  static var pageSize: Int { 256 }

  @usableFromInline
  var pages: [UnsafeMutablePointer<Element>] = []

  /// An empty table.
  public init() {}

  /// How many slots have memory.
  @inlinable
  public var capacity: Int { pages.count * Self.pageSize }

  /// Makes sure that `slot` has memory. The memory of new pages is initialised by `initialise`, once per slot.
  @inlinable
  public mutating func reserve(_ slot: Int, initialise: (UnsafeMutablePointer<Element>) -> Void) {
    while slot >= capacity {
      let page = UnsafeMutablePointer<Element>.allocate(capacity: Self.pageSize)
      for place in 0..<Self.pageSize { initialise(page + place) }
      pages.append(page)
    }
  }

  /// The slot's memory. `slot` must be below `capacity`.
  @inlinable
  public subscript(slot: Int) -> UnsafeMutablePointer<Element> { pages[slot >> 8] + (slot & 255) }

  deinit {
    for page in pages {
      page.deinitialize(count: Self.pageSize)
      page.deallocate()
    }
  }
}
