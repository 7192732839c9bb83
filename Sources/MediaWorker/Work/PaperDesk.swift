import CSandbox
import Domain
import Glibc
import Logging
import ServerKit
import Storage

/// Does one job: fetches the file, has a child make its renditions, keeps them in the blob store, and writes down what became of
/// it.
struct PaperDesk: Sendable {
  /// What all jobs are done with.
  struct Means: Sendable {
    let database: Postgres
    let blobs: any BlobStore
    let folder: WorkFolder
    let configuration: MediaConfiguration
    /// What is installed at the moment.
    let tools: @Sendable () -> ChildOrder.Tools
    let logger: Logger
    /// The executable that children are.
    var program = "/proc/self/exe"
    /// What was written lately; tests look at it.
    var onEnd: (@Sendable (Job, ChildProcess.End) -> Void)?
    /// How long a lease lasts unless it is extended.
    var lease: Duration = .seconds(45)
    /// How often it is extended.
    var beat: Duration = .seconds(10)
  }

  /// The longest file that a child may leave.
  private static let largestRendition: Int64 = 1 << 30

  /// Types whose original may be the rendition: a child that a file has taken over can say so of it. A PDF's only when it is signed, which is for the
  /// child to say; it is handed out to be saved, as all originals are, and never shown.
  private static let handedOutAsTheyCame: Set<String> = ["docx", "xlsx", "txt", "csv", "xml", "p7s", "pdf"]

  let means: Means
  private var logger: Logger { means.logger }

  /// Why a job is not done this time, and isn't to blame for it.
  private struct Away: Error, CustomStringConvertible {
    let description: String
  }

  /// Does a job that has just been leased, to whatever end.
  func work(_ job: Job) async {
    do {
      let isOurs = try await holding(job) {
        switch job.kind {
        case .document: try await press(job)
        case .sample: try await draw(job)
        }
      }
      if !isOurs { logger.warning("the lease was lost: somebody else does the job", metadata: ["job": "\(job.id)"]) }
    } catch let error as DatabaseError where error.isTemporary {
      // The lease runs out, and somebody does it again.
      logger.warning("the database is away", metadata: ["job": "\(job.id)", "error": "\(error)"])
    } catch {
      // The worker may be stopping. What it writes down now must not be cancelled too.
      await Task { await end(job, after: error) }.value
    }
  }

  private func end(_ job: Job, after error: any Error) async {
    if error is CancellationError || (error as? BlobError)?.kind == .cancelled {
      await giveBack(job, for: .zero)
    } else if let away = error as? Away {
      logger.warning("the job waits", metadata: ["job": "\(job.id)", "reason": "\(away)"])
      await giveBack(job, for: .seconds(15))
    } else {
      logger.error("the job failed", metadata: ["job": "\(job.id)", "error": "\(error)"])
      await fail(job, "\(error)")
    }
  }

  // MARK: The lease

