import Synchronization

/// The client's address of one connection: written by the PROXY handler on the connection's event loop, read by its requests.
final class ClientAddress: Sendable {
  /// That of the connection whose request is being answered; nil where no PROXY header is expected.
  @TaskLocal static var current: ClientAddress?

  private let value: Mutex<String?>

  init(_ text: String? = nil) { value = Mutex(text) }

  /// The address; nil while unknown.
  var text: String? { value.withLock { $0 } }

  func set(_ text: String?) { value.withLock { $0 = text } }
}
