/// One stretch of bytes that waits to be sent: borrowed from an owner that is kept alive, or copied into memory of the loop.
struct Piece {
  var next: UnsafeMutablePointer<Piece>?
  var start: UnsafeRawPointer
  var count: Int
  /// Keeps borrowed bytes alive.
  var owner: Unmanaged<AnyObject>?
  /// Memory of copied bytes; `room` of its bytes behind the last are free.
  var slab: UnsafeMutableRawPointer?
  var room: Int
}

/// The memory of a loop's outbound queues, reused, so that an idle connection holds none.
struct PiecePool: ~Copyable {
  /// What small copies share: 4 KiB.
  static let slabSize = 4_096
  private static let mostFreeSlabs = 256
  private var freePieces: UnsafeMutablePointer<Piece>?
  private var freeSlabs: [UnsafeMutableRawPointer] = []

  mutating func make(_ piece: Piece) -> UnsafeMutablePointer<Piece> {
    if let free = freePieces {
      freePieces = free.pointee.next
      free.pointee = piece
      return free
    }
    let new = UnsafeMutablePointer<Piece>.allocate(capacity: 1)
    new.initialize(to: piece)
    return new
  }

  /// Memory for a copy of `count` bytes, and how much it has.
  mutating func makeSlab(count: Int) -> (memory: UnsafeMutableRawPointer, size: Int) {
    if count <= Self.slabSize {
      return (freeSlabs.popLast() ?? .allocate(byteCount: Self.slabSize, alignment: 16), Self.slabSize)
    }
    return (.allocate(byteCount: count, alignment: 16), count)
  }

  /// Lets go of a piece and of what it holds.
  mutating func release(_ piece: UnsafeMutablePointer<Piece>) {
    piece.pointee.owner?.release()
    if let slab = piece.pointee.slab {
      let size = (piece.pointee.start - UnsafeRawPointer(slab)) + piece.pointee.count + piece.pointee.room
      if size == Self.slabSize, freeSlabs.count < Self.mostFreeSlabs { freeSlabs.append(slab) } else { slab.deallocate() }
    }
    piece.pointee.next = freePieces
    freePieces = piece
  }

  deinit {
    for slab in freeSlabs { slab.deallocate() }
    var next = freePieces
    while let piece = next {
      next = piece.pointee.next
      piece.deallocate()
    }
  }
}

/// What waits for one connection, in order.
struct OutboundQueue {
  private(set) var head: UnsafeMutablePointer<Piece>?
  private var tail: UnsafeMutablePointer<Piece>?
  private(set) var bytes = 0

  var isEmpty: Bool { head == nil }

  mutating func append(_ bytes: UnsafeRawBufferPointer, owner: AnyObject, pool: inout PiecePool) {
    guard let start = bytes.baseAddress, bytes.count > 0 else { return }
    link(
      pool.make(Piece(next: nil, start: start, count: bytes.count, owner: .passRetained(owner), slab: nil, room: 0)),
      count: bytes.count)
  }

  mutating func append(copying bytes: UnsafeRawBufferPointer, pool: inout PiecePool) {
    guard let source = bytes.baseAddress, bytes.count > 0 else { return }
    if let tail, tail.pointee.room >= bytes.count, tail.pointee.slab != nil {
      UnsafeMutableRawPointer(mutating: tail.pointee.start + tail.pointee.count).copyMemory(from: source, byteCount: bytes.count)
      tail.pointee.count += bytes.count
      tail.pointee.room -= bytes.count
      self.bytes += bytes.count
      return
    }
    let (slab, size) = pool.makeSlab(count: bytes.count)
    slab.copyMemory(from: source, byteCount: bytes.count)
    link(
      pool.make(
        Piece(next: nil, start: UnsafeRawPointer(slab), count: bytes.count, owner: nil, slab: slab, room: size - bytes.count)),
      count: bytes.count)
  }

  private mutating func link(_ piece: UnsafeMutablePointer<Piece>, count: Int) {
    if let tail { tail.pointee.next = piece } else { head = piece }
    tail = piece
    bytes += count
  }

  /// Forgets the first `count` bytes: they are sent.
  mutating func consume(_ count: Int, pool: inout PiecePool) {
    bytes -= count
    var rest = count
    while let piece = head {
      if rest < piece.pointee.count {
        piece.pointee.start += rest
        piece.pointee.count -= rest
        return
      }
      rest -= piece.pointee.count
      head = piece.pointee.next
      pool.release(piece)
    }
    tail = nil
  }

  mutating func removeAll(pool: inout PiecePool) {
    consume(bytes, pool: &pool)
  }
}
