import Audit
import Domain
import Foundation
import Logging
import Metrics
import ServerKit
import ServiceLifecycle
import Storage

/// What happens once a day whatever the number of processes: the root is made, and the whole database is held against its chains. Whatever isn't what
/// was written raises an alarm: a line of the log, the metric `audit.faults`, and a notification to each admin.
struct AuditJob: Service {
  let services: RestServices
  /// How long between two looks whether a day has begun.
  let pause: Duration = .seconds(60)

  func run() async throws {
    await withDiscardingTaskGroup { group in
      group.addTask { await self.fulfil() }
      await self.repeatRounds()
      group.cancelAll()
    }
  }

  /// Does what admins ask for, as soon as they do.
  private func fulfil() async {
    await cancelWhenGracefulShutdown {
      for await _ in self.services.auditWish.bell { await self.verifyAsAsked() }
    }
  }

  private func repeatRounds() async {
    while !Task.isShuttingDownGracefully {
      await round()
      do {
        try await cancelWhenGracefulShutdown { try await Task.sleep(for: pause) }
      } catch {
        // The sleep was cut short: it is over.
        break
      }
    }
  }

  /// One look. What fails is logged and tried again in the next one.
  func round() async {
    await attempt("the daily root") {
      let (now, salt) = (services.clock(), (0..<16).map { _ in UInt8.random(in: .min ... .max) })
      let made = try await services.database.run { try DailyRoots.make(at: now, salt: salt, in: $0) }
      if let made {
        services.logger.notice("Daily root", metadata: ["number": "\(made.root.number)", "root": "\(Hex.string(made.hash))"])
      }
      try await RootFiles(folder: services.configuration.rootFolder, database: services.database).write()
    }
    await attempt("the daily verification") {
      let (clock, outside) = (services.clock, outside)
      let (now, day) = (clock(), LocalDate(inTashkentAt: clock()))
      let missed = try await services.database.run { try AuditRuns.noteMissed(before: day, at: now, in: $0) }
      if let missed { tell(missed) }
      if try await !services.database.run({ try AuditRuns.isDone(day, in: $0) }),
        let report = try await patiently({ try AuditRuns.runDaily(day, now: clock, outside: outside, in: $0) })
      {
        tell(report)
      }
      // What is measured is what the newest run found, whoever ran it: neither a restart nor another process ends an alarm.
      if let newest = try await services.database.run({ try AuditRuns.newest(limit: 1, in: $0).first }) {
        Meter(label: "audit.faults", factory: services.metrics).set(Int(newest.faultCount))
      }
    }
  }

  /// The verification that an admin has asked for, unless one is under way elsewhere: then that one is looked at.
  func verifyAsAsked() async {
    await attempt("the verification that somebody asked for") {
      guard let account = services.auditWish.asker else { return }
      defer { services.auditWish.clear() }
      let (clock, outside) = (services.clock, outside)
      if let report = try await patiently({ try AuditRuns.runAsked(by: account, now: clock, outside: outside, in: $0) }) {
        tell(report)
      }
    }
  }

  /// Holds the roots that left the house against the database.
  private var outside: @Sendable (Session) throws -> [AuditFault] {
    let folder = services.configuration.rootFolder
    return { try folder.isEmpty ? [] : RootFile.faults(in: folder, $0) }
  }

  /// A connection of its own, on which a statement may take its time.
  private func patiently<Value: Sendable>(_ body: @escaping @Sendable (Session) throws -> Value) async throws -> Value {
    var configuration = services.database.configuration
    configuration.poolSize = 1
    configuration.statementTimeout = .zero
    configuration.silenceLimit = .zero
    let database = Postgres(configuration)
    do {
      let value = try await database.run(body)
      await database.close()
      return value
    } catch {
      await database.close()
      throw error
    }
  }

  private func tell(_ report: AuditReport) {
    let counts: Logger.Metadata = [
      "topics": "\(report.topics)", "entries": "\(report.entries)", "actions": "\(report.actions)", "roots": "\(report.roots)",
      "months": "\(report.months)",
    ]
    guard !report.faults.isEmpty else { return services.logger.notice("The database is what was written", metadata: counts) }
    services.logger.critical(
      "The database isn't what was written", metadata: counts.merging(["faults": "\(report.faults.count)"]) { first, _ in first })
    for fault in report.faults.prefix(AuditRuns.keptFaults) {
      services.logger.critical("Not what was written", metadata: ["place": "\(fault.place)", "reason": "\(fault.reason)"])
    }
  }

  private func attempt(_ what: String, _ work: () async throws -> Void) async {
    do {
      try await work()
    } catch {
      services.logger.warning("It is tried again", metadata: ["of": "\(what)", "error": "\(error)"])
    }
  }
}
