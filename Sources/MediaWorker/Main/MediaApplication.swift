import CSandbox
import Domain
import Glibc
import Logging
import ServerKit
import Storage
import Synchronization

/// MediaWorker as one thing that starts and stops: leases jobs, as many as it has places, and works on each in a child.
final class MediaApplication: Sendable {
  /// How often it looks for jobs by itself: those that nobody woke it for, and those whose worker vanished.
  private static let look: Duration = .seconds(2)

  private let means: PaperDesk.Means
  private let name: String
  private let busy = Mutex(0)
  private let bell: AsyncStream<Void>
  private let ring: AsyncStream<Void>.Continuation

  private var logger: Logger { means.logger }
  private var database: Postgres { means.database }

  /// - Parameter means: what jobs are done with.
  init(_ means: PaperDesk.Means) {
    self.means = means
    var host = [CChar](repeating: 0, count: 256)
    gethostname(&host, host.count - 1)
    name = "\(String(decoding: host.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)):\(getpid()):\(Key.random())"
    (bell, ring) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Works until its task is cancelled. Files under way are given back then.
  func run() async {
    await tellSandbox()
    await retryPending()
    let listener: NotificationListener?
    do {
      let ring = ring
      listener = try NotificationListener(
        database.configuration, channels: [Jobs.wakeChannel],
        callbacks: .init(onConnected: { ring.yield() }, onNotification: { _ in ring.yield() }))
    } catch {
      logger.warning("nobody wakes this worker", metadata: ["error": "\(error)"])
      listener = nil
    }
    await withDiscardingTaskGroup { group in
      group.addTask { await self.lookAround() }
      var signals = bell.makeAsyncIterator()
      ring.yield()
      while await signals.next() != nil, !Task.isCancelled {
        while busy.withLock({ $0 < means.configuration.children }), let job = await lease() {
          busy.withLock { $0 += 1 }
          group.addTask {
            await PaperDesk(means: self.means).work(job)
            self.busy.withLock { $0 -= 1 }
            self.ring.yield()
          }
        }
      }
      group.cancelAll()
    }
    listener?.stop()
  }

  private func lease() async -> Job? {
    do {
      return try await database.transaction { [name] in try Jobs.lease(by: name, for: PaperDesk.lease, in: $0) }
    } catch is CancellationError {
      return nil
    } catch {
      logger.warning("no job can be had", metadata: ["error": "\(error)"])
      return nil
    }
  }

  /// Looks for jobs now and then, and ends those of workers that vanished.
  private func lookAround() async {
    while !Task.isCancelled {
      do {
        try await Task.sleep(for: Self.look)
        ring.yield()
        while let job = try await database.transaction({ try MediaWork.abandon(in: $0) }) {
          logger.error("a job's workers vanished", metadata: ["job": "\(job.id)", "worker": "\(job.worker)"])
          try await database.run { try Outbox.wake(in: $0) }
        }
      } catch is CancellationError {
        return
      } catch {
        logger.warning("lost jobs cannot be looked for", metadata: ["error": "\(error)"])
      }
    }
  }

  /// LibreOffice has been installed: what waits for it is tried again.
  private func retryPending() async {
    guard means.tools.soffice != nil else { return }
    do {
      let count = try await database.transaction {
        try MediaWork.retryPending(reason: ChildReport.Reason.converterMissing.rawValue, in: $0)
      }
      if count > 0 { logger.notice("documents that waited for LibreOffice are converted", metadata: ["count": "\(count)"]) }
    } catch {
      logger.warning("documents that wait for LibreOffice cannot be looked for", metadata: ["error": "\(error)"])
    }
  }

  /// Tries what a child may not do here, and says what this system doesn't take from it.
  private func tellSandbox() async {
    let missing: [String]
    do {
      missing = Self.missing(in: try await probe())
    } catch {
      logger.critical("children cannot be started", metadata: ["error": "\(error)"])
      return
    }
    for part in missing { logger.warning("this system does not shut children in fully", metadata: ["missing": "\(part)"]) }
    if means.tools.pdftoppm == nil { logger.warning("PDFs get no previews: poppler-utils is not installed") }
    if means.tools.soffice == nil { logger.notice("Word and Excel files of staff wait: LibreOffice is not installed") }
    logger.notice(
      "working", metadata: ["sandbox": missing.isEmpty ? "full" : "partial", "files at once": "\(means.configuration.children)"])
  }

  /// What was taken from a child that tries it.
  func probe() async throws -> Int32 {
    let user = UInt32(means.configuration.user)
    let room = try means.folder.makeRoom("probe", user: user)
    defer { room.remove() }
    let order = ChildOrder(
      work: .probe, type: FileType.png.rawValue, limits: .init(pixels: 1, pages: 1),
      sandbox: .init(memory: means.configuration.memory << 20, seconds: 10, user: user, parent: getpid()))
    let end = try await ChildProcess(order, in: room, program: means.program).run(seconds: 20)
    guard let taken = end.report?.sandbox else {
      throw Refusal(.crashed, "signal \(end.signal), status \(end.status): \(end.report?.detail ?? end.errors)", outcome: .failed)
    }
    return taken
  }

  /// In words, what a child still could.
  static func missing(in taken: Int32) -> [String] {
    [
      (CSANDBOX_NETWORK, "a network namespace: user namespaces are forbidden"),
      (CSANDBOX_SOCKETS, "a filter of system calls: seccomp"),
      (CSANDBOX_FILES, "a view of its own files only: Landlock"), (CSANDBOX_USER, "a user that is not root: MEDIA_USER is 0"),
      (CSANDBOX_PRIVILEGES, "no new privileges"),
    ].compactMap { taken & Int32($0.0.rawValue) == 0 ? $0.1 : nil }
  }
}
