import CSandbox
import Foundation
import Glibc
import SandboxSupport
import Synchronization
import Testing

@testable import MediaWorker

/// The sandbox, tried from inside.
@Suite
struct SandboxTests {
  @Test(
    "From inside there is no network, no other file, no root, and no more than the limits, whoever the worker is",
    arguments: [SANDBOX_AS_IS, SANDBOX_ORDINARY, SANDBOX_WITHOUT_NAMESPACES])
  func trial(world: SandboxWorld) throws {
    let bench = try ChildBench(), door = try Door()
    let room = try bench.folder.makeRoom("trial", user: ChildBench.user)
    let secret = "\(bench.folder.path)/secret", outside = "\(bench.folder.path)/outside"
    try Data("x".utf8).write(to: URL(fileURLWithPath: secret))
    guard chmod(secret, 0o644) == 0, mkdir(outside, 0o777) == 0, chmod(outside, 0o777) == 0 else {
      throw ChildBench.Failure("no files")
    }
    let service = try LocalDoor("\(outside)/service")
    defer { withExtendedLifetime((bench, door, service)) {} }
    var taken: Int32 = 0
    let could = sandbox_trial(
      world, room.inner, ChildBench.user, Int32(door.port), service.path, secret, "\(outside)/file", &taken)
    try #require(could >= 0)
    func can(_ trial: SandboxTrial) -> Bool { could & Int32(trial.rawValue) != 0 }
    func took(_ part: CSandboxPart) -> Bool { taken & Int32(part.rawValue) != 0 }
    #expect(!can(TRIAL_ROOT) && !can(TRIAL_MEMORY) && !can(TRIAL_LONG_FILE))
    #expect(can(TRIAL_OWN_FOLDER) && can(TRIAL_LIBRARIES))
    #expect(took(CSANDBOX_PRIVILEGES) && took(CSANDBOX_USER))
    if world == SANDBOX_WITHOUT_NAMESPACES { #expect(!took(CSANDBOX_NETWORK) && !took(CSANDBOX_MOUNTS)) }
    // What a kernel or a container forbids us to take is said at the start, and not held here.
    if took(CSANDBOX_SOCKETS) {
      #expect(!can(TRIAL_INTERNET) && !can(TRIAL_TRACE) && !can(TRIAL_SERVICE) && !can(TRIAL_ESCAPE))
    }
    if took(CSANDBOX_SOCKETS) || took(CSANDBOX_NETWORK) { #expect(!can(TRIAL_LOOPBACK)) }
    if took(CSANDBOX_SIGNALS) { #expect(!can(TRIAL_SIGNAL)) }
    if took(CSANDBOX_FILES) { #expect(!can(TRIAL_SECRET) && !can(TRIAL_WRITE)) }
    #expect(
      took(CSANDBOX_SOCKETS) || took(CSANDBOX_NETWORK),
      "nothing keeps children from the network: \(MediaApplication.missing(in: taken))")
  }

  /// Commands before a child's own that make it another user's.
  private static let worlds: [(name: String, command: String)] = [
    ("ordinary", "exec setpriv --reuid=\(ChildBench.user) --regid=\(ChildBench.user) --clear-groups --"),
    (
      "without namespaces",
      """
      exec setpriv --reuid=\(ChildBench.user) --regid=\(ChildBench.user) --clear-groups -- \
        unshare --user --map-current-user --keep-caps -- \
        sh -c 'echo 0 >/proc/sys/user/max_user_namespaces && exec setpriv --inh-caps=-all --ambient-caps=-all --bounding-set=-all -- "$@"' --
      """
    ),
  ]

  @Test(
    "A worker that is not root does the same work", .enabled(if: geteuid() == 0, "only root can become others"), arguments: 0..<2)
  func ordinaryUser(number: Int) async throws {
    let (name, command) = Self.worlds[number]
    let bench = try ChildBench()
    // The checkout may lie where only root gets in.
    let (program, worker) = ("\(bench.folder.path)/child", "\(bench.folder.path)/worker")
    try FileManager.default.copyItem(atPath: ChildBench.program, toPath: worker)
    try ChildBench.makeScript("\(command) '\(worker)' \"$@\"", at: program)
    var order = ChildBench.order("png")
    let picture = try await bench.run(order, ".png", width: 800, height: 600, program: program)
    #expect(picture.report?.outcome == .ready, "\(name): \(picture.end)")
    let taken = try #require(picture.report?.sandbox)
    for part in [CSANDBOX_USER, CSANDBOX_PRIVILEGES, CSANDBOX_SOCKETS] { #expect(taken & Int32(part.rawValue) != 0) }
    if number == 1 { #expect(taken & Int32(CSANDBOX_NETWORK.rawValue) == 0) }
    order.type = "pdf"
    let paper = try await bench.run(order, program: program) { try PDFMaker.document([PDFMaker.Page()]).write($0) }
    #expect(paper.report?.outcome == .ready && paper.report?.preview != nil, "\(name): \(paper.end)")
    guard order.tools.soffice != nil else { return }
    order.type = "docx"
    order.sandbox.memory = 4 << 30
    let office = try await bench.run(order, seconds: 120, program: program) {
      try OfficeMaker.docx(["x"]).write(to: URL(fileURLWithPath: $0))
    }
    #expect(office.report?.outcome == .ready, "\(name): \(office.end)")
  }

  @Test("What a child has started goes with it, whether it ends or is stopped", arguments: [true, false])
  func group(isStopped: Bool) async throws {
    let bench = try ChildBench()
    defer { withExtendedLifetime(bench) {} }
    let room = try bench.folder.makeRoom("group", user: 0)
    let program = "\(bench.folder.path)/child", note = "\(room.inner)/started"
    let rest = isStopped ? "wait" : "exit 0"
    try ChildBench.makeScript("sleep 3600 &\necho $! >new && mv new started\n\(rest)", at: program)
    let child = ChildProcess(ChildBench.order("pdf"), in: room, program: program)
    let hasEnded = Atomic(false)
    let run = Task {
      defer { hasEnded.store(true, ordering: .releasing) }
      return try await child.run(seconds: 300)
    }
    try await WorkerWorld.until("another process runs") { access(note, F_OK) == 0 || hasEnded.load(ordering: .acquiring) }
    // A child that has ended without starting anything says why.
    guard access(note, F_OK) == 0 else { throw ChildBench.Failure("nothing was started: \(try await run.value)") }
    let text = try String(contentsOf: URL(fileURLWithPath: note), encoding: .utf8)
    let pid = try #require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    if isStopped { child.stop() }
    let end = try await run.value
    #expect(!end.isTimedOut && end.signal == (isStopped ? SIGKILL : 0))
    try await WorkerWorld.until("it is gone") { !Processes.isAlive(pid) }
  }

  @Test("A tool ends with the thread that started it, even when it is stopped; one that cannot be run says so")
  func tied() async throws {
    let null = open("/dev/null", O_RDWR | O_CLOEXEC)
    defer { close(null) }
    @Sendable func start(_ program: String) -> pid_t? {
      Spawn.start(program, ["3600"], [:], folder: "/", input: null, output: null, errors: null, with: csandbox_spawn_tied)
    }
    let pid: pid_t? = await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        let pid = start("/usr/bin/sleep")
        // The thread must not end before the tool is tied to it: a worker's waits for its tool's end.
        while let pid, Processes.isAlive(pid), !Processes.command(pid).hasPrefix("/usr/bin/sleep") {}
        if let pid { kill(pid, SIGSTOP) }
        continuation.resume(returning: pid)
      }
    }
    let started = try #require(pid)
    #expect(csandbox_wait(started, 280_000) == 0)
    var end = csandbox_end()
    #expect(csandbox_reap(started, &end) == 0 && end.status & 0x7F == SIGKILL)
    let missing = try #require(start("/nowhere"))
    #expect(csandbox_wait(missing, 280_000) == 0)
    #expect(csandbox_reap(missing, &end) == 0 && end.status >> 8 & 0xFF == 127)
  }

  @Test("A child that takes too long is killed")
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
