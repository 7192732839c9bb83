import Foundation
import Glibc
import ServerKit

/// The folder of one worker, and in it one for every file that it works on. A folder whose worker was killed is removed by the next
/// one that starts.
final class WorkFolder: Sendable {
  /// What could not be done with a folder.
  struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ doing: String) { description = "could not \(doing): \(String(cString: strerror(errno)))" }
  }

  private static let prefix = "onefin-media."
  /// The folder.
  let path: String
  private let lock: Int32

  /// Makes one below `parent`, and removes those that killed workers have left there.
  init(below parent: String) throws(Failure) {
    // Under a name that nobody sweeps, until it is locked.
    var template = Array("\(parent)/new-\(Self.prefix)\(String(repeating: "X", count: 6))".utf8CString)
    guard mkdtemp(&template) != nil else { throw Failure("make a folder in \(parent)") }
    let made = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    path = "\(parent)/\(made.dropFirst("\(parent)/new-".count))"
    lock = open("\(made)/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    // Others pass through it to their own folder, and see nothing on the way.
    guard lock >= 0, flock(lock, LOCK_EX | LOCK_NB) == 0, chmod(made, 0o711) == 0, rename(made, path) == 0 else {
      throw Failure("lock \(made)")
    }
    Self.sweep(parent, besides: path)
  }

  deinit { close(lock) }

  /// Removes it with all that is in it, at the end.
  func remove() { Self.remove(path) }

  /// Makes an empty folder for a file and the process that looks at it. `remove` it afterwards.
  ///
  /// - Parameters:
  ///   - name: its name.
  ///   - user: who owns the inner one if this process is root; 0: root.
  func makeRoom(_ name: String, user: UInt32) throws(Failure) -> Room {
    let room = Room(outer: "\(path)/\(name)")
    guard mkdir(room.outer, 0o711) == 0, mkdir(room.inner, 0o700) == 0 else { throw Failure("make \(room.inner)") }
    try room.give(room.inner, to: user)
    return room
  }

  /// Where one file lies while it is worked on.
  struct Room: Sendable {
    /// The worker's: what the child says and is told.
    let outer: String
    /// The child's.
    var inner: String { outer + "/files" }

    /// Makes a file or folder the child's, if this process is root.
    func give(_ path: String, to user: UInt32) throws(Failure) {
      guard geteuid() == 0, user != 0 else { return }
      guard lchown(path, user, user) == 0 else { throw Failure("give \(path) to user \(user)") }
    }

    /// Removes it with all that is in it.
    func remove() { WorkFolder.remove(outer) }
  }

  private static func sweep(_ parent: String, besides own: String) {
    guard let stream = opendir(parent) else { return }
    defer { closedir(stream) }
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
      }
      let path = "\(parent)/\(name)"
      var status = stat()
      guard name.hasPrefix(prefix), path != own, lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR,
        status.st_uid == geteuid()
      else { continue }
      let lock = open("\(path)/lock", O_RDWR | O_CLOEXEC | O_NOFOLLOW)
      guard lock >= 0 else { continue }
      if flock(lock, LOCK_EX | LOCK_NB) == 0 { remove(path) }
      close(lock)
    }
  }

  /// Removes a tree without following a link; what cannot be removed stays, and is only in the way.
  private static func remove(_ path: String) {
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch {
      StandardError.write("\(path) cannot be removed: \(error)\n")
    }
  }
}
