import Synchronization

/// Whether a program can serve: its checks, asked by `/readyz`.
public final class HealthRegistry: Sendable {
  /// What a check says: nil when all is well, otherwise why not, in a few words that may be shown to anybody.
  public typealias Check = @Sendable () async -> String?

  private struct State {
    var checks: [(name: String, check: Check)] = []
    var draining = false
  }

  private let state = Mutex(State())
  private let limit: Duration

  /// Makes a registry; a check that takes longer than `limit` (default 2 s) counts as failed.
  public init(limit: Duration = .seconds(2)) { self.limit = limit }

  /// Adds a check under a name.
  public func register(_ name: String, _ check: @escaping Check) { state.withLock { $0.checks.append((name, check)) } }

  /// From now on the program isn't ready, because it is stopping: a balancer sends new work elsewhere.
  public func drain() { state.withLock { $0.draining = true } }

  /// Runs all checks at once and gives what is wrong, as name and reason, in the order of registration; empty when ready.
  public func problems() async -> [(name: String, reason: String)] {
    let (checks, draining) = state.withLock { ($0.checks, $0.draining) }
    if draining { return [("server", "stopping")] }
    let limit = limit
    let found = await withTaskGroup(of: (Int, String?).self) { group in
      for (index, entry) in checks.enumerated() {
        group.addTask { (index, await Self.first(of: entry.check, within: limit)) }
      }
      var found: [Int: String] = [:]
      for await (index, reason) in group { found[index] = reason }
      return found
    }
    return checks.enumerated().compactMap { index, entry in found[index].map { (entry.name, $0) } }
  }

  private static func first(of check: @escaping Check, within limit: Duration) async -> String? {
    await withTaskGroup(of: String?.self) { group in
      group.addTask { await check() }
      group.addTask {
        do { try await Task.sleep(for: limit) } catch { return nil }
        return "no answer in time"
      }
      let answer = await group.next() ?? nil
      group.cancelAll()
      return answer
    }
  }
}
