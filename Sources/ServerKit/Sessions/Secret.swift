import Crypto

/// Random bytes that whoever has them may do something with, in the form in which they are handed out: base64url. What is kept is their hash.
struct Secret: Sendable, Hashable {
  private let bytes: [UInt8]

  /// New random bytes.
  init(count: Int) {
    var generator = SystemRandomNumberGenerator()
    bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
  }

  /// Reads the text form; nil when it isn't exactly that of `count` bytes.
  init?(_ text: some StringProtocol, count: Int) {
    guard text.utf8.count == (count * 8 + 5) / 6, let bytes = Base64URL.bytes(text), bytes.count == count else { return nil }
    self.bytes = bytes
  }

  /// Takes bytes; nil when there aren't `count` of them.
  init?(_ bytes: [UInt8], count: Int) {
    guard bytes.count == count else { return nil }
    self.bytes = bytes
  }

  /// The text form for paper.
  var base32: String { Base32.string(bytes) }

  /// The text form.
  var text: String { Base64URL.string(bytes) }

  /// SHA-256 of `prefix` and the bytes.
  func hash(after prefix: String = "") -> [UInt8] { Array(SHA256.hash(data: Array(prefix.utf8) + bytes)) }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible {
  /// Doesn't show it.
  var description: String { "Secret(…)" }
  /// Doesn't show it.
  var debugDescription: String { description }
}
