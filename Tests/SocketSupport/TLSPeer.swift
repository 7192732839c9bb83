import COpenSSL
import Glibc

/// A TLS client whose bytes the test moves: OpenSSL between two buffers in memory, and a plain socket.
package final class TLSPeer {
  package let peer: Peer
  package let ssl: OpaquePointer
  private let context: OpaquePointer
  private let input: OpaquePointer
  private let output: OpaquePointer
  /// How many bytes the next step moves at most; the largest by default.
  package var chunk: () -> Int = { .max }
  package var received: [UInt8] = []
  /// What was encrypted or came and has not been moved on.
  private var outbox: [UInt8] = []
  private var inbox: [UInt8] = []
  package private(set) var isDone = false
  /// Whether `send` was called.
  package private(set) var hasSent = false
  package private(set) var hasEnded = false
  package private(set) var hasNotified = false
  /// OpenSSL's first reason when something failed.
  package private(set) var failure: String?

  package init(
    port: UInt16, receiveBuffer: Int32? = nil, version: Int32? = nil, protocols: [String] = ["http/1.1"],
    resume: OpaquePointer? = nil
  ) throws {
    peer = try Peer(port: port, receiveBuffer: receiveBuffer)
    context = try needed(SSL_CTX_new(TLS_client_method()))
    ssl = try needed(SSL_new(context))
    input = try needed(BIO_new(BIO_s_mem()))
    output = try needed(BIO_new(BIO_s_mem()))
    SSL_set_bio(ssl, input, output)
    SSL_set_connect_state(ssl)
    if let version {
      // Old versions are only there to be refused: OpenSSL's own default would not even send them.
      SSL_set_security_level(ssl, 0)
      _ = SSL_ctrl(ssl, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(version), nil)
      _ = SSL_ctrl(ssl, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(version), nil)
    }
    var list: [UInt8] = []
    for name in protocols { list += [UInt8(name.utf8.count)] + Array(name.utf8) }
    if !list.isEmpty { SSL_set_alpn_protos(ssl, list, UInt32(list.count)) }
    if let resume {
      // A copy: OpenSSL takes a session for spoiled when a connection of it ends abruptly.
      let copy = SSL_SESSION_dup(resume)
      SSL_set_session(ssl, copy)
      SSL_SESSION_free(copy)
    }
  }

  /// Moves bytes as far as they go now.
  package func step() {
    guard failure == nil else { return }
    ERR_clear_error()
    while true {
      if let bytes = peer.receive() { inbox += bytes; if bytes.isEmpty { break } } else { hasEnded = true; break }
    }
    if !inbox.isEmpty {
      let count = min(max(1, chunk()), inbox.count)
      BIO_write(input, inbox, Int32(count))
      inbox.removeFirst(count)
    }
    if !isDone {
      let result = SSL_do_handshake(ssl)
      if result == 1 { isDone = true } else { note(result) }
    }
    if isDone {
      var buffer = [UInt8](repeating: 0, count: 65_536)
      while true {
        let count = SSL_read(ssl, &buffer, Int32(buffer.count))
        guard count > 0 else { note(count); break }
        received += buffer.prefix(Int(count))
      }
      hasNotified = SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN != 0
    }
    drainOutput()
    if !outbox.isEmpty {
      let count = min(max(1, chunk()), outbox.count)
      let sent = Glibc.send(peer.descriptor, outbox, count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
      if sent > 0 { outbox.removeFirst(sent) }
    }
  }

  /// Moves bytes when the other side, on a thread of its own, sends something within a millisecond. Longer would hold up a thread that the other
  /// side's tasks may need.
  package func stepSoon() {
    var wait = pollfd(fd: peer.descriptor, events: Int16(POLLIN), revents: 0)
    if poll(&wait, 1, 1) == 1 { step() }
  }

  /// Encrypts bytes; `step` sends them.
  package func send(_ bytes: [UInt8]) {
    hasSent = true
    var offset = 0
    while offset < bytes.count {
      let count = bytes.withUnsafeBytes { SSL_write(ssl, $0.baseAddress.map { $0 + offset }, Int32(bytes.count - offset)) }
      guard count > 0 else { return note(count) }
      offset += Int(count)
    }
    drainOutput()
  }

  /// Lets OpenSSL say what it has to say between two messages.
  package func shakeHands() {
    let result = SSL_do_handshake(ssl)
    if result != 1 { note(result) }
    drainOutput()
  }

  /// Sends close_notify with the next step.
  package func finish() {
    SSL_shutdown(ssl)
    drainOutput()
  }

  package var isSent: Bool { outbox.isEmpty }

  /// What `init(resume:)` takes, good as long as this peer.
  package var session: OpaquePointer? { SSL_get_session(ssl) }
  /// Whether the server has given a ticket, which TLS 1.3 does when its side of the handshake is done.
  package var hasTicket: Bool { isDone && SSL_SESSION_is_resumable(session) == 1 }
  package var isResumed: Bool { SSL_session_reused(ssl) == 1 }
  package var version: Int32 { SSL_version(ssl) }
  package var cipher: String { String(cString: SSL_CIPHER_get_name(SSL_get_current_cipher(ssl))) }

  package var agreed: String {
    var start: UnsafePointer<UInt8>?
    var count: UInt32 = 0
    SSL_get0_alpn_selected(ssl, &start, &count)
    return String(decoding: UnsafeBufferPointer(start: start, count: Int(count)), as: UTF8.self)
  }

  /// The name in the server's certificate.
  package var name: String {
    guard let certificate = SSL_get1_peer_certificate(ssl) else { return "" }
    defer { X509_free(certificate) }
    var text = [CChar](repeating: 0, count: 64)
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, &text, 64)
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private func drainOutput() {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = BIO_read(output, &buffer, Int32(buffer.count))
      guard count > 0 else { return }
      outbox += buffer.prefix(Int(count))
    }
  }

  private func note(_ result: Int32) {
    guard SSL_get_error(ssl, result) == SSL_ERROR_SSL else { return }
    failure = ERR_reason_error_string(ERR_peek_error()).map { String(cString: $0) } ?? "unknown"
    ERR_clear_error()
  }

  deinit {
    SSL_free(ssl)
    SSL_CTX_free(context)
  }
}
