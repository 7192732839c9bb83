import Testing

@testable import ChatServer

@Suite struct SaltSourceTests {
  @Test func noSaltComesTwiceWhoeverAsks() async {
    let source = SaltSource()
    let salts = await withTaskGroup(of: [[UInt8]].self) { group in
      for _ in 0..<8 { group.addTask { (0..<500).map { _ in source.next() } } }
      return await group.reduce(into: [[UInt8]]()) { $0 += $1 }
    }
    #expect(Set(salts).count == 4_000)
    let sizes = Set(salts.map(\.count))
    #expect(sizes == [16])
  }
}
