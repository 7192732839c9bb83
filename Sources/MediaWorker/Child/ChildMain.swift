import CSandbox
import Domain
import Foundation
import Glibc

/// A child: one file of a stranger, in a process that can do nothing else and ends with it.
enum ChildMain {
  /// The hidden argument that makes a process one.
  static let argument = "--child"

  /// Reads the order from standard input, shuts itself in, does it, and writes the report to standard output.
  static func run() -> Never {
    var report: ChildReport
    do {
      let order = try JSONDecoder().decode(ChildOrder.self, from: FileHandle.standardInput.readToEnd() ?? Data())
      // The order is the worker's own; the stranger's file has not been touched yet.
      let taken = enter(order)
      guard taken >= 0 else { throw Refusal(.crashed, "the limits cannot be set: errno \(errno)", outcome: .failed) }
      report = try press(order)
      report.sandbox = taken
    } catch let refusal as Refusal {
      report = ChildReport(outcome: refusal.outcome, reason: refusal.reason, detail: String(refusal.detail.prefix(500)))
    } catch {
      report = ChildReport(outcome: .failed, reason: .crashed, detail: "\(error)")
    }
    report.memory = peak()
    do {
      try FileHandle.standardOutput.write(contentsOf: JSONEncoder().encode(report))
      // Without the destructors of libraries that a file may have confused.
      _exit(0)
    } catch {
      _exit(1)
    }
  }

  /// The most that this process held, as the kernel counts; nil when it doesn't say.
  private static func peak() -> Int? {
    let status = FileManager.default.contents(atPath: "/proc/self/status").map { String(decoding: $0, as: UTF8.self) } ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
  }

  private static func enter(_ order: ChildOrder) -> Int32 {
    let sandbox = order.sandbox
    var limits = csandbox_limits()
    limits.memory = UInt64(sandbox.memory)
    limits.seconds = UInt64(sandbox.seconds)
    limits.file = UInt64(sandbox.file)
    limits.files = UInt64(sandbox.files)
    limits.user = sandbox.user
    limits.parent = sandbox.parent
    limits.office = order.isOffice && order.tools.soffice != nil ? 1 : 0
    let taken = csandbox_enter(&limits)
    guard taken >= 0 else { return taken }
    // Its folder may have another name now.
    for (name, value) in Tool.environment(folder: FileManager.default.currentDirectoryPath) { setenv(name, value, 1) }
    return taken
  }

  private static func press(_ order: ChildOrder) throws(Refusal) -> ChildReport {
    let folder = FileManager.default.currentDirectoryPath
    guard let type = FileType(rawValue: order.type) else { throw Refusal(.unstampable, "there is no type \(order.type)") }
    switch order.work {
    case .probe: return ChildReport(outcome: .ready)
    case .sample: return try SamplePress(order: order, folder: folder).press()
    case .paper: break
    }
    var status = stat()
    // libvips stops the process at an empty file.
    guard stat("\(folder)/\(ChildOrder.Name.original)", &status) == 0, status.st_size > 0 else {
      throw Refusal(.broken, "it is empty")
    }
    try Picture.start(threads: 2)
    switch type {
    case .jpeg, .png, .webp, .heic, .tiff: return try PicturePress(order: order, folder: folder).press(type)
    case .pdf: return try PaperPress(order: order, folder: folder).press("\(folder)/\(ChildOrder.Name.original)")
    case .docx, .xlsx, .txt, .csv: return try OfficePress(order: order, folder: folder).press(type)
    case .xml, .p7s:
      guard order.stamp == nil else { throw Refusal(.unstampable, "\(type.rawValue) files carry no stamp") }
      return ChildReport(outcome: .unchanged, type: type.rawValue)
    }
  }
}
