import CSandbox
import Foundation
import Glibc
import SandboxSupport
import Testing

@testable import MediaWorker

/// The sandbox, tried from inside.
@Suite
struct SandboxTests {
  /// A server on loopback that nobody answers at; connecting to it works.
  private final class Door {
    let socket: Int32
    let port: Int

    init() throws {
      let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
      var length = socklen_t(MemoryLayout<sockaddr_in>.size)
      let isOpen = withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(socket, $0, length) == 0 && listen(socket, 8) == 0 && getsockname(socket, $0, &length) == 0
        }
      }
      guard isOpen else { throw ChildBench.Failure("no server") }
      (self.socket, port) = (socket, Int(UInt16(bigEndian: address.sin_port)))
    }

    deinit { close(socket) }
  }

  @Test("From inside there is no network, no other file, no root, and no more than the limits")
  func trial() throws {
    let bench = try ChildBench(), door = try Door()
    defer { withExtendedLifetime((bench, door)) {} }
    let room = try bench.folder.makeRoom("trial", user: ChildBench.user)
    let secret = "\(bench.folder.path)/secret", outside = "\(bench.folder.path)/outside"
    try Data("x".utf8).write(to: URL(fileURLWithPath: secret))
    guard chmod(secret, 0o644) == 0, mkdir(outside, 0o777) == 0, chmod(outside, 0o777) == 0 else {
      throw ChildBench.Failure("no files")
    }
    var taken: Int32 = 0
    let could = sandbox_trial(room.inner, ChildBench.user, Int32(door.port), secret, "\(outside)/file", &taken)
    try #require(could >= 0)
    func can(_ trial: SandboxTrial) -> Bool { could & Int32(trial.rawValue) != 0 }
    func took(_ part: CSandboxPart) -> Bool { taken & Int32(part.rawValue) != 0 }
    #expect(!can(TRIAL_ROOT) && !can(TRIAL_MEMORY) && !can(TRIAL_LONG_FILE))
    #expect(can(TRIAL_OWN_FOLDER) && can(TRIAL_LIBRARIES))
    #expect(took(CSANDBOX_PRIVILEGES) && took(CSANDBOX_USER))
    // What a kernel or a container forbids us to take is said at the start, and not held here.
    if took(CSANDBOX_SOCKETS) { #expect(!can(TRIAL_INTERNET) && !can(TRIAL_TRACE)) }
    if took(CSANDBOX_SOCKETS) || took(CSANDBOX_NETWORK) { #expect(!can(TRIAL_LOOPBACK)) }
    if took(CSANDBOX_FILES) { #expect(!can(TRIAL_SECRET) && !can(TRIAL_WRITE)) }
    #expect(
      took(CSANDBOX_SOCKETS) || took(CSANDBOX_NETWORK),
      "nothing keeps children from the network: \(MediaApplication.missing(in: taken))")
  }

  @Test("A child that takes too long goes, with its group")
  func late() async throws {
    let result = try await ChildBench().run(ChildBench.order("pdf"), seconds: 0) {
      try PDFMaker.document([PDFMaker.Page()]).write($0)
    }
    #expect(result.end.isTimedOut)
    #expect(result.report == nil)
    #expect(result.end.signal == SIGKILL)
  }

  @Test("A child without processor time or memory ends, and is told from one that answers")
  func starved() async throws {
    let bench = try ChildBench()
    var order = ChildBench.order("png")
    order.sandbox.memory = 64 << 20
    let small = try await bench.run(order, ".png", width: 3000, height: 3000)
    #expect(small.report?.outcome != .ready)
    #expect(!small.end.isTimedOut)
    order = ChildBench.order("png")
    order.sandbox.seconds = 0
    let slow = try await bench.run(order, ".png", width: 6000, height: 6000)
    #expect(slow.report == nil)
    #expect(slow.end.signal == SIGXCPU || slow.end.signal == SIGKILL, "\(slow.end)")
  }

  @Test("A child leaves the world of its worker behind: no variables, no descriptors")
  func bare() async throws {
    let environment = Tool.environment(folder: "/x")
    #expect(!environment.keys.contains { $0.contains("ONEFIN") || $0.contains("BLOB") })
    let bench = try ChildBench()
    defer { withExtendedLifetime(bench) {} }
    let room = try bench.folder.makeRoom("bare", user: 0)
    let out = open("\(room.outer)/out", O_RDWR | O_CREAT | O_CLOEXEC, 0o600), null = open("/dev/null", O_RDWR)
    defer {
      close(out)
      close(null)
    }
    let pid = try #require(
      Spawn.start(
        "/bin/sh", ["-c", "ls /proc/self/fd | wc -l; env | grep -c ONEFIN"], environment, folder: room.inner, input: null,
        output: out, errors: null))
    #expect(csandbox_wait(pid, 10_000) == 0)
    var end = csandbox_end()
    #expect(csandbox_reap(pid, &end) == 0)
    let text = try String(contentsOf: URL(fileURLWithPath: "\(room.outer)/out"), encoding: .utf8)
    // Three, and the one that ls has open.
    #expect(text.split(separator: "\n") == ["4", "0"])
  }
}
