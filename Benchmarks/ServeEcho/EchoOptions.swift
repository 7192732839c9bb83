/// What the command line says.
struct EchoOptions {
  /// Where to listen on loopback; 0 lets the kernel choose.
  var port: UInt16 = 0
  /// How many loops carry sockets, besides the one that accepts. 1.
  var loops = 1
  /// Paths of the certificate and its key, PEM; nil: no TLS.
  var tls: (certificate: String, key: String)?

  /// Nil when the words make no sense.
  init?(_ words: some Sequence<String>) {
    var words = Array(words)[...]
    guard let port = words.popFirst().flatMap({ UInt16($0) }) else { return nil }
    self.port = port
    while let word = words.popFirst() {
      switch word {
      case "--loops":
        guard let count = words.popFirst().flatMap({ Int($0) }), (1...64).contains(count) else { return nil }
        loops = count
      case "--tls":
        guard let certificate = words.popFirst(), let key = words.popFirst() else { return nil }
        tls = (certificate, key)
      default: return nil
      }
    }
  }
}
