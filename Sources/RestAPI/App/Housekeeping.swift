import Domain
import Logging
import ServerKit
import ServiceLifecycle
import Storage

/// What is done now and then, whoever asks: counts of refused sign-ins are written down, sessions that expired
/// are ended, and so are uploads that nobody goes on with and cases in which nobody speaks; staff are warned of clients who wait. Several
/// processes may do it at once.
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

  /// One round. What fails is logged and tried again in the next one; it keeps nothing else from being done.
  func tidy(hourly: Bool) async {
    let (database, uploads) = (services.database, services.uploads)
    await attempt("refused sign-ins") { try await services.writeRefusals() }
    let now = services.clock()
    await attempt("cases that end by themselves") {
      let closed = try await database.run { try SilentClose.run(at: now, in: $0) }
      if !closed.isEmpty { services.logger.info("Silent cases closed", metadata: ["count": .stringConvertible(closed.count)]) }
    }
    await attempt("warnings of waiting clients") { _ = try await database.run { try WaitWarnings.run(at: now, in: $0) } }
    await attempt("idle uploads") { try await uploads.rest() }
    let blobs = services.blobs
    await attempt("files that were erased") {
      // What a backup brought back goes again.
      let removal = try await database.run { session in
        try ErasedFiles.retire(in: session)
        return try ErasedFiles.remove(from: blobs, again: hourly, in: session)
      }
      if removal.count > 0 {
        services.logger.info("Erased files removed", metadata: ["count": .stringConvertible(removal.count)])
      }
      report(removal)
    }
    guard hourly else { return }
    await attempt("expired sessions") {
      let count = try await database.run { session in try AccessChange.run(in: session) { try Sessions.endExpired(in: session) } }
      if count > 0 { services.logger.info("Expired sessions ended", metadata: ["count": .stringConvertible(count)]) }
    }
    await attempt("roots of the ledger of ghosts") {
      let roots = GhostRoots(database: database, folder: services.configuration.ghostRoots)
      let count = try await roots.write(before: LocalDate(inTashkentAt: services.clock()))
      if count > 0 {
        services.logger.info("Roots of the ledger of ghosts written", metadata: ["files": .stringConvertible(count)])
      }
    }
    await attempt("abandoned uploads") {
      let ended = try await database.run { try Uploads.expire(in: $0) }
      let removed = try await uploads.sweep(database)
      if ended + removed > 0 {
        services.logger.info(
          "Abandoned uploads ended", metadata: ["ended": .stringConvertible(ended), "removed": .stringConvertible(removed)])
      }
    }
    await attempt("what puts left behind in the blob store") { try await services.blobs.sweep() }
  }

  /// Bytes that were to be erased and are still there are a promise that isn't kept: an error, each with the beginning of its name in the store.
  private func report(_ removal: ErasedFiles.Removal) {
    for (hash, error) in removal.failures.sorted(by: { $0.key < $1.key }) {
      services.logger.error(
        "An erased file is still in the blob store; it is tried again",
        metadata: ["sha256": "\(hash.hex.prefix(12))…", "error": "\(error)"])
    }
    guard removal.isCutShort else { return }
    services.logger.warning("The blob store is away: the other erased files wait for the next round")
  }

  private func attempt(_ what: String, _ work: () async throws -> Void) async {
    do {
      try await work()
    } catch {
      services.logger.warning("Housekeeping failed; it is tried again", metadata: ["of": "\(what)", "error": "\(error)"])
    }
  }
}
