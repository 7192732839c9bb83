import COpenSSL
import Glibc
package import Reactor

/// A self-signed certificate and its key, made anew for each test, in files that go with it.
package final class TLSFixture {
  package let directory: String
  package var certificate: String { directory + "/certificate.pem" }
  package var key: String { directory + "/key.pem" }

  package init() throws {
    var template = Array("/tmp/onefin-tls-XXXXXX".utf8CString)
    let made = try needed(mkdtemp(&template))
    directory = String(cString: made)
    try write(name: "first")
  }

  /// Puts a new pair into the files.
  package func write(name: String) throws {
    let pkey = try needed(Self.makeKey())
    defer { EVP_PKEY_free(pkey) }
    let x509 = try needed(X509_new())
    defer { X509_free(x509) }
    X509_set_version(x509, 2)
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 1)
    X509_gmtime_adj(X509_getm_notBefore(x509), -3_600)
    X509_gmtime_adj(X509_getm_notAfter(x509), 86_400)
    X509_set_pubkey(x509, pkey)
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_UTF8, name, -1, -1, 0)
    X509_set_issuer_name(x509, X509_get_subject_name(x509))
    guard X509_sign(x509, pkey, EVP_sha256()) > 0 else { throw SocketSupportError() }
    try write(certificate) { PEM_write_bio_X509($0, x509) }
    try write(key) { PEM_write_bio_PrivateKey($0, pkey, nil, nil, 0, nil, nil) }
  }

  package func context() throws -> TLSContext { try TLSContext(certificate: certificate, key: key) }

  /// Replaces a file by something else.
  package func spoil(_ path: String, with text: String) throws {
    try write(path) { BIO_write($0, text, Int32(text.utf8.count)) }
  }

  private func write(_ path: String, _ body: (OpaquePointer) -> Int32) throws {
    let file = try needed(BIO_new_file(path, "w"))
    defer { BIO_free(file) }
    guard body(file) > 0 else { throw SocketSupportError() }
  }

  private static func makeKey() -> OpaquePointer? {
    let context = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nil)
    defer { EVP_PKEY_CTX_free(context) }
    var key: OpaquePointer?
    guard EVP_PKEY_keygen_init(context) == 1, EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1) == 1 else {
      return nil
    }
    return EVP_PKEY_keygen(context, &key) == 1 ? key : nil
  }

  deinit {
    for path in [certificate, key] { unlink(path) }
    rmdir(directory)
  }
}
