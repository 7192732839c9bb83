import Domain
import Testing

@Suite("Merkle trees") struct MerkleTreeTests {
  /// The leaves of the reference tests of Certificate Transparency, whose roots are published with them.
  private static let leaves = [
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
  ]
  .map { Hex.bytes($0) ?? [] }
  private static let roots = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
  ]

  @Test("The roots are those of RFC 6962", arguments: 1...8) func roots(count: Int) {
    #expect(Hex.string(MerkleTree(leaves: Array(Self.leaves.prefix(count))).root) == Self.roots[count - 1])
  }

  @Test("Every leaf's path leads to the root, and nothing else does", arguments: 1...33) func paths(count: Int) {
    let leaves = (0..<count).map { [UInt8($0)] }
    let tree = MerkleTree(leaves: leaves)
    for index in 0..<count {
      let path = tree.path(of: index)
      #expect(MerkleTree.root(leaf: leaves[index], at: index, of: count, path: path) == tree.root)
      #expect(MerkleTree.root(leaf: [99], at: index, of: count, path: path) != tree.root)
      #expect(MerkleTree.root(leaf: leaves[index], at: index, of: count, path: path + [tree.root]) == nil)
      #expect(path.isEmpty || MerkleTree.root(leaf: leaves[index], at: index, of: count, path: path.dropLast()) == nil)
      if count > 1 { #expect(MerkleTree.root(leaf: leaves[index], at: (index + 1) % count, of: count, path: path) != tree.root) }
    }
    #expect(MerkleTree.root(leaf: leaves[0], at: count, of: count, path: []) == nil)
  }
}
