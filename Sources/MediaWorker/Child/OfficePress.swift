import Domain
import Glibc

/// Makes PDFs of Word and Excel files and of text, with LibreOffice.
struct OfficePress {
  let order: ChildOrder
  /// The folder with the child's files.
  let folder: String

  /// Makes the renditions. A file that is not stamped is handed out as it is: its type has no scripts, and an accountant wants the
  /// workbook and not
  /// a picture of it. Throws: why they aren't made.
  func press(_ type: FileType) throws(Refusal) -> ChildReport {
    guard order.stamp == nil else { return try PaperPress(order: order, folder: folder).press(try convert(type)) }
    var report = ChildReport(outcome: .unchanged, type: type.rawValue)
    guard type == .docx || type == .xlsx, order.tools.soffice != nil else { return report }
    do throws(Refusal) {
      PaperPress(order: order, folder: folder).addPreviews(of: try convert(type), to: &report)
    } catch {
      report.detail = "no preview: \(error.detail)"
    }
    return report
  }

  /// The path of a PDF of `original`. - Throws: `.converterMissing` as pending, `.notConverted`.
  private func convert(_ type: FileType) throws(Refusal) -> String {
    guard let program = order.tools.soffice else {
      throw Refusal(.converterMissing, "LibreOffice is not installed", outcome: .pending)
    }
    let source = "\(folder)/paper.\(type.rawValue)"
    guard link("\(folder)/\(ChildOrder.Name.original)", source) == 0 else {
      throw Refusal(.crashed, "the file cannot be given its name: errno \(errno)", outcome: .failed)
    }
    // A profile of its own, in which nothing was ever allowed: macros are off, and nothing is fetched, as there is no network
    // either.
    let status = Tool.run(
      program,
      [
        "--headless", "--norestore", "--nologo", "--nodefault", "--nolockcheck", "--nofirststartwizard",
        "-env:UserInstallation=file://\(folder)/profile", "--convert-to", "pdf", "--outdir", folder, source,
      ], in: folder, seconds: 90, environment: ["SAL_USE_VCLPLUGIN": "svp", "SAL_DISABLE_OPENCL": "1"])
    let result = "\(folder)/paper.pdf"
    guard status == 0, access(result, R_OK) == 0 else { throw Refusal(.notConverted, "soffice ended with \(status)") }
    return result
  }
}
