import Foundation
import Hummingbird
import Logging
import Metrics
import NIOCore
import ObjectStorage
import ServerKit
import ServiceLifecycle
import Storage
import UnixSignals

/// RestAPI: accounts, the ERP's REST interface and the built pages.
@main
struct RestMain {
  static func main() async {
    let configuration = configured { () throws(ConfigurationFailure) in try RestConfiguration(ConfigurationReader()) }
    bootstrapLogging(program: "RestAPI", configuration.shared)
    let metrics = PrometheusRegistry()
    MetricsSystem.bootstrap(metrics)
    let logger = Logger(label: "rest")

    raiseDescriptorLimit()
    var postgres = PostgresConfiguration(conninfo: configuration.shared.database, applicationName: "onefin-rest")
    postgres.poolSize = configuration.shared.databaseConnections
    let database = Postgres(postgres) { event in logger.info("Postgres pool", metadata: ["event": "\(event)"]) }
    let passwords = PasswordHasher(atOnce: configuration.passwordHashes, queueLimit: configuration.passwordQueue)
    do {
      let blobs = try configuration.blobs.open()
      let services = RestServices(
        configuration: configuration, database: database, blobs: blobs, passwords: passwords, metrics: metrics, logger: logger)
      try await passwords.warmUp()
      let application = RestServer.application(services)
      var group = ServiceGroupConfiguration(
        // Stopped from the last to the first: what requests leave behind is written after them.
        services: [
          .init(service: Housekeeping(services: services)), .init(service: ActionSealer(services: services)),
          .init(service: AuditJob(services: services)), .init(service: application),
          .init(service: Drain(health: services.health)),
        ],
        gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
      // Requests that run get their time; after that the process ends all the same.
      group.maximumGracefulShutdownDuration = .seconds(10)
      try await ServiceGroup(configuration: group).run()
      await blobs.close()
      await database.close()
      logger.notice("Stopped")
    } catch let error as IOError where error.errnoCode == EADDRINUSE {
      StandardError.write(
        "\(configuration.listen) is in use by another program: stop it, or set REST_LISTEN to another address.\n")
      exit(1)
    } catch let error as BlobError {
      StandardError.write("The blob store can't be used: \(error.message). BLOB_STORE says where it is.\n")
      exit(1)
    } catch {
      logger.critical("RestAPI ends", metadata: ["error": "\(error)"])
      exit(1)
    }
  }

  /// As many descriptors as the system allows: the usual soft limit is below the connections that the server takes.
  private static func raiseDescriptorLimit() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }

  /// Says "not ready" from the moment that the stop is asked for.
  private struct Drain: Service {
    let health: HealthRegistry

    func run() async throws {
      try await gracefulShutdown()
      health.drain()
    }
  }
}
