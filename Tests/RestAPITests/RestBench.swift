import Domain
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import ServerKit
import Storage
import Synchronization
import TestSupport

@testable import RestAPI

/// A clock that a test moves by hand. It starts at the real time, because Postgres' own clock decides about expiry.
final class HandClock: Sendable {
  private let now = Mutex(Timestamp.now)
  var time: Timestamp { now.withLock { $0 } }
  func advance(_ duration: Duration) { now.withLock { $0 = $0.advanced(by: duration) } }
}

/// RestAPI in this process on a database of its own.
struct RestBench: Sendable {
  let database: TestDatabase
  let services: RestServices
  let clock: HandClock
  let client: any TestClientProtocol

  static let password = "parol-1234-uzun"
  static let passwordHash: String = {
    do { return try Argon2.hash(password, cost: .least) } catch { preconditionFailure("libsodium: \(error)") }
  }()

  /// Runs a test against the router.
  static func run(
    environment: [String: String] = [:], passwords: PasswordHasher = PasswordHasher(cost: .least),
    _ body: @escaping @Sendable (RestBench) async throws -> Void
  ) async throws {
    try await withTestDatabase { database in
      let clock = HandClock()
      let services = try services(database.app, environment: environment, passwords: passwords, clock: clock)
      try await RestServer.application(services).test(.router) { client in
        try await body(RestBench(database: database, services: services, clock: clock, client: client))
      }
    }
  }

  static func services(
    _ postgres: Postgres, environment: [String: String] = [:], passwords: PasswordHasher = PasswordHasher(cost: .least),
    clock: HandClock = HandClock()
  ) throws -> RestServices {
    var environment = environment
    if environment["REST_WEB_ROOT"] == nil { environment["REST_WEB_ROOT"] = "" }
    if environment["BLOB_STORE"] == nil { environment["BLOB_STORE"] = "folder:\(TestFolder.path)/blobs" }
    if environment["REST_UPLOAD_FOLDER"] == nil { environment["REST_UPLOAD_FOLDER"] = "\(TestFolder.path)/\(Key.random())" }
    // Whoever runs tests on a full disk wants them to pass.
    if environment["REST_UPLOAD_RESERVE"] == nil { environment["REST_UPLOAD_RESERVE"] = "0" }
    if environment["REST_LISTEN"] == nil { environment["REST_LISTEN"] = "127.0.0.1:0" }
    let configuration = try RestConfiguration(ConfigurationReader(environment: environment))
    // What the server calls an error of its own is seen beside the failing test.
    let logger = Logger(label: "test") { label in
      LineLogHandler(program: "RestAPI", label: label, level: .error, format: .human) { StandardError.write($0) }
    }
    return RestServices(
      configuration: configuration, database: postgres, blobs: try blobs(configuration), passwords: passwords,
      logger: logger, clock: { clock.time })
  }

  private static func blobs(_ configuration: RestConfiguration) throws -> any BlobStore {
    guard case .folder(let path) = configuration.blobs.place else { preconditionFailure("these tests keep files in a folder") }
    return try FolderBlobStore(path: path)
  }

  /// An account whose password is `password`.
  func account(_ login: String) async throws -> AccountID {
    try await database.makeAccount(login, passwordHash: Self.passwordHash)
  }

  /// A signed-in session, without going through the sign-in.
  func signedIn(_ account: AccountID, byCookie: Bool = true, hasReadNotice: Bool = true) async throws -> Signed {
    let token = SessionToken()
    let session = try await database.makeSession(account, tokenHash: token.hash, hasReadNotice: hasReadNotice)
    return Signed(bench: self, account: account, session: session, token: token, byCookie: byCookie)
  }

  /// One request; `body` is JSON.
  func send(
    _ method: HTTPRequest.Method, _ path: String, _ body: String? = nil, headers: HTTPFields = [:],
    from address: String = "10.0.0.1"
  ) async throws -> Answer {
    var headers = headers
    if body != nil && headers[.contentType] == nil { headers[.contentType] = "application/json" }
    let final = headers
    return try await ClientAddress.$current.withValue(ClientAddress(address)) {
      let response = try await client.executeRequest(
        uri: path, method: method, headers: final, body: body.map { ByteBuffer(string: $0) })
      return Answer(response)
    }
  }

  /// One request whose body is bytes.
  func send(
    _ method: HTTPRequest.Method, _ path: String, bytes: [UInt8], headers: HTTPFields = [:], from address: String = "10.0.0.1"
  ) async throws -> Answer {
    try await ClientAddress.$current.withValue(ClientAddress(address)) {
      Answer(try await client.executeRequest(uri: path, method: method, headers: headers, body: ByteBuffer(bytes: bytes)))
    }
  }

