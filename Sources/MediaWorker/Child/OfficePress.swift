import Domain
import Foundation
import Glibc

/// Makes PDFs of Word and Excel files and of text, with LibreOffice.
struct OfficePress {
  let order: ChildOrder
  /// The folder with the child's files.
  let folder: String

  /// How soffice.bin asks to be started again: at its first start it has only made its profile (`EXITHELPER_NORMAL_RESTART`).
  private static let wantsRestart = 81

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

  /// The path of a PDF of `original`. - Throws: `.converterMissing` as pending, `.notConverted`, `.tooSlow` and `.crashed` as failed.
  private func convert(_ type: FileType) throws(Refusal) -> String {
    guard let program = order.tools.soffice else {
      throw Refusal(.converterMissing, "LibreOffice is not installed", outcome: .pending)
    }
    let source = "\(folder)/paper.\(type.rawValue)"
    guard link("\(folder)/\(ChildOrder.Name.original)", source) == 0 else {
      throw Refusal(.crashed, "the file cannot be given its name: errno \(errno)", outcome: .failed)
    }
    try OfficeProfile.write(below: "\(folder)/profile")
    let arguments =
      [
        "--headless", "--norestore", "--nologo", "--nodefault", "--nolockcheck", "--nofirststartwizard",
        "-env:UserInstallation=file://\(folder)/profile", "--convert-to", "pdf", "--outdir", folder,
      ] + inputFilter(type) + [source]
    var status = Self.wantsRestart
    for _ in 1...2 where status == Self.wantsRestart {
      status = Tool.run(
        program, arguments, in: folder, seconds: 90, environment: ["SAL_USE_VCLPLUGIN": "svp", "SAL_DISABLE_OPENCL": "1"])
    }
    // It ran out of time or memory, or fell over: another time it may not.
    guard (0..<128).contains(status) else {
      throw Refusal(status == 128 + Int(SIGKILL) ? .tooSlow : .crashed, "soffice ended with \(status)", outcome: .failed)
    }
    let result = "\(folder)/paper.pdf"
    guard status == 0, access(result, R_OK) == 0 else { throw Refusal(.notConverted, "soffice ended with \(status)") }
    return result
  }

  /// How text is to be read: nothing in it says so, and LibreOffice would ask.
  private func inputFilter(_ type: FileType) -> [String] {
    guard type == .txt || type == .csv, let data = FileManager.default.contents(atPath: "\(folder)/\(ChildOrder.Name.original)")
    else {
      return []
    }
    let text = PlainText(data)
    switch type {
    case .csv: return ["--infilter=CSV:\(text.separator),34,\(text.isUTF8 ? 76 : 34),1"]
    default: return ["--infilter=Text (encoded):\(text.isUTF8 ? "UTF8" : "MS_1251")"]
    }
  }
}
