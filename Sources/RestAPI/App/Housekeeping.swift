import Logging
import ServerKit
import ServiceLifecycle
import Storage

/// What is done now and then, whoever asks: counts of refused sign-ins are written down, sessions that expired
/// are ended, and so are uploads that nobody goes on with.
struct Housekeeping: Service {
  let services: RestServices
  /// How long between two rounds.
  let pause: Duration = .seconds(60)

  func run() async throws {
    var round = 0
    while !Task.isShuttingDownGracefully {
      await tidy(hourly: round % 60 == 0)
      round += 1
      do {
        try await cancelWhenGracefulShutdown { try await Task.sleep(for: pause) }
      } catch is CancellationError {
        break
      }
    }
    await tidy(hourly: false)
  }

  /// One round. What fails is logged and tried again in the next one.
  func tidy(hourly: Bool) async {
    do {
      try await services.writeRefusals()
      services.uploads.rest()
      if hourly {
        let count = try await services.database.run { session in
          try AccessChange.run(in: session) { try Sessions.endExpired(in: session) }
        }
        if count > 0 { services.logger.info("Expired sessions ended", metadata: ["count": .stringConvertible(count)]) }
        let expired = try await services.database.run { try Uploads.expire(in: $0) }
        try await services.blobs.sweep()
        let removed = try await services.uploads.sweep(services.database)
        if expired + removed > 0 {
          services.logger.info(
            "Abandoned uploads ended", metadata: ["ended": .stringConvertible(expired), "removed": .stringConvertible(removed)])
        }
      }
    } catch {
      services.logger.warning("Housekeeping failed; it is tried again", metadata: ["error": "\(error)"])
    }
  }
}
