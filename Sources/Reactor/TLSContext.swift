internal import COpenSSL
import Glibc
import Synchronization

/// A server's certificate, its key and what it offers: TLS 1.2 and 1.3 with forward secrecy and authenticated ciphers only, ALPN `http/1.1`,
/// session tickets, no renegotiation, no compression.
///
/// Connections keep what they began with; `reload` and `renewTicketKey` are for those that come after. May be used from any thread.
public final class TLSContext: Sendable {
  /// Why a certificate or key can't be used, in one sentence.
  public struct Failure: Error, Equatable, CustomStringConvertible {
    /// The sentence: which file, and what is wrong with it.
    public let description: String
  }

  /// OpenSSL counts the references of a context and locks what changes in it.
  private struct Handle: @unchecked Sendable { let pointer: OpaquePointer }

  private let certificate: String
  private let key: String
  private let current: Mutex<Handle>

  /// Reads a certificate and its key.
  ///
  /// - Parameters:
  ///   - certificate: path of a PEM file: the server's certificate and after it those between it and the root.
  ///   - key: path of a PEM file with the private key, without a passphrase.
  /// - Throws: `Failure` when a file can't be read or the two don't belong together.
  public init(certificate: String, key: String) throws(Failure) {
    (self.certificate, self.key) = (certificate, key)
    current = Mutex(try Self.read(certificate, key, former: nil))
  }

  /// Reads both files anew, for the connections from now on. Tickets given before still count once.
  ///
  /// - Throws: `Failure` when they can't be used; all stays as it was then.
  public func reload() throws(Failure) {
    let former = reference()
    defer { SSL_CTX_free(former.pointer) }
    replace(try Self.read(certificate, key, former: former.pointer))
  }

  /// Makes tickets with a new key from now on; those of the last key still count, older ones don't. To be called about twice a day, so that whoever
  /// steals a key can open little.
  ///
  /// - Throws: `Failure` when there is no memory or randomness; all stays as it was then.
  public func renewTicketKey() throws(Failure) {
    let former = reference()
    defer { SSL_CTX_free(former.pointer) }
    guard let pointer = copenssl_renewed(former.pointer) else { throw Self.failure("the session tickets' key") }
    replace(Handle(pointer: pointer))
  }

  /// The server's side of a connection; `bytes` were read from the socket already.
  func accept(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> OpaquePointer? {
    let context = reference()
    defer { SSL_CTX_free(context.pointer) }
    return copenssl_accept(context.pointer, descriptor, bytes.baseAddress, Int32(bytes.count))
  }

  /// The context of now, kept alive for the caller, who frees it.
  private func reference() -> Handle {
    current.withLock { current in
      SSL_CTX_up_ref(current.pointer)
      return current
    }
  }

  private func replace(_ handle: Handle) {
    let former = current.withLock { current in
      defer { current = handle }
      return current
    }
    SSL_CTX_free(former.pointer)
  }

  private static func read(_ certificate: String, _ key: String, former: OpaquePointer?) throws(Failure) -> Handle {
    ERR_clear_error()
    guard let context = copenssl_context(former) else { throw failure("TLS") }
    do throws(Failure) {
      guard SSL_CTX_use_certificate_chain_file(context, certificate) == 1 else { throw failure("the certificate \(certificate)") }
      guard SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1, SSL_CTX_check_private_key(context) == 1 else {
        throw failure("the key \(key)")
      }
    } catch {
      SSL_CTX_free(context)
      throw error
    }
    return Handle(pointer: context)
  }

  /// OpenSSL's first reason, which is the cause of the others.
  private static func failure(_ what: String) -> Failure {
    let code = ERR_get_error()
    ERR_clear_error()
    let reason = ERR_reason_error_string(code).map { String(cString: $0) }
    let system = code & 0x8000_0000 != 0 ? String(cString: strerror(Int32(truncatingIfNeeded: code & 0x7FFF_FFFF))) : nil
    return Failure(description: "\(what) cannot be used: \(system ?? reason ?? "unknown reason")")
  }

  deinit { current.withLock { SSL_CTX_free($0.pointer) } }
}
