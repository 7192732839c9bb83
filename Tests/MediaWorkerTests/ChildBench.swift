import Foundation
import Glibc
import PictureSupport
import Testing

@testable import MediaWorker

/// Runs real children on files that a test makes, as the worker does.
final class ChildBench {
  /// Writes a script that can be run at once. Another process does it: a child that some other test starts meanwhile would for a moment hold what this
  /// one writes to, and the kernel runs nothing that is being written.
  static func makeScript(_ command: String, at path: String) throws {
    try Data("#!/bin/sh\n\(command)\n".utf8).write(to: URL(fileURLWithPath: path + ".text"))
    let copy = try Process.run(URL(fileURLWithPath: "/bin/cp"), arguments: [path + ".text", path])
    copy.waitUntilExit()
    guard copy.terminationStatus == 0, chmod(path, 0o755) == 0 else { throw Failure("no script") }
  }

  /// The executable of MediaWorker, which lies beside the tests.
  static let program = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().appendingPathComponent(
    "MediaWorker"
  ).path
  /// The user that children become when the tests run as root.
  static let user: UInt32 = 61_931
  static let stamp = StampOrder(
    address: "https://1fin.example.uz/v/\(String(repeating: "q", count: 22))", firm: "Hisob-kitob Plus MChJ", number: 1042,
    uploader: 17,
    time: "21.11.2026 15:03")

  let folder: WorkFolder
  private(set) var rooms: [WorkFolder.Room] = []

  init() throws { folder = try WorkFolder(below: "/tmp") }

  deinit { folder.remove() }

  /// What came of one file.
  struct Result {
    let end: ChildProcess.End
    let room: WorkFolder.Room
    /// What removes the files when nobody looks at them any more.
    private let bench: ChildBench

    fileprivate init(_ end: ChildProcess.End, _ room: WorkFolder.Room, _ bench: ChildBench) {
      (self.end, self.room, self.bench) = (end, room, bench)
    }

    var report: ChildReport? { end.report }

    /// The path of a file that it made.
    func path(_ name: String) -> String { "\(room.inner)/\(name)" }
  }

  /// Bounds that are generous for tests.
  static func order(_ type: String, stamp: StampOrder? = ChildBench.stamp) -> ChildOrder {
    ChildOrder(
      type: type, stamp: stamp, limits: .init(pixels: 120_000_000, pages: 2_000),
      sandbox: .init(memory: 2 << 30, seconds: 60, user: user, parent: getpid()), tools: Tool.installed())
  }

  /// Has a child work on the file that `make` writes to the path it is given.
  func run(
    _ order: ChildOrder, seconds: Int = 60, logo: ((String) throws -> Void)? = nil, program: String = ChildBench.program,
    _ make: (String) throws -> Void
  ) async throws -> Result {
    let room = try folder.makeRoom("\(rooms.count)", user: order.sandbox.user)
    rooms.append(room)
    let path = "\(room.inner)/\(ChildOrder.Name.original)"
    try make(path)
    try room.give(path, to: order.sandbox.user)
    if let logo {
      let path = "\(room.inner)/\(ChildOrder.Name.logo)"
      try logo(path)
      try room.give(path, to: order.sandbox.user)
    }
    return Result(try await ChildProcess(order, in: room, program: program).run(seconds: seconds), room, self)
  }

  /// The same with a picture that code makes; `format` is an ending with libvips' options, as `.jpg[Q=90]`.
  func run(
    _ order: ChildOrder, _ format: String, width: Int, height: Int, kind: Int = 0, orientation: Int = 0, secret: Bool = false,
    program: String = ChildBench.program
  ) async throws -> Result {
    try await run(order, program: program) { path in
      // By its ending libvips knows what to write.
      let ending = format.prefix { $0 != "[" }
      let result = picture_write("\(path)\(format)", Int32(width), Int32(height), Int32(kind), Int32(orientation), secret ? 1 : 0)
      guard result == 0, rename("\(path)\(ending)", path) == 0 else {
        throw Failure("no picture: \(String(cString: picture_error()))")
      }
    }
  }

  struct Failure: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }
  }

  /// The length of a file; nil when there is none.
  static func size(_ path: String) -> Int? {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : nil
  }

  /// The output of a program, "" when it fails.
  static func output(_ program: String, _ arguments: [String]) -> String {
    let process = Process(), pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    do {
      try process.run()
      let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
      process.waitUntilExit()
      return String(decoding: data, as: UTF8.self)
    } catch {
      return ""
    }
  }
}

/// The pixels of a file.
struct Raster {
  let width: Int
  let height: Int
  private let bytes: [UInt8]

  /// Reads it; nil when it is no picture.
  init?(_ path: String) {
    var (width, height): (Int32, Int32) = (0, 0)
    guard let raw = picture_read(path, &width, &height) else { return nil }
    defer { free(raw) }
    (self.width, self.height) = (Int(width), Int(height))
    bytes = Array(UnsafeBufferPointer(start: raw, count: Int(width) * Int(height) * 3))
  }

  /// Red, green and blue.
  subscript(x: Int, y: Int) -> [UInt8] { Array(bytes[((y * width + x) * 3)..<((y * width + x) * 3 + 3)]) }

  /// How much light there is at most, and at least, in a rectangle.
  func range(x: Range<Int>, y: Range<Int>) -> ClosedRange<UInt8> {
    var (least, most) = (UInt8.max, UInt8.min)
    for row in y { for column in x { for value in self[column, row] { (least, most) = (min(least, value), max(most, value)) } } }
    return least...max(least, most)
  }
}
