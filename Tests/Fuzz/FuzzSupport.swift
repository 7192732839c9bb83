/// Takes an input apart as a target reads it; past the end there are zeros.
struct Script {
  private let bytes: UnsafeRawBufferPointer
  private var position = 0

  init(_ start: UnsafePointer<UInt8>?, _ count: Int) { bytes = UnsafeRawBufferPointer(start: start, count: count) }

  var isAtEnd: Bool { position == bytes.count }

  mutating func byte() -> UInt8 {
    guard position < bytes.count else { return 0 }
    position += 1
    return bytes[position - 1]
  }

  mutating func bytes(_ count: Int) -> [UInt8] {
    let end = min(position + count, bytes.count)
    defer { position = end }
    return Array(bytes[position..<end])
  }

  mutating func rest() -> [UInt8] { bytes(bytes.count) }
}

/// Chance that is the same whenever the same input is tried.
struct Dice: RandomNumberGenerator {
  private var state: UInt64

  init(_ bytes: [UInt8]) { state = digest(bytes) }

  /// SplitMix64.
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// Cuts `count` bytes at random places; some pieces are empty.
  mutating func cuts(_ count: Int) -> [Range<Int>] {
    let longest = [3, 17, 400, 70_000][Int.random(in: 0..<4, using: &self)]
    var pieces: [Range<Int>] = []
    var start = 0
    while start < count {
      let end = min(count, start + Int.random(in: 0...longest, using: &self))
      pieces.append(start..<end)
      start = end
    }
    return pieces
  }
}

/// The same bytes over and over, up to a limit.
func repeated(_ bytes: [UInt8], _ times: Int, limit: Int) -> [UInt8] {
  var all: [UInt8] = []
  for _ in 0..<times where all.count < limit { all += bytes.prefix(limit - all.count) }
  return all
}

/// FNV-1a of 64 bits: what stands for bytes when they are compared.
func digest(_ bytes: some Sequence<UInt8>) -> UInt64 {
  bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
}

/// What must hold. The fuzzer keeps the input for which it doesn't.
func hold(_ condition: Bool, _ what: @autoclosure () -> String) {
  guard !condition else { return }
  fatalError(what())
}

/// Lends a copy of bytes that lies alone in memory, so that a step outside is seen.
func withCopy<Result>(_ bytes: ArraySlice<UInt8>, _ body: (UnsafeMutableRawBufferPointer) -> Result) -> Result {
  let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
  defer { copy.deallocate() }
  copy.copyBytes(from: bytes)
  return body(copy)
}
