import CJemalloc
import Glibc
import Logging
import Metrics
import Reactor
import ServerKit

/// The chat server's process: reads the environment, starts, waits for SIGTERM or SIGINT, stops. With TLS, SIGHUP reads the certificate anew.
@main
enum ChatServerMain {
  static func main() {
    let configuration = configured { () throws(ConfigurationFailure) in try ChatConfiguration(ConfigurationReader()) }
    // Before any other thread exists, so that all inherit it and only `sigwait` gets them.
    var signals = sigset_t()
    sigemptyset(&signals)
    for signal in [SIGTERM, SIGINT] + (configuration.tls == nil ? [] : [SIGHUP]) { sigaddset(&signals, signal) }
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    bootstrapLogging(program: "chat", configuration.shared)
    let registry = PrometheusRegistry()
    MetricsSystem.bootstrap(registry)
    let logger = Logger(label: "chat")
    raiseDescriptorLimit()
    var options = ChatApplication.Options()
    options.metrics = registry
    do {
      let application = try ChatApplication(configuration, options: options, logger: logger)
      logger.notice("listening", metadata: ["address": "\(application.address)", "allocator": "\(allocator)"])
      var signal: Int32 = 0
      while sigwait(&signals, &signal) == 0, signal == SIGHUP { application.reloadCertificate() }
      let isStopped = Monitor(false)
      Task.detached {
        await application.stop()
        isStopped.withLock { $0 = true }
        isStopped.signal()
      }
      _ = isStopped.wait { $0 ? true : nil }
    } catch let failure as TLSContext.Failure {
      StandardError.write("The chat server cannot speak TLS: \(failure).\n")
      exit(1)
    } catch {
      StandardError.write("The chat server cannot listen on \(configuration.listen): \(error).\n")
      exit(1)
    }
  }

  /// What the process' memory comes from; "malloc" where something else took jemalloc's place.
  private static var allocator: String { cjemalloc_version().map { "jemalloc \(String(cString: $0))" } ?? "malloc" }

  /// Each socket is a descriptor, and most systems allow far more than the first limit says.
  private static func raiseDescriptorLimit() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }
}
