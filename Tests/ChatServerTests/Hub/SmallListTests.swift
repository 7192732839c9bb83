import TestSupport
import Testing

@testable import ChatServer

@Suite struct SmallListTests {
  /// Beside an array, through random appends and removals.
  @Test func itIsAnArray() {
    var random = SeededRandom(7)
    var (list, array) = (SmallList<Int>(), [Int]())
    for number in 0..<2_000 {
      if Bool.random(using: &random) || array.isEmpty {
        list.append(number)
        array.append(number)
      } else {
        let (divisor, rest) = (Int.random(in: 1...4, using: &random), Int.random(in: 0..<4, using: &random))
        list.removeAll { $0 % divisor == rest }
        array.removeAll { $0 % divisor == rest }
      }
      #expect(Array(list) == array && list.count == array.count && list.isEmpty == array.isEmpty && list.last == array.last)
    }
  }
}
