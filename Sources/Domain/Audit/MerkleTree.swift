private import Crypto

/// A Merkle tree as RFC 6962 §2.1 hashes it: 0x00 before a leaf, 0x01 before two nodes, so that neither passes for the other.
public struct MerkleTree: Sendable {
  /// Each level's hashes; the leaves' first, the root alone last. A node without a neighbour goes up as it is.
  private let levels: [[[UInt8]]]

  /// The tree over these leaves, at least one, in this order.
  public init(leaves: [[UInt8]]) {
    var levels = [leaves.map(Self.leaf)]
    while let level = levels.last, level.count > 1 {
      levels.append(
        stride(from: 0, to: level.count, by: 2).map { place in
          place + 1 < level.count ? Self.node(level[place], level[place + 1]) : level[place]
        })
    }
    self.levels = levels
  }

  /// The root. Of no leaves: SHA-256 of nothing, as the RFC says.
  public var root: [UInt8] { levels.last?.first ?? HashChain.digest([]) }

  /// The audit path of the leaf at `index`: what it takes to work out the root from it, from below. RFC 6962 §2.1.1.
  public func path(of index: Int) -> [[UInt8]] {
    var (place, path) = (index, [[UInt8]]())
    for level in levels.dropLast() {
      let neighbour = place ^ 1
      if neighbour < level.count { path.append(level[neighbour]) }
      place /= 2
    }
    return path
  }

  /// The hash of a leaf.
  public static func leaf(_ data: [UInt8]) -> [UInt8] { HashChain.digest([0] + data) }

  /// The hash of two nodes.
  public static func node(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] { HashChain.digest([1] + left + right) }

  /// The root that a leaf and its audit path lead to; nil when the path doesn't fit a tree of `count` leaves. RFC 9162 §2.1.3.2.
  public static func root(leaf data: [UInt8], at index: Int, of count: Int, path: [[UInt8]]) -> [UInt8]? {
    guard index >= 0, index < count else { return nil }
    var (place, last, hash, rest) = (index, count - 1, leaf(data), path[...])
    while last > 0 {
      if place % 2 == 1 || place < last {
        guard let neighbour = rest.popFirst() else { return nil }
        hash = place % 2 == 1 ? node(neighbour, hash) : node(hash, neighbour)
      }
      (place, last) = (place / 2, last / 2)
    }
    return rest.isEmpty ? hash : nil
  }
}
