import Domain
import HTTPTypes
import Hummingbird
import NIOCore
import Storage

/// What the firm configures for itself.
enum SettingsActions {
  /// Somebody else has set it since it was looked at.
  static let changed = Problem(
    .conflict, "conflict", "Somebody has changed this meanwhile; look again.", fields: ["version": "changed"])

  static func watermark(_ call: SignedCall) async throws -> WatermarkSettings {
    try await call.services.database.run { try WatermarkSettings.read(in: $0) }
  }

  /// Throws: 409 when it was changed since `change.version`.
  static func set(_ change: WatermarkChange, _ call: SignedCall) async throws -> WatermarkSettings {
    try await update(call) { settings in
      guard settings.version == change.version else { throw changed }
      return change.applied(to: settings)
    }
  }

  /// Sets the logo, or takes it away.
  static func set(logo: (hash: BlobHash, type: FileType, size: Int64)?, _ call: SignedCall) async throws -> WatermarkSettings {
    try await update(call, blob: logo.map { ($0.hash, $0.size) }) { settings in
      var settings = settings
      (settings.logo, settings.logoType) = (logo?.hash, logo?.type)
      return settings
    }
  }

  private static func update(
    _ call: SignedCall, blob: (hash: BlobHash, size: Int64)? = nil,
    _ body: @escaping @Sendable (WatermarkSettings) throws -> WatermarkSettings
  ) async throws -> WatermarkSettings {
    try await call.write { call, session in
      if let blob { try BlobTable.keep(blob.hash, size: blob.size, in: session) }
      let before = try WatermarkSettings.read(in: session)
      let settings = try body(before)
      guard try settings.write(by: call.account, in: session) else { throw changed }
      try ActionLog.append(
        "settings.update", by: call.actor,
        detail: [
          "setting": .text(WatermarkSettings.name), "version": .number(Int64(settings.version) + 1),
          "before": .object(before.logged), "after": .object(settings.logged),
        ], written: .setting(WatermarkSettings.name), in: session)
      return try WatermarkSettings.read(in: session)
    }
  }

  /// The most samples that wait at once.
  private static let samples = 8

  /// Asks for a page with the stamp as `change` would make it, with the logo that is set. Throws: 429 when many wait.
  static func askSample(_ change: WatermarkChange, _ call: SignedCall) async throws -> Int64 {
    let number = try await call.write { _, session in
      guard try WatermarkSamples.waiting(in: session) < samples else {
        throw Problem(.tooManyRequests, "throttled", "Other samples are being made; try again later.", retryAfter: 5)
      }
      return try WatermarkSamples.ask(for: change.applied(to: try WatermarkSettings.read(in: session)), in: session)
    }
    await call.services.wakeWorkers()
    return number
  }

  /// How far a sample is. Throws: 404.
  static func sample(_ number: Int64, _ call: SignedCall) async throws -> WatermarkSamples.State {
    guard let sample = try await call.services.database.run({ try WatermarkSamples.find(number, in: $0) }) else {
      throw Problem.notFound
    }
    return sample
  }

  static func documents(_ call: SignedCall) async throws -> DocumentSettings {
    try await call.services.database.run { try DocumentSettings.read(in: $0) }
  }

  /// Throws: 409 when it was changed since `settings.version`.
  static func set(_ settings: DocumentSettings, _ call: SignedCall) async throws -> DocumentSettings {
    try await call.write { call, session in
      let before = try DocumentSettings.read(in: session)
      guard try settings.write(by: call.account, in: session) else { throw changed }
      try ActionLog.append(
        "settings.update", by: call.actor,
        detail: [
          "setting": .text(DocumentSettings.name), "version": .number(Int64(settings.version) + 1),
          "before": .object(before.logged), "after": .object(settings.logged),
        ], written: .setting(DocumentSettings.name), in: session)
      return try DocumentSettings.read(in: session)
    }
  }

  /// The most bytes of a logo.
  static let largestLogo = 2 << 20

  /// Takes a logo through the same checks as any upload and keeps its bytes. Throws: 413; 422 with the code of what is wrong with it.
  static func keepLogo(_ call: SignedCall) async throws -> (hash: BlobHash, type: FileType, size: Int64) {
    let services = call.services
    let desk = services.uploads
    let file = try await desk.scratch(limit: Int64(largestLogo))
    defer { desk.discard(file) }
    guard case .turn(let turn) = try await BlobThreads.shared.run({ () throws(BlobError) in try file.takeTurn(at: 0) }) else {
      throw Problem.internal
    }
    try await UploadStream.pour(call.call.request.body, into: file, turn, limit: Int64(largestLogo), desk: desk)
    let look = try await desk.look(file)
    guard look.size > 0 else { throw Problem.refused(.empty) }
    let type: FileType
    do throws(FileRefusal) {
      type = try FileTypeSniffer.sniff(head: look.head, tail: look.tail, size: look.size, name: "")
    } catch {
      throw Problem.refused(error)
    }
    guard [.png, .jpeg, .webp].contains(type) else {
      throw Problem(.unprocessableContent, "unsupported_type", "A logo is a PNG, JPEG or WebP picture.")
    }
    try await desk.scan(file)
    _ = try await services.database.run { try BlobTable.claim(look.hash, in: $0) }
    try await services.blobs.put(file: file.path, hash: look.hash, size: look.size)
    return (look.hash, type, look.size)
  }
}
