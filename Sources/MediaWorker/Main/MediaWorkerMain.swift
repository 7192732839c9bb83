import Dispatch
import Glibc
import Logging
import ObjectStorage
import ServerKit
import Storage

/// MediaWorker's process: reads the environment, works, and stops at SIGTERM or SIGINT. With a hidden argument it is one of its own
/// children.
@main
enum MediaWorkerMain {
  static func main() {
    if CommandLine.arguments.dropFirst().first == ChildMain.argument { ChildMain.run() }
    let (configuration, place) = configured { () throws(ConfigurationFailure) in
      let reader = ConfigurationReader()
      return (try MediaConfiguration(reader), try BlobConfiguration(reader))
    }
    // Before any other thread exists, so that all inherit it and only `sigwait` gets them.
    var signals = sigset_t()
    sigemptyset(&signals)
    for signal in [SIGTERM, SIGINT] { sigaddset(&signals, signal) }
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    bootstrapLogging(program: "media", configuration.shared)
    let logger = Logger(label: "media")
    var postgres = PostgresConfiguration(conninfo: configuration.shared.database, applicationName: "onefin-media")
    postgres.poolSize = configuration.shared.databaseConnections
    let database = Postgres(postgres)
    let means: PaperDesk.Means
    do {
      means = PaperDesk.Means(
        database: database, blobs: try place.open(), folder: try WorkFolder(below: configuration.folder),
        configuration: configuration,
        tools: Tool.installed, logger: logger)
    } catch {
      StandardError.write("MediaWorker cannot begin: \(error).\n")
      exit(1)
    }
    let application = MediaApplication(means)
    let work = Task.detached { await application.run() }
    var signal: Int32 = 0
    sigwait(&signals, &signal)
    logger.notice("stopping")
    work.cancel()
    let isOver = DispatchSemaphore(value: 0)
    Task.detached {
      await work.value
      await database.close()
      await means.blobs.close()
      isOver.signal()
    }
    // The system takes a child away together with its worker, and the lease of its job runs out.
    if isOver.wait(timeout: .now() + 10) == .timedOut { logger.warning("stopped in the middle of something") }
    means.folder.remove()
    logger.notice("stopped")
  }
}
