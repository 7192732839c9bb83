import Glibc
import Reactor
import WebSocketServer

/// The engine alone, for the benchmarks and the conformance suite: `serve-echo PORT [--loops N] [--tls CERTIFICATE KEY]`.
@main
enum ServeEcho {
  /// The largest message: the conformance suite's largest are 16 MiB.
  private static let messageBytes = 64 << 20

  static func main() {
    guard let options = EchoOptions(CommandLine.arguments.dropFirst()) else {
      fail("usage: serve-echo PORT [--loops N] [--tls CERTIFICATE KEY]   paths: /echo, /room and /idle", 2)
    }
    var limits = SocketLimits()
    limits.messageBytes = messageBytes
    limits.queuedBytes = 4 * messageBytes
    // The load decides how much is asked for.
    (limits.requestsPerSecond, limits.requestBurst) = (1_000_000_000, 1_000_000_000)
    raiseDescriptorLimit()
    do {
      let loops = try EchoLoops.start(options.loops, limits: limits)
      let tls = try options.tls.map { try TLSContext(certificate: $0.certificate, key: $0.key) }
      let loop = try EventLoop()
      loop.attach(EchoFront(loop, loops.entrances, tls))
      let address = try SocketAddress(parsing: "127.0.0.1:\(options.port)")
      print("listening on \(try loop.listen(on: address).address)")
      // Also into a pipe at once: whoever started this waits for it.
      fflush(nil)
      loop.run()
    } catch {
      fail("serve-echo: \(error)", 1)
    }
  }

  private static func fail(_ text: String, _ status: Int32) -> Never {
    let line = Array((text + "\n").utf8)
    _ = write(STDERR_FILENO, line, line.count)
    exit(status)
  }

  /// Each socket is a descriptor, and most systems allow far more than the first limit says.
  private static func raiseDescriptorLimit() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }
}
