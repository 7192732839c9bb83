import CSodium

/// Argon2id through libsodium, in its own text form (`$argon2id$…`), which carries its parameters and salt.
public enum Argon2 {
  /// How much a hash costs whoever computes it.
  public struct Cost: Sendable, Hashable {
    /// Passes over the memory.
    public var passes: UInt64
    /// Memory in bytes.
    public var memory: Int

    /// What accounts are kept with: 2 passes over 64 MiB.
    public static let standard = Cost(passes: 2, memory: 64 << 20)
    /// The least that the library takes, for tests that sign in often.
    public static let least = Cost(passes: 1, memory: 8 << 10)

    /// Chooses a cost.
    public init(passes: UInt64, memory: Int) {
      self.passes = passes
      self.memory = memory
    }
  }

  /// What can go wrong.
  public enum Failure: Error {
    /// The memory could not be had.
    case outOfMemory
    /// The library could not be set up.
    case unusable
  }

  /// Hashes a password with a new random salt. Takes about 0.1 s of one core at the standard cost: not for an event loop.
  ///
  /// - Throws: `Failure` when there isn't enough memory.
  public static func hash(_ password: String, cost: Cost = .standard) throws(Failure) -> String {
    try prepare()
    var output = [CChar](repeating: 0, count: Int(crypto_pwhash_STRBYTES))
    var password = password
    let status = password.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { text in
        crypto_pwhash_str(&output, text.baseAddress ?? empty, UInt64(text.count), cost.passes, cost.memory)
      }
    }
    guard status == 0 else { throw .outOfMemory }
    return String(decoding: output.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Whether a password is the one that was hashed. Compares in constant time and takes as long as the hash's own parameters say.
  ///
  /// - Throws: `Failure` when the library could not be set up.
  public static func verify(_ password: String, against hash: String) throws(Failure) -> Bool {
    try prepare()
    guard hash.utf8.count < Int(crypto_pwhash_STRBYTES) else { return false }
    var password = password
    return password.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { text in
        crypto_pwhash_str_verify(hash, text.baseAddress ?? empty, UInt64(text.count)) == 0
      }
    }
  }

  /// Whether a hash was made with other parameters and should be made anew at the next sign-in.
  public static func needsRehash(_ hash: String, cost: Cost = .standard) -> Bool {
    guard hash.utf8.count < Int(crypto_pwhash_STRBYTES) else { return true }
    return crypto_pwhash_str_needs_rehash(hash, cost.passes, cost.memory) != 0
  }

  private static func prepare() throws(Failure) { guard ready else { throw .unusable } }

  /// An empty password's buffer may have no address, which the library doesn't take.
  private nonisolated(unsafe) static let empty: UnsafePointer<CChar> = UnsafePointer(
    UnsafeMutablePointer<CChar>.allocate(capacity: 1))

  private static let ready: Bool = sodium_init() >= 0
}
