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
  /// How often it looks for what waits for LibreOffice, which another worker may not have.
  private static let longLook: Duration = .seconds(60)

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
      return try await database.transaction { [name, means] in try Jobs.lease(by: name, for: means.lease, in: $0) }
    } catch is CancellationError {
      return nil
    } catch {
      logger.warning("no job can be had", metadata: ["error": "\(error)"])
      return nil
    }
  }

  /// Looks for jobs now and then, and ends those of workers that vanished.
  private func lookAround() async {
    var converter: String?
    var since = ContinuousClock.now
    while !Task.isCancelled {
      let found = means.tools().soffice
      if found != nil, converter == nil || .now - since > Self.longLook {
        await retryPending()
        since = .now
      }
      converter = found
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

  /// LibreOffice is installed: what waits for it is tried again.
  private func retryPending() async {
    do {
      let count = try await database.transaction {
        try MediaWork.retryPending(reason: ChildReport.Reason.converterMissing.rawValue, in: $0)
      }
      guard count > 0 else { return }
      ring.yield()
      logger.notice("documents that waited for LibreOffice are converted", metadata: ["count": "\(count)"])
    } catch {
      logger.warning("documents that wait for LibreOffice cannot be looked for", metadata: ["error": "\(error)"])
    }
  }

  /// Tries what a child may not do here, and says in one line what this system takes from it and what it leaves.
  private func tellSandbox() async {
    let taken: Int32
    do {
      taken = try await probe()
    } catch {
      logger.critical("children cannot be started", metadata: ["error": "\(error)"])
      return
    }
    let tools = means.tools()
    if tools.pdftoppm == nil { logger.warning("PDFs get no previews: poppler-utils is not installed") }
    if tools.soffice == nil { logger.notice("Word and Excel files of staff wait: LibreOffice is not installed") }
    let missing = Self.missing(in: taken)
    logger.log(
      level: missing.isEmpty ? .notice : .warning, "working",
      metadata: [
        "sandbox": missing.isEmpty ? "full" : "partial", "has": "\(Self.parts(of: taken).joined(separator: ", "))",
        "missing": "\(missing.isEmpty ? "nothing" : missing.joined(separator: "; "))",
        "files at once": "\(means.configuration.children)",
      ])
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

  /// In words, what is taken from a child. The limits always are: without them none starts.
  static func parts(of taken: Int32) -> [String] {
    ["limits"] + parts.filter { taken & $0.bit != 0 }.map(\.name)
  }

  /// In words, what a child is left, and why that is so as a rule.
  static func missing(in taken: Int32) -> [String] {
    parts.filter { taken & $0.bit == 0 }.map { "\($0.name): \($0.cause)" }
  }

  private static let parts: [(bit: Int32, name: String, cause: String)] = [
    (
      Int32(CSANDBOX_NETWORK.rawValue), "no network (namespace)",
      "the worker is not root and user namespaces are forbidden, or a container forbids unshare(2)"
    ),
    (Int32(CSANDBOX_MOUNTS.rawValue), "own /tmp, empty /run (namespace)", "as for the network, or mounts are forbidden"),
    (Int32(CSANDBOX_SOCKETS.rawValue), "no sockets (seccomp)", "the kernel has no seccomp filters for this processor"),
    (
      Int32(CSANDBOX_FILES.rawValue), "own files only (Landlock)", "the kernel is older than 5.13 or was started without Landlock"
    ),
    (Int32(CSANDBOX_USER.rawValue), "not root", "MEDIA_USER is 0"),
    (Int32(CSANDBOX_PRIVILEGES.rawValue), "no new privileges", "the kernel refuses it"),
    (
      Int32(CSANDBOX_SIGNALS.rawValue), "no signals to others",
      "the worker is not root, so that children are its own user, and the kernel is older than 6.12"
    ),
  ]
}
