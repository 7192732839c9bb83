import Foundation
import Glibc
import NIOCore
import Storage
import Testing

@testable import RestAPI

/// The virus scanner against a real clamd with a signature of our own.
@Suite(.enabled(if: access(Clamd.program, X_OK) == 0, "clamd is not installed (clamav-daemon)"))
struct ClamdTests {
  /// The test file that every scanner knows, in two halves, so that none finds it here.
  private static let eicar = #"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-"# + "ANTIVIRUS-TEST-FILE!$H+H*"

  @Test("What it calls clean is clean, and what it finds is infected, wherever it lies in the file")
  func verdicts() async throws {
    let clamd = try await Clamd(signature: Self.eicar)
    let scanner = VirusScanner(place: .path(clamd.socket))
    let (clean, empty) = (try clamd.file(Array("Salom".utf8)), try clamd.file([]))
    let cleanVerdict = try await scanner.scan(clean), emptyVerdict = try await scanner.scan(empty)
    #expect(cleanVerdict == .clean && emptyVerdict == .clean)
    // The second one lies across two pieces of the stream.
    for before in [0, 65_536 - 20, 300_000] {
      let file = try clamd.file([UInt8](repeating: 32, count: before) + Array(Self.eicar.utf8))
      let verdict = try await scanner.scan(file)
      #expect(verdict == .infected("Own.Eicar.UNOFFICIAL"), "after \(before) bytes")
    }
  }

  @Test("Many at once get each their own verdict")
  func parallel() async throws {
    let clamd = try await Clamd(signature: Self.eicar)
    let scanner = VirusScanner(place: .path(clamd.socket))
    let files = try (0..<24).map { try clamd.file(Array(($0 % 3 == 0 ? Self.eicar : "clean \($0)").utf8)) }
    let verdicts = try await withThrowingTaskGroup(of: (Int, VirusScanner.Verdict).self) { group in
      for (index, file) in files.enumerated() { group.addTask { (index, try await scanner.scan(file)) } }
      return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
    for index in files.indices { #expect((verdicts[index] == .clean) == (index % 3 != 0), "file \(index)") }
  }

  @Test("A file that is too long for it has no verdict")
  func tooLong() async throws {
    let clamd = try await Clamd(signature: Self.eicar)
    let scanner = VirusScanner(place: .path(clamd.socket))
    let file = try clamd.file([UInt8](repeating: 65, count: 3 << 20))
    let error = await Self.failure(scanner, file)
    #expect(error.contains("size limit exceeded"), "\(error)")
    // The next one is asked as before.
    let verdict = try await scanner.scan(try clamd.file([1]))
    #expect(verdict == .clean)
  }

  @Test("When it hangs or is gone there is no verdict, in bounded time")
  func away() async throws {
    let clamd = try await Clamd(signature: Self.eicar)
    var scanner = VirusScanner(place: .path(clamd.socket))
    scanner.time = .milliseconds(300)
    // More than the socket takes in, so that writing waits too.
    let file = try clamd.file([UInt8](repeating: 65, count: 900_000))
    #expect(kill(clamd.pid, SIGSTOP) == 0)
    let hanging = await Self.failure(scanner, file)
    #expect(hanging.contains("did not answer"), "\(hanging)")
    #expect(kill(clamd.pid, SIGCONT) == 0)
    scanner.time = .seconds(60)
    let verdict = try await scanner.scan(file)
    #expect(verdict == .clean)
    clamd.stop()
    let gone = await Self.failure(scanner, file)
    #expect(gone.contains("clamd is away"), "\(gone)")
  }

  private static func failure(_ scanner: VirusScanner, _ file: UploadFile) async -> String {
    do {
      return "there is a verdict: \(try await scanner.scan(file))"
    } catch {
      return "\(error)"
    }
  }
}

/// A clamd of our own, with one signature, in a folder that goes with it.
private final class Clamd {
  static let program = "/usr/sbin/clamd"

  let socket: String
  private let folder: String
  private let process = Process()
  private var count = 0

  var pid: pid_t { process.processIdentifier }

  /// Starts it and waits until it listens. - Parameter signature: the text that it finds, as `Own.Eicar`.
  init(signature: String) async throws {
    var template = Array("/tmp/onefin-clamd.XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Failure() }
    folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    socket = "\(folder)/clamd.ctl"
    let hex = signature.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    try FileManager.default.createDirectory(atPath: "\(folder)/signatures", withIntermediateDirectories: true)
    // Any type of file, at any place.
    try Data("Own.Eicar:0:*:\(hex)\n".utf8).write(to: URL(fileURLWithPath: "\(folder)/signatures/own.ndb"))
    let settings = """
      Foreground yes
      DatabaseDirectory \(folder)/signatures
      TemporaryDirectory \(folder)
      LocalSocket \(socket)
      StreamMaxLength 1M
      MaxThreads 4

      """
    try Data(settings.utf8).write(to: URL(fileURLWithPath: "\(folder)/clamd.conf"))
    process.executableURL = URL(fileURLWithPath: Self.program)
    process.arguments = ["--config-file=\(folder)/clamd.conf"]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    let limit = ContinuousClock.now + .seconds(60)
    while access(socket, F_OK) != 0 {
      guard .now < limit, process.isRunning else { throw Failure() }
      try await Task.sleep(for: .milliseconds(5))
    }
  }

  deinit {
    stop()
    do {
      try FileManager.default.removeItem(atPath: folder)
    } catch {
      Issue.record(error)
    }
  }

  /// Ends it at once. Does nothing the second time.
  func stop() {
    guard process.isRunning else { return }
    kill(pid, SIGKILL)
    process.waitUntilExit()
  }

  /// An upload of these bytes.
  func file(_ bytes: [UInt8]) throws -> UploadFile {
    count += 1
    let file = UploadFile(path: "\(folder)/upload\(count)")
    guard case .turn(let turn) = try file.takeTurn(at: 0), try file.append(bytes, turn) else { throw Failure() }
    return file
  }

  struct Failure: Error {}
}