  /// A request to sign in.
  func signIn(
    _ login: String, _ password: String = RestBench.password, kind: String = "browser", headers: HTTPFields = [:],
    from address: String = "10.0.0.1"
  ) async throws -> Answer {
    try await send(
      .post, "/api/v1/session", #"{"login":"\#(login)","password":"\#(password)","device":"Test","kind":"\#(kind)"}"#,
      headers: headers,
      from: address)
  }

  /// Sends a request while a transaction that has done `first` is open, and commits that one once the request waits for it, or has been
  /// answered without.
  func answer(
    behind first: @escaping @Sendable (Session) throws -> Void, _ send: @escaping @Sendable () async throws -> Answer
  ) async throws -> Answer {
    let holder = try Session.open(database.configuration())
    _ = try holder.execute("BEGIN")
    try first(holder)
    let isAnswered = Mutex(false)
    async let answer = {
      let answer = try await send()
      isAnswered.withLock { $0 = true }
      return answer
    }()
    while true {
      if isAnswered.withLock({ $0 }) { break }
      let waiting: Int64? = try await database.superuser.run {
        try $0.value(
          """
          SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0
          """)
      }
      if let waiting, waiting > 0 { break }
      await Task.yield()
    }
    _ = try holder.execute("COMMIT")
    return try await answer
  }

  /// `topic.access` of a topic.
  func access(_ topic: TopicID) async throws -> Int64 {
    try await database.app.run { try $0.one("SELECT access FROM topic WHERE id = \(topic)")["access"] }
  }

  /// The outbox rows, oldest first, as `channel payload`.
  func outbox() async throws -> [String] {
    try await database.app.run { session in
      try session.rows("SELECT channel || ' ' || payload::text AS line FROM outbox ORDER BY id").map { try $0["line"] }
    }
  }

  /// The actions in the log, oldest first.
  func actions() async throws -> [String] {
    try await database.app.run { session in try session.rows("SELECT action FROM action_log ORDER BY id").map { try $0["action"] }
    }
  }
}

/// Where the tests of this process keep files; gone when it ends.
enum TestFolder {
  static let path: String = {
    let path = FileManager.default.temporaryDirectory.appending(path: "onefin-rest-\(getpid())").path
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      preconditionFailure("\(path): \(error)")
    }
    atexit { TestFolder.remove() }
    return path
  }()

  private static func remove() {
    do { try FileManager.default.removeItem(atPath: path) } catch { print("\(path) stays: \(error)") }
  }
}

/// A session of somebody, and requests in it.
struct Signed: Sendable {
  let bench: RestBench
  let account: AccountID
  let session: SessionID
  let token: SessionToken
  let byCookie: Bool

  /// What identifies the session, with the CSRF token for cookies.
  var headers: HTTPFields {
    byCookie
      ? [.cookie: "\(SessionToken.cookieName)=\(token.text)", .xCSRFToken: token.csrf] : [.authorization: "Bearer \(token.text)"]
  }

  func send(
    _ method: HTTPRequest.Method, _ path: String, _ body: String? = nil, headers further: HTTPFields = [:]
  ) async throws -> Answer {
    try await bench.send(method, path, body, headers: headers(and: further))
  }

  func send(
    _ method: HTTPRequest.Method, _ path: String, bytes: [UInt8], headers further: HTTPFields = [:]
  ) async throws -> Answer {
    try await bench.send(method, path, bytes: bytes, headers: headers(and: further))
  }

  private func headers(and further: HTTPFields) -> HTTPFields {
    var all = headers
    for field in further { all.append(field) }
    return all
  }
}

/// An answer, with its JSON.
struct Answer: Sendable {
  let status: Int
  let headers: HTTPFields
  let bytes: [UInt8]
  /// The body as UTF-8.
  var text: String { String(decoding: bytes, as: UTF8.self) }

  init(_ response: TestResponse) {
    status = response.status.code
    headers = response.headers
    bytes = Array(response.body.readableBytesView)
  }

  /// The body as JSON; null when it is none.
  var json: JSONValue {
    do { return try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)) } catch { return .null }
  }

  /// The problem's code.
  var code: String? { json["code"].string }
  /// The fields that a problem names.
  var fields: [String: String] {
    guard case .object(let object) = json["fields"] else { return [:] }
    return object.compactMapValues(\.string)
  }
  /// The cookie of a name as set here: its value and attributes.
  func cookie(_ name: String) -> String? { headers[values: .setCookie].first { $0.hasPrefix(name + "=") } }
}

extension JSONValue {
  subscript(_ key: String) -> JSONValue {
    if case .object(let object) = self { object[key] ?? .null } else { .null }
  }
  subscript(_ index: Int) -> JSONValue {
    if case .list(let list) = self, list.indices.contains(index) { list[index] } else { .null }
  }
  var string: String? { if case .text(let text) = self { text } else { nil } }
  var number: Int64? { if case .integer(let number) = self { number } else { nil } }
  var list: [JSONValue] { if case .list(let list) = self { list } else { [] } }
  var ids: [Int64] { list.compactMap { $0["id"].number } }
}
