import CSandbox
import Glibc

/// A program of somebody else's, run inside the child's sandbox and with the child's limits.
enum Tool {
  /// Runs it to its end, or to the end of its time. It is of the child's group, which the worker kills as one, and the kernel ends it
  /// together with the child.
  ///
  /// - Returns: its exit status; 128 and the signal's number when it was killed, 127 or -1 when it did not start.
  static func run(_ program: String, _ arguments: [String], in folder: String, seconds: Int, environment: [String: String] = [:])
    -> Int
  {
    let null = open("/dev/null", O_RDWR | O_CLOEXEC)
    guard null >= 0 else { return -1 }
    defer { close(null) }
    let variables = Self.environment(folder: folder).merging(environment) { $1 }
    guard
      let pid = Spawn.start(
        program, arguments, variables, folder: folder, input: null, output: null, errors: STDERR_FILENO, with: csandbox_spawn_tied
      )
    else { return -1 }
    _ = csandbox_wait(pid, Int32(seconds * 1000))
    var end = csandbox_end()
    guard csandbox_reap(pid, &end) == 0 else { return -1 }
    let signal = Int(end.status & 0x7F)
    return signal == 0 ? Int(end.status >> 8 & 0xFF) : 128 + signal
  }

  /// Those that are installed.
  static func installed() -> ChildOrder.Tools {
    func first(_ paths: String...) -> String? { paths.first { access($0, X_OK) == 0 } }
    return ChildOrder.Tools(
      pdftoppm: first("/usr/bin/pdftoppm"),
      // Not the script `soffice`, whose processes would outlive it.
      soffice: first("/usr/lib/libreoffice/program/soffice.bin", "/opt/libreoffice/program/soffice.bin"))
  }

  /// All that a child and its programs know of the world.
  static func environment(folder: String) -> [String: String] {
    [
      "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": folder, "TMPDIR": folder, "XDG_CACHE_HOME": folder,
      // An arena for every thread would take 64 MiB of address space each.
      "MALLOC_ARENA_MAX": "2",
      // libvips counts what it leaks and prints it.
      "VIPS_WARNING": "0", "G_DEBUG": "", "OMP_NUM_THREADS": "1",
    ]
  }
}

/// Starting programs.
enum Spawn {
  typealias Start =
    @convention(c) (
      UnsafeMutablePointer<pid_t>?, UnsafePointer<CChar>?, UnsafePointer<UnsafeMutablePointer<CChar>?>?,
      UnsafePointer<UnsafeMutablePointer<CChar>?>?, UnsafePointer<CChar>?, Int32, Int32, Int32
    ) -> Int32

  /// Starts one: `csandbox_spawn` in a session and group of its own, `csandbox_spawn_tied` in the caller's, with whose thread it ends.
  /// Nil when it cannot be started; `errno` says why.
  static func start(
    _ program: String, _ arguments: [String], _ environment: [String: String], folder: String, input: Int32, output: Int32,
    errors: Int32, with spawn: Start = csandbox_spawn
  ) -> pid_t? {
    var argv = ([program] + arguments).map { strdup($0) } + [nil]
    var envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for pointer in argv + envp { free(pointer) } }
    var pid = pid_t()
    let failure = spawn(&pid, program, &argv, &envp, folder, input, output, errors)
    guard failure == 0 else {
      errno = failure
      return nil
    }
    return pid
  }
}
