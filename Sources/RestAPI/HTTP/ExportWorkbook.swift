import Reports
import Storage
import Synchronization

/// A workbook that is written into an `ExportFile`, row by row, and sent from there: an archive's index comes last.
final class ExportWorkbook: Sendable {
  /// Where it is made.
  let file: ExportFile
  private let writer: Mutex<XLSXWriter>

  /// Begins it. Throws: `ReportError`; 507 without room.
  init(sheet: String, columns: [ReportColumn], _ uploads: UploadDesk) async throws {
    let file = try await ExportFile.scratch(uploads)
    self.file = file
    writer = Mutex(try XLSXWriter(path: file.path, sheet: sheet, columns: columns))
  }

  /// Adds rows, of which the last may be one of sums. Throws: `ReportError`.
  func append(_ rows: [[ReportCell]], isLastBold: Bool = false) async throws {
    try await TableThreads.run { [self] in
      try writer.withLock { writer in
        for (index, row) in rows.enumerated() { try writer.append(row, isBold: isLastBold && index == rows.count - 1) }
      }
    }
  }

  /// The file, whole. Throws: `ReportError`.
  func finish() async throws -> ExportFile {
    try await TableThreads.run { [self] in try writer.withLock { try $0.finish() } }
    return file
  }
}
