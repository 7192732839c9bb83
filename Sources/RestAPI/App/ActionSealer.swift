import Logging
import ServiceLifecycle
import Storage

/// Seals new rows of the action log within a second. Every RestAPI runs one; the database lets one at a time do it.
struct ActionSealer: Service {
  let services: RestServices
  /// How long between two looks.
  let pause: Duration = .milliseconds(500)

  func run() async throws {
    var isAway = false
    while !Task.isShuttingDownGracefully {
      do {
        try await services.database.run { try ActionSeal.sealAll(in: $0) }
        isAway = false
      } catch {
        // Said once; the rows wait.
        if !isAway { services.logger.warning("The action log isn't sealed for now", metadata: ["error": "\(error)"]) }
        isAway = true
      }
      do {
        try await cancelWhenGracefulShutdown { try await Task.sleep(for: pause) }
      } catch is CancellationError {
        break
      }
    }
  }
}
