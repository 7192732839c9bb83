import Foundation
import Glibc

/// The processes of this machine, as /proc shows them.
enum Processes {
  /// Those that live and whose working folder is this one, under whatever name they know it.
  static func inside(_ folder: String) -> [pid_t] {
    var place = stat()
    guard stat(folder, &place) == 0 else { return [] }
    return all().filter { pid in
      var here = stat()
      return stat("/proc/\(pid)/cwd", &here) == 0 && here.st_ino == place.st_ino && here.st_dev == place.st_dev && isAlive(pid)
    }
  }

  /// Stops the LibreOffice that works in this folder, so that it does not end by itself. False when there is none yet.
  static func freezeLibreOffice(in folder: String) -> Bool {
    for pid in inside(folder) where command(pid).contains("soffice.bin --") { return kill(pid, SIGSTOP) == 0 }
    return false
  }

  /// Ends what is left in this folder.
  static func clear(_ folder: String) { for pid in inside(folder) { kill(pid, SIGKILL) } }

  /// All of them; none when /proc cannot be read.
  static func all() -> [pid_t] {
    guard let stream = opendir("/proc") else { return [] }
    defer { closedir(stream) }
    var found: [pid_t] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
      }
      if let pid = pid_t(name) { found.append(pid) }
    }
    return found
  }

  /// The program and its arguments; "" when it has ended.
  static func command(_ pid: pid_t) -> String {
    let bytes = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") ?? Data()
    return String(decoding: bytes, as: UTF8.self).replacingOccurrences(of: "\0", with: " ")
  }

  /// The process that started it; nil when it has ended.
  static func parent(_ pid: pid_t) -> pid_t? { fields(pid).flatMap { $0.count > 1 ? pid_t($0[1]) : nil } }

  /// Whether it still runs: what nobody has waited for yet does not.
  static func isAlive(_ pid: pid_t) -> Bool { fields(pid).map { $0.first != "Z" && $0.first != "X" } ?? false }

  /// From the state on: what stands before it may hold brackets.
  private static func fields(_ pid: pid_t) -> [Substring]? {
    guard let data = FileManager.default.contents(atPath: "/proc/\(pid)/stat") else { return nil }
    return String(decoding: data, as: UTF8.self).split(separator: ")").last?.split(separator: " ")
  }
}