  /// Keeps the job's lease while `body` runs. False when it was lost meanwhile: then `body` was cancelled, and has ended.
  private func holding(_ job: Job, _ body: @escaping @Sendable () async throws -> Void) async throws -> Bool {
    try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask {
        try await body()
        return true
      }
      group.addTask {
        try await beat(job)
        return false
      }
      defer { group.cancelAll() }
      guard try await group.next() == false else { return true }
      group.cancelAll()
      // The lease also ends with the job.
      if case .success = await group.nextResult() { return true }
      return false
    }
  }

  /// Extends the lease until it is lost, or until nobody could tell for as long as it lasts.
  private func beat(_ job: Job) async throws {
    var last = ContinuousClock.now
    while true {
      try await Task.sleep(for: means.beat)
      do {
        guard try await means.database.run({ try Jobs.extend(job, for: means.lease, in: $0) }) else { return }
        last = .now
      } catch let error as DatabaseError where error.isTemporary {
        if .now - last > means.lease { return }
      }
    }
  }

  // MARK: Documents

  private func press(_ job: Job) async throws {
    guard let id = job.document, let paper = try await means.database.run({ try MediaWork.paper(id, in: $0) }) else {
      throw Refusal(.broken, "the job is about no document", outcome: .failed)
    }
    guard paper.media != "ready" else {
      _ = try await means.database.transaction { try Jobs.finish(job, in: $0) }
      return
    }
    let settings = try await means.database.run { try WatermarkSettings.read(in: $0) }
    let room = try means.folder.makeRoom("\(job.id)-\(job.attempt)", user: user)
    defer { room.remove() }
    try await fetch(paper.hash, to: ChildOrder.Name.original, in: room)
    var order = ChildOrder(type: paper.type, limits: limits, sandbox: sandbox(isOffice: false), tools: means.tools())
    if order.isOffice, order.tools.soffice != nil { order.sandbox = sandbox(isOffice: true) }
    var token: StampToken?
    if paper.stamping != .never {
      let made = StampToken()
      token = made
      order.sparesSigned = paper.stamping == .unlessSigned
      order.stamp = try await stamp(
        settings, number: paper.id.rawValue, uploader: paper.uploader.rawValue, at: paper.at, made, in: room)
    }
    let end = try await run(order, in: room, for: job)
    guard let report = end.report else {
      try await fail(paper, by: job, reason: end.isTimedOut || end.signal == SIGXCPU ? .tooSlow : .crashed, error: describe(end))
      return
    }
    note(report, end, paper)
    switch report.outcome {
    case .ready, .unchanged: try await keep(report, of: paper, token: token, room: room, job: job)
    case .refused: try await settle(paper, by: job, as: .refused, reason: report.reason ?? .broken)
    case .pending: try await settle(paper, by: job, as: .pending, reason: report.reason ?? .converterMissing)
    case .failed:
      try await fail(paper, by: job, reason: report.reason ?? .crashed, error: report.detail ?? "the child says nothing")
    }
  }

  private func stamp(
    _ settings: WatermarkSettings, number: Int64, uploader: Int64, at: Timestamp, _ token: StampToken, in room: WorkFolder.Room
  ) async throws -> StampOrder {
    StampOrder(
      address: "\(means.configuration.publicAddress)/v/\(token.text)",
      firm: settings.text.isEmpty ? means.configuration.shared.firmName : settings.text, number: number, uploader: uploader,
      time: at.stampText, logo: try await logo(settings.logo, settings.logoType, in: room), opacity: settings.opacity,
      position: settings.position)
  }

  private func logo(_ hash: BlobHash?, _ type: FileType?, in room: WorkFolder.Room) async throws -> String? {
    guard let hash, let type else { return nil }
    try await fetch(hash, to: ChildOrder.Name.logo, in: room)
    return type.rawValue
  }

  /// Puts what was made into the blob store, and then tells of it.
  private func keep(
    _ report: ChildReport, of paper: MediaWork.Paper, token: StampToken?, room: WorkFolder.Room, job: Job
  ) async throws {
    var renditions: [MediaWork.Rendition] = []
    let isUnchanged = report.outcome == .unchanged
    if isUnchanged {
      guard Self.handedOutAsTheyCame.contains(paper.type) else {
        throw Refusal(.crashed, "a child would hand out what it was to make anew", outcome: .failed)
      }
      guard token == nil || paper.stamping == .unlessSigned else {
        throw Refusal(.crashed, "a child left out the stamp", outcome: .failed)
      }
      renditions.append(
        .init(kind: .clean, hash: paper.hash, type: paper.type, size: paper.size, pages: Self.bounded(report.pages)))
    } else {
      guard let type = report.type.flatMap(FileType.init(rawValue:)), [.jpeg, .png, .pdf].contains(type) else {
        throw Refusal(.crashed, "a child made a file of another type", outcome: .failed)
      }
      renditions.append(
        try await keep(
          ChildOrder.Name.rendition, as: token == nil ? .clean : .stamped, type, report.size, pages: report.pages, in: room))
    }
    for (kind, name, size) in [
      (MediaWork.Rendition.Kind.preview, ChildOrder.Name.preview, report.preview),
      (.thumbnail, ChildOrder.Name.thumbnail, report.thumbnail),
    ] {
      if let size { renditions.append(try await keep(name, as: kind, .jpeg, size, pages: nil, in: room)) }
    }
    let made = renditions
    let isWritten = try await means.database.transaction {
      try MediaWork.ready(paper, by: job, renditions: made, token: isUnchanged ? nil : token?.hash, in: $0)
    }
    if isWritten {
      try await wake()
    } else {
      logger.warning("the job was somebody else's meanwhile", metadata: ["job": "\(job.id)"])
    }
  }

  /// One file of the child's: looked at again from outside, hashed, and put into the store, which hashes it again.
  private func keep(
    _ name: String, as kind: MediaWork.Rendition.Kind, _ type: FileType, _ size: ChildReport.Size?, pages: Int?,
    in room: WorkFolder.Room
  ) async throws -> MediaWork.Rendition {
    let path = "\(room.inner)/\(name)"
    let checked = try await BlobThreads.shared.run { () throws(BlobError) in
      try RenditionFile.look(path, as: type, limit: Self.largestRendition)
    }
    guard let checked else { throw Refusal(.crashed, "\(name) is not what the child said", outcome: .failed) }
    _ = try await means.database.run { try BlobTable.claim(checked.hash, in: $0) }
    do throws(BlobError) {
      try await means.blobs.put(file: path, hash: checked.hash, size: checked.size)
    } catch {
      throw error.isTemporary || error.kind == .refused ? Away(description: "\(error)") : error
    }
    return MediaWork.Rendition(
      kind: kind, hash: checked.hash, type: type.rawValue, size: checked.size, width: Self.bounded(size?.width),
      height: Self.bounded(size?.height), pages: Self.bounded(pages))
  }

  /// A number that a child said, if it can be one.
  private static func bounded(_ number: Int?) -> Int32? {
    number.flatMap { (1...100_000).contains($0) ? Int32($0) : nil }
  }

  // MARK: Samples

  private func draw(_ job: Job) async throws {
    let settings = try await means.database.run { try WatermarkSamples.wish(of: job.id, in: $0) }
    let room = try means.folder.makeRoom("\(job.id)-\(job.attempt)", user: user)
    defer { room.remove() }
    let stamp = try await stamp(settings, number: 1042, uploader: 17, at: .now, StampToken(), in: room)
    let order = ChildOrder(
      work: .sample, type: FileType.png.rawValue, stamp: stamp, limits: limits, sandbox: sandbox(isOffice: false))
    let end = try await run(order, in: room, for: job)
    guard let report = end.report, report.outcome == .ready else {
      throw Refusal(.crashed, end.report?.detail ?? describe(end), outcome: .failed)
    }
    let sample = try await keep(ChildOrder.Name.rendition, as: .preview, .png, report.size, pages: nil, in: room)
    try await means.database.transaction { session in
      try BlobTable.keep(sample.hash, size: sample.size, in: session)
      _ = try Jobs.finish(job, output: sample.hash, in: session)
    }
  }

  // MARK: Children

  /// Runs a child, which goes with the task.
  private func run(_ order: ChildOrder, in room: WorkFolder.Room, for job: Job) async throws -> ChildProcess.End {
    let child = ChildProcess(order, in: room, program: means.program)
    let end = try await withTaskCancellationHandler {
      try await child.run(seconds: order.sandbox.seconds)
    } onCancel: {
      child.stop()
    }
    try Task.checkCancellation()
    means.onEnd?(job, end)
    return end
  }

  private var user: UInt32 { UInt32(means.configuration.user) }

  private var limits: ChildOrder.Limits {
    ChildOrder.Limits(pixels: means.configuration.megapixels * 1_000_000, pages: means.configuration.pages)
  }

  private func sandbox(isOffice: Bool) -> ChildOrder.Sandbox {
    let factor = isOffice ? 2 : 1
    return ChildOrder.Sandbox(
      memory: (means.configuration.memory * factor) << 20, seconds: means.configuration.seconds * factor, user: user,
      parent: getpid())
  }

  /// Fetches a blob for the child.
  private func fetch(_ hash: BlobHash, to name: String, in room: WorkFolder.Room) async throws {
    let path = "\(room.inner)/\(name)"
    do throws(BlobError) {
      try await means.blobs.fetch(hash, to: path)
    } catch {
      throw error.isTemporary || error.kind == .refused ? Away(description: "\(error)") : error
    }
    try room.give(path, to: user)
  }

  // MARK: What becomes of it

  private func settle(_ paper: MediaWork.Paper, by job: Job, as state: MediaWork.State, reason: ChildReport.Reason) async throws {
    let isWritten = try await means.database.transaction {
      try MediaWork.settle(paper, by: job, as: state, reason: reason.rawValue, in: $0)
    }
    if isWritten { try await wake() }
  }

  private func fail(_ paper: MediaWork.Paper, by job: Job, reason: ChildReport.Reason, error: String) async throws {
    logger.warning(
      "a file could not be worked on", metadata: ["document": "\(paper.id)", "attempt": "\(job.attempt)", "error": "\(error)"])
    let outcome = try await means.database.transaction {
      try MediaWork.fail(paper, by: job, reason: reason.rawValue, error: error, in: $0)
    }
    if outcome == .final { try await wake() }
  }

  /// An attempt that failed outside of the child: the document's blob is gone, the disk is full.
  private func fail(_ job: Job, _ error: String) async {
    do {
      if let id = job.document, let paper = try await means.database.run({ try MediaWork.paper(id, in: $0) }) {
        try await fail(paper, by: job, reason: .crashed, error: error)
      } else {
        _ = try await means.database.transaction { try Jobs.fail(job, error: error, in: $0) }
      }
    } catch {
      logger.error("a failed job could not be written down", metadata: ["job": "\(job.id)", "error": "\(error)"])
    }
  }

  private func giveBack(_ job: Job, for pause: Duration) async {
    do {
      _ = try await means.database.run { try Jobs.giveBack(job, for: pause, in: $0) }
    } catch {
      logger.warning("the lease has to run out", metadata: ["job": "\(job.id)", "error": "\(error)"])
    }
  }

  /// Tells of what is written. A task of its own: with the job the lease ends, and with the lease the task may.
  private func wake() async throws {
    try await Task { try await means.database.run { try Outbox.wake(in: $0) } }.value
  }

  private func note(_ report: ChildReport, _ end: ChildProcess.End, _ paper: MediaWork.Paper) {
    logger.info(
      "a file was looked at",
      metadata: [
        "document": "\(paper.id)", "type": "\(paper.type)", "outcome": "\(report.outcome.rawValue)",
        "reason": "\(report.reason?.rawValue ?? "")", "seconds": "\(end.seconds)", "MiB": "\((report.memory ?? 0) >> 20)",
        "detail": "\(report.detail ?? "")",
      ])
  }

  private func describe(_ end: ChildProcess.End) -> String {
    if end.isTimedOut { return "it took longer than it may" }
    return (end.signal == 0 ? "it ended with status \(end.status)" : "it was ended by signal \(end.signal)") + ": \(end.errors)"
  }
}
