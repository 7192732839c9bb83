import Domain
import Foundation
import Storage
import Synchronization

/// The bytes of an upload so far: a file that only grows, and the SHA-256 of what is in it. Its functions block: call them on `BlobThreads`.
///
/// One writer at a time: whoever begins to write takes the turn, and who had it before writes nothing any more. So a client whose connection
/// died can go on at once on a new one, whatever the old one still has on its way.
final class UploadFile: Sendable {
  /// Where it is.
  let path: String

  private struct State {
    /// The open file; nil until it is needed.
    var handle: Handle?
    /// How many bytes it has, all of them hashed.
    var offset: Int64 = 0
    var hasher = BlobHash.Hasher()
    /// How many of them are surely on the disk.
    var synced: Int64 = 0
    var turn = 0
    /// The upload has ended: no file is made for it any more.
    var isRemoved = false
  }

  /// A descriptor that closes itself.
  private final class Handle: Sendable {
    let descriptor: Int32
    init(_ descriptor: Int32) { self.descriptor = descriptor }
    deinit { _ = Glibc.close(descriptor) }
  }

  private let state = Mutex(State())

  init(path: String) { self.path = path }

  /// A right to write, until the next one is given out.
  struct Turn: Sendable {
    fileprivate let number: Int
  }

  /// What becomes of asking for the turn.
  enum Step: Sendable {
    /// It is given.
    case turn(Turn)
    /// The next bytes belong elsewhere: there. Whoever has the turn keeps it.
    case elsewhere(Int64)
  }

  /// Takes the turn to write at `offset`, if that is the end. What came before a restart of the server, or through another server of
  /// the same folder, is read and hashed here.
  ///
  /// - Throws: `.full`, `.unavailable` and others when the file can't be opened; `.source` when it was removed.
  func takeTurn(at offset: Int64) throws(BlobError) -> Step {
    try locked { state throws(BlobError) in
      let descriptor = try open(&state, isNew: true)
      try catchUp(&state, descriptor)
      guard offset == state.offset else {
        try sync(&state, descriptor)
        return .elsewhere(state.offset)
      }
      state.turn += 1
      return .turn(Turn(number: state.turn))
    }
  }

  /// How many bytes have come, and are on the disk; makes no file when there is none.
  ///
  /// - Throws: as `takeTurn` does.
  func offset() throws(BlobError) -> Int64 {
    try locked { state throws(BlobError) in
      if state.handle == nil, access(path, F_OK) != 0, errno == ENOENT { return 0 }
      let descriptor = try open(&state)
      try catchUp(&state, descriptor)
      try sync(&state, descriptor)
      return state.offset
    }
  }

  /// Adds bytes at the end. False when the turn is somebody else's by now: nothing is written then.
  ///
  /// - Throws: `.full` when the disk is, `.unavailable`.
  func append(_ bytes: [UInt8], _ turn: Turn) throws(BlobError) -> Bool {
    try locked { state throws(BlobError) in
      guard state.turn == turn.number else { return false }
      let descriptor = try open(&state)
      var written = 0
      while written < bytes.count {
        let count = bytes.withUnsafeBytes {
          pwrite(descriptor, $0.baseAddress.map { $0 + written }, bytes.count - written, off_t(state.offset) + off_t(written))
        }
        if count < 0, errno == EINTR { continue }
        // What a failed write has left behind the offset is written over by the next one.
        guard count > 0 else { throw Self.fault("write an upload") }
        written += count
      }
      state.hasher.update(bytes)
      state.offset += Int64(bytes.count)
      return true
    }
  }

  /// Returns when what was written is on the disk: what a client is told has come must not be zeros after a power cut.
  private func sync(_ state: inout State, _ descriptor: Int32) throws(BlobError) {
    guard state.synced < state.offset else { return }
    guard fdatasync(descriptor) == 0 else { throw Self.fault("sync an upload") }
    state.synced = state.offset
  }

  /// What is known of the bytes without reading all of them again.
  struct Look: Sendable {
    let hash: BlobHash
    let size: Int64
    let head: [UInt8]
    let tail: [UInt8]
  }

  /// Looks at both ends.
  func look() throws(BlobError) -> Look {
    try locked { state throws(BlobError) in
      let descriptor = try open(&state)
      let window = Int(min(state.offset, Int64(FileTypeSniffer.window)))
      return Look(
        hash: state.hasher.finalize(), size: state.offset, head: try Self.read(descriptor, at: 0, count: window),
        tail: try Self.read(descriptor, at: state.offset - Int64(window), count: window))
    }
  }

  /// At most `count` bytes from `offset` on.
  func read(at offset: Int64, count: Int) throws(BlobError) -> [UInt8] {
    try locked { state throws(BlobError) in try Self.read(try open(&state), at: offset, count: count) }
  }

  /// Closes the file without forgetting what is in it, so that many idle uploads don't hold many descriptors. False when nothing has come.
  func rest() -> Bool {
    state.withLock { state in
      state.handle = nil
      return state.offset > 0
    }
  }

  /// Removes the file for good; nobody has the turn any more, and whoever comes late finds none.
  func remove() {
    state.withLock { state in
      state.turn += 1
      state.isRemoved = true
      (state.handle, state.offset, state.synced, state.hasher) = (nil, 0, 0, BlobHash.Hasher())
      _ = unlink(path)
    }
  }

  private func locked<Value: Sendable>(_ body: (inout State) throws(BlobError) -> Value) throws(BlobError) -> Value {
    try state.withLock { state throws(BlobError) in try body(&state) }
  }

  private func open(_ state: inout State, isNew: Bool = false) throws(BlobError) -> Int32 {
    guard !state.isRemoved else { throw BlobError(.source, "\(path) was removed: its upload has ended") }
    if let handle = state.handle { return handle.descriptor }
    let descriptor = Glibc.open(path, O_RDWR | (isNew ? O_CREAT : 0) | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw Self.fault("open an upload") }
    let handle = Handle(descriptor)
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw BlobError(.refused, "\(path) is no file")
    }
    state.handle = handle
    return descriptor
  }

  /// Hashes what is in the file and didn't come through this object. What a failed write left behind the offset is its beginning, and counts as well.
  private func catchUp(_ state: inout State, _ descriptor: Int32) throws(BlobError) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Self.fault("look at an upload") }
    while state.offset < Int64(status.st_size) {
      let piece = try Self.read(descriptor, at: state.offset, count: Int(min(262_144, Int64(status.st_size) - state.offset)))
      guard !piece.isEmpty else { break }
      state.hasher.update(piece)
      state.offset += Int64(piece.count)
    }
  }

  private static func read(_ descriptor: Int32, at offset: Int64, count: Int) throws(BlobError) -> [UInt8] {
    var failure: BlobError?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let got = pread(descriptor, buffer.baseAddress.map { $0 + filled }, count - filled, off_t(offset) + off_t(filled))
        if got < 0, errno == EINTR { continue }
        if got < 0 { failure = fault("read an upload") }
        if got <= 0 { break }
        filled += got
      }
    }
    if let failure { throw failure }
    return bytes
  }

  private static func fault(_ doing: String) -> BlobError {
    let code = errno
    let sentence = "could not \(doing): \(String(cString: strerror(code)))"
    return BlobError(code == ENOSPC || code == EDQUOT || code == EFBIG ? .full : .unavailable, sentence)
  }
}
