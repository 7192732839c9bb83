import Foundation
import Glibc
import Storage
import Synchronization
import TestSupport

@testable import ChatServer

/// Stands between a node and Postgres on a Unix socket of its own, and cuts the feed off as a network does: the connections of the broker, which it
/// knows by what they say. All others pass.
final class DatabaseProxy: Sendable {
  enum Mode: Sendable {
    /// Everything passes.
    case open
    /// The feed's bytes go nowhere, in either direction, and nobody is told: a cable that was pulled.
    case dead
    /// What Postgres answers to the feed is kept until `letThrough`.
    case late
    /// The feed's connections break, and new ones too as soon as they are known.
    case down
  }

  private struct Pair {
    let client: Int32
    let server: Int32
    var isFeed = false
    /// From the client, not passed on yet.
    var asked: [UInt8] = []
    /// From Postgres, not passed on yet.
    var answered: [UInt8] = []
  }

  private struct State {
    var mode = Mode.open
    var isReleasing = false
    var isStopping = false
    /// The thread has seen the newest of these.
    var isSettled = true
  }

  /// What a node is given in place of the database's own configuration.
  let configuration: PostgresConfiguration
  private let state = Monitor(State())
  private let directory: String
  private let wake: (read: Int32, write: Int32)
  private let answers: AsyncStream<Void>
  private let answer: AsyncStream<Void>.Continuation
  private let thread = Mutex<ServerThread?>(nil)

  init(_ database: TestDatabase) async throws {
    let place = try await database.superuser.run { session in
      try session.one(
        "SELECT split_part(current_setting('unix_socket_directories'), ',', 1) || '/.s.PGSQL.' || current_setting('port'), current_setting('port')"
      )
    }
    let (path, port): (String, String) = (try place.decode(at: 0), try place.decode(at: 1))
    directory = FileManager.default.temporaryDirectory.appendingPathComponent("1fin-\(UUID().uuidString.prefix(8))").path
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    var configuration = database.configuration()
    configuration.conninfo += " host=\(directory) port=\(port)"
    self.configuration = configuration
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw LiveClient.Ended() }
    wake = (ends[0], ends[1])
    (answers, answer) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    let listener = Self.unixSocket(directory + "/.s.PGSQL.\(port)") { bind($0, $1, $2) }
    guard listener >= 0, listen(listener, 64) == 0 else { throw LiveClient.Ended() }
    let thread = ServerThread { [self] in work(listener, path) }
    self.thread.withLock { $0 = thread }
  }

  /// Sets what becomes of the feed from now on; when this returns it is so.
  func set(_ mode: Mode) {
    state.withLock { ($0.mode, $0.isSettled) = (mode, false) }
    poke()
    _ = state.wait { $0.isSettled ? true : nil }
  }

  /// Passes on what is kept, and goes on keeping what comes after.
  func letThrough() {
    state.withLock { $0.isReleasing = true }
    poke()
  }

  /// Waits until Postgres has answered the feed and the answer is kept.
  func keepsAnAnswer() async {
    for await _ in answers { return }
  }

  func stop() {
    state.withLock { $0.isStopping = true }
    poke()
    thread.withLock { thread in
      thread?.join()
      thread = nil
    }
    do { try FileManager.default.removeItem(atPath: directory) } catch { print("\(directory) stays: \(error)") }
  }

  private func poke() {
    var byte: UInt8 = 0
    _ = write(wake.write, &byte, 1)
  }

  private static func unixSocket(_ path: String, _ body: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8).prefix($0.count - 1)) }
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard result == 0 else {
      close(descriptor)
      return -1
    }
    return descriptor
  }

  // MARK: The thread

  private func work(_ listener: Int32, _ path: String) {
    var pairs: [Pair] = []
    defer {
      for pair in pairs { Self.end(pair) }
      for descriptor in [listener, wake.read, wake.write] { close(descriptor) }
    }
    while true {
      let (mode, isReleasing, isStopping) = state.withLock { state in
        defer { state.isReleasing = false }
        return (state.mode, state.isReleasing, state.isStopping)
      }
      if isStopping { return }
      for place in pairs.indices.reversed() where pairs[place].isFeed {
        if mode == .down {
          Self.end(pairs.remove(at: place))
        } else if mode == .open || isReleasing {
          Self.pass(&pairs[place])
        }
      }
      settle(mode)
      var polls = [
        pollfd(fd: wake.read, events: Int16(POLLIN), revents: 0), pollfd(fd: listener, events: Int16(POLLIN), revents: 0),
      ]
      for pair in pairs {
        let isDead = pair.isFeed && mode == .dead
        polls.append(pollfd(fd: isDead ? -1 : pair.client, events: Int16(POLLIN), revents: 0))
        polls.append(pollfd(fd: isDead ? -1 : pair.server, events: Int16(POLLIN), revents: 0))
      }
      guard poll(&polls, nfds_t(polls.count), -1) > 0 else { continue }
      if polls[0].revents != 0 {
        var bytes = [UInt8](repeating: 0, count: 64)
        _ = read(wake.read, &bytes, bytes.count)
        continue
      }
      for place in pairs.indices.reversed() where !carry(&pairs[place], polls[2 + 2 * place], polls[3 + 2 * place], mode) {
        Self.end(pairs.remove(at: place))
      }
      if polls[1].revents != 0 {
        let client = accept(listener, nil, nil)
        let server = Self.unixSocket(path) { connect($0, $1, $2) }
        pairs.append(Pair(client: client, server: server))
      }
    }
  }

  /// Says that `mode` holds.
  private func settle(_ mode: Mode) {
    state.withLock { state in
      if state.mode == mode { state.isSettled = true }
    }
    state.signal()
  }

  /// Takes what has come, and passes it on if it may; false when the connection is over.
  private func carry(_ pair: inout Pair, _ client: pollfd, _ server: pollfd, _ mode: Mode) -> Bool {
    if client.revents != 0 {
      guard let bytes = Self.take(pair.client) else { return false }
      pair.asked += bytes
      let text = String(decoding: bytes, as: UTF8.self)
      if ["LISTEN", "outbox", "pg_notify"].contains(where: text.contains) { pair.isFeed = true }
    }
    if server.revents != 0 {
      guard let bytes = Self.take(pair.server) else { return false }
      pair.answered += bytes
      if pair.isFeed, mode == .late { answer.yield() }
    }
    guard pair.isFeed else {
      Self.pass(&pair)
      return true
    }
    switch mode {
    case .open: Self.pass(&pair)
    case .late:
      Self.put(pair.asked, pair.server)
      pair.asked = []
    case .dead: break
    case .down: return false
    }
    return true
  }

  private static func pass(_ pair: inout Pair) {
    put(pair.asked, pair.server)
    put(pair.answered, pair.client)
    (pair.asked, pair.answered) = ([], [])
  }

  private static func take(_ descriptor: Int32) -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    return count > 0 ? Array(buffer.prefix(count)) : nil
  }

  private static func put(_ bytes: [UInt8], _ descriptor: Int32) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { return }
      sent += count
    }
  }

  private static func end(_ pair: Pair) {
    close(pair.client)
    close(pair.server)
  }
}
