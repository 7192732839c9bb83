import Glibc

/// A call to the kernel failed.
public struct SystemError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The call, as in the manual.
  public let call: String
  /// `errno`.
  public let code: Int32

  /// Names the call that has just failed in this thread; without a code it is `errno`'s.
  public init(_ call: String, code: Int32? = nil) {
    self.code = code ?? errno
    self.call = call
  }

  /// The call and the system's words for the error.
  public var description: String { "\(call): \(String(cString: strerror(code)))" }
}
