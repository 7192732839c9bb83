public import Crypto
import Foundation

/// Ed25519 keys as files: PEM, PKCS #8 for the private one and SubjectPublicKeyInfo for the public one (RFC 8410), as `openssl genpkey
/// -algorithm ed25519`
/// makes them, so that what is signed here can be checked by others' tools too.
public enum SigningKey {
  /// What stands before the 32 bytes of a private key.
  private static let privatePrefix: [UInt8] = [
    0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
  ]
  /// What stands before the 32 bytes of a public key.
  private static let publicPrefix: [UInt8] = [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00]

  /// Reads a private key. Throws: `BundleError` when it isn't one.
  public static func privateKey(pem: String) throws -> Curve25519.Signing.PrivateKey {
    guard let bytes = body(of: pem, label: "PRIVATE KEY", prefix: privatePrefix),
      let key = key({ try Curve25519.Signing.PrivateKey(rawRepresentation: bytes) })
    else { throw BundleError("the file isn't a private Ed25519 key in PEM") }
    return key
  }

  /// Reads a public key. Throws: `BundleError` when it isn't one.
  public static func publicKey(pem: String) throws -> Curve25519.Signing.PublicKey {
    guard let bytes = body(of: pem, label: "PUBLIC KEY", prefix: publicPrefix),
      let key = key({ try Curve25519.Signing.PublicKey(rawRepresentation: bytes) })
    else { throw BundleError("the file isn't a public Ed25519 key in PEM") }
    return key
  }

  /// The file of a private key. Secret.
  public static func pem(_ key: Curve25519.Signing.PrivateKey) -> String {
    pem("PRIVATE KEY", privatePrefix + Array(key.rawRepresentation))
  }

  /// The file of a public key.
  public static func pem(_ key: Curve25519.Signing.PublicKey) -> String {
    pem("PUBLIC KEY", publicPrefix + Array(key.rawRepresentation))
  }

  private static func pem(_ label: String, _ bytes: [UInt8]) -> String {
    "-----BEGIN \(label)-----\n\(Data(bytes).base64EncodedString())\n-----END \(label)-----\n"
  }

  private static func body(of pem: String, label: String, prefix: [UInt8]) -> [UInt8]? {
    let lines = pem.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    guard lines.count >= 3, lines.first == "-----BEGIN \(label)-----", lines.last == "-----END \(label)-----",
      let data = Data(base64Encoded: lines[1..<(lines.count - 1)].joined()), data.count == prefix.count + 32,
      data.starts(with: prefix)
    else { return nil }
    return Array(data.dropFirst(prefix.count))
  }

  /// The key that `make` gives; what the library says of bytes that are none adds nothing.
  private static func key<Key>(_ make: () throws -> Key) -> Key? {
    do { return try make() } catch { return nil }
  }
}

/// Why a bundle was not made, or isn't one.
public struct BundleError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A sentence without an end.
  public let description: String

  /// An error.
  public init(_ description: String) { self.description = description }
}
