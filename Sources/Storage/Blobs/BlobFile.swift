package import Domain
internal import Glibc

/// An open file, closed with the last reference. Its functions block: call them on `BlobThreads`.
package final class BlobFile: Sendable {
  private let descriptor: Int32
  /// How many bytes it had when it was opened.
  package let size: Int64

  init(descriptor: Int32, size: Int64) { (self.descriptor, self.size) = (descriptor, size) }

  deinit { _ = Glibc.close(descriptor) }

  /// Gives what the kernel knows the file by, and keeps it open meanwhile: the last reference may end before a call that only needs the number.
  func withDescriptor<T, Failure: Error>(_ body: (Int32) throws(Failure) -> T) throws(Failure) -> T {
    defer { withExtendedLifetime(self) {} }
    return try body(descriptor)
  }

  /// Opens a regular file to be read; a link isn't followed.
  ///
  /// - Throws: `.missing` when there is none, else as `fault` says.
  package static func open(_ path: String) throws(BlobError) -> BlobFile {
    // Nobody's pipe may hold us up while it is opened.
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw errno == ENOENT ? BlobError(.missing, "there is no file \(path)") : fault("open \(path)")
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      _ = Glibc.close(descriptor)
      throw BlobError(.refused, "\(path) is not a regular file")
    }
    return BlobFile(descriptor: descriptor, size: Int64(status.st_size))
  }

  /// Makes a new file of mode 0600.
  ///
  /// - Throws: `.refused` when something is there, else as `fault` says.
  package static func create(_ path: String) throws(BlobError) -> BlobFile {
    let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw fault("make \(path)") }
    return BlobFile(descriptor: descriptor, size: 0)
  }

  /// Removes a file that nothing needs any more; one that can't be removed is only in the way.
  package static func remove(_ path: String) { _ = unlink(path) }

  /// At most `limit` bytes from `offset` on; fewer at the end only.
  package func read(at offset: Int64, limit: Int) throws(BlobError) -> [UInt8] {
    var failure: BlobError?
    let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
      while count < limit {
        let place = buffer.baseAddress.map { $0 + count }
        let (rest, start) = (limit - count, off_t(offset) + off_t(count))
        let got = withDescriptor { pread($0, place, rest, start) }
        if got < 0, errno == EINTR { continue }
        if got < 0 { failure = Self.fault("read") }
        if got <= 0 { break }
        count += got
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// Writes the bytes at the file's end.
  package func append(_ bytes: [UInt8]) throws(BlobError) {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        withDescriptor { write($0, buffer.baseAddress.map { $0 + written }, buffer.count - written) }
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw Self.fault("write") }
      written += count
    }
  }

  /// The SHA-256 of `range`, which must lie in the file; `each` sees every piece.
  package func digest(
    _ range: Range<Int64>, each: ([UInt8]) throws(BlobError) -> Void = { (_) throws(BlobError) in }
  ) throws(BlobError) -> BlobHash {
    var hasher = BlobHash.Hasher()
    var offset = range.lowerBound
    while offset < range.upperBound {
      let piece = try read(at: offset, limit: Int(min(range.upperBound - offset, 262_144)))
      guard !piece.isEmpty else { throw BlobError(.source, "the file ends after \(offset) of \(range.upperBound) bytes") }
      hasher.update(piece)
      try each(piece)
      offset += Int64(piece.count)
    }
    return hasher.finalize()
  }

  /// Returns when the bytes are on the disk.
  func sync() throws(BlobError) {
    guard withDescriptor({ fsync($0) }) == 0 else { throw Self.fault("sync") }
  }

  /// What `errno` means. - Parameter doing: what was tried, for the sentence.
  static func fault(_ doing: String) -> BlobError {
    let code = errno
    let sentence = "could not \(doing): \(String(cString: strerror(code)))"
    switch code {
    case ENOSPC, EDQUOT, EFBIG: return BlobError(.full, sentence)
    case EACCES, EPERM, EROFS, EEXIST, ELOOP, ENAMETOOLONG, ENOTDIR, EISDIR, EXDEV: return BlobError(.refused, sentence)
    default: return BlobError(.unavailable, sentence)
    }
  }
}

extension BlobFile {
  /// Opens what is to be kept, and refuses what isn't of that size.
  package static func source(_ path: String, size: Int64) throws(BlobError) -> BlobFile {
    let file: BlobFile
    do throws(BlobError) {
      file = try open(path)
    } catch {
      throw error.isTemporary ? error : BlobError(.source, error.message)
    }
    guard file.size == size else { throw BlobError(.source, "\(path) has \(file.size) bytes, not \(size)") }
    return file
  }
}
