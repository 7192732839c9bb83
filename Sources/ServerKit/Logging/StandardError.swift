#if canImport(Glibc)
  import Glibc
#endif

/// The process's standard error, for whole lines.
public enum StandardError {
  /// Writes text, which should end its line, in one call, so that lines of several threads don't mix.
  public static func write(_ line: String) {
    var line = line
    line.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while !rest.isEmpty {
        let written = Glibc.write(STDERR_FILENO, rest.baseAddress, rest.count)
        if written < 0 && errno == EINTR { continue }
        // When standard error is gone there is nobody left to tell.
        guard written > 0 else { return }
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
      }
    }
  }
}
