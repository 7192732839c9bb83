import Synchronization

/// The client's address of one connection, and whether it speaks TLS: written by the PROXY handler on the connection's event loop, read by its requests.
final class ClientAddress: Sendable {
  /// That of the connection whose request is being answered; nil where no PROXY header is expected.
  @TaskLocal static var current: ClientAddress?

  private let value: Mutex<(text: String?, isSecure: Bool)>

  init(_ text: String? = nil) { value = Mutex((text, false)) }

  /// The address; nil while unknown.
  var text: String? { value.withLock(\.text) }

  /// Whether the client speaks TLS with whoever wrote the header.
  var isSecure: Bool { value.withLock(\.isSecure) }

  func set(_ text: String?, isSecure: Bool) { value.withLock { $0 = (text, isSecure) } }
}
