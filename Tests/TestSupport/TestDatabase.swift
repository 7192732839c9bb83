public import Storage

/// A migrated database of its own for one test.
public final class TestDatabase: Sendable {
  /// Its name in the cluster.
  public let name: String
  /// A pool as the role of the servers, `onefin_app`.
  public let app: Postgres
  /// A pool as the role that owns the tables, `onefin_owner`.
  public let owner: Postgres
  /// A pool as the cluster's superuser in this database, for what no role of ours may do.
  public let superuser: Postgres
  private let base: String

  fileprivate init(name: String) throws {
    self.name = name
    base = try TestCluster.conninfo(database: name)
    app = Postgres(Self.configuration(base + " user=onefin_app"))
    owner = Postgres(Self.configuration(base + " user=onefin_owner"))
    superuser = Postgres(Self.configuration(base))
  }

  /// The conninfo of `role`: `onefin_app`, `onefin_owner`, or `postgres`, the superuser.
  public func conninfo(role: String) -> String { base + " user=\(role)" }

  /// A configuration of `role`, to make pools, sessions and listeners with other limits.
  public func configuration(role: String = "onefin_app") -> PostgresConfiguration { Self.configuration(conninfo(role: role)) }

  private static func configuration(_ conninfo: String) -> PostgresConfiguration {
    var configuration = PostgresConfiguration(conninfo: conninfo, applicationName: "onefin-tests")
    configuration.poolSize = 4
    return configuration
  }
}

/// Clones a migrated database, runs `body`, and drops the database, also when `body` throws.
///
/// Inside `body` keep closures out of `#expect` and `#require`: see `failure(of:)`. Throws: what `body` throws; one sentence when
/// ONEFIN_TEST_DATABASE is not set; `DatabaseError`, `MigrationError`.
public func withTestDatabase<T>(
  isolation: isolated (any Actor)? = #isolation, _ body: (TestDatabase) async throws -> T
) async throws -> T {
  try await withDatabase(body) { name, session in
    let template = try TestCluster.templateName()
    // WAL_LOG and FILE_COPY take the same time for a database this small; WAL_LOG spares everybody else two checkpoints.
    try session.execute(
      "CREATE DATABASE \(identifier: name) OWNER onefin_owner TEMPLATE \(identifier: template) STRATEGY WAL_LOG")
  }
}

/// The same with a database that has no migration yet, for tests of the migrator.
public func withEmptyDatabase<T>(
  isolation: isolated (any Actor)? = #isolation, _ body: (TestDatabase) async throws -> T
) async throws -> T {
  try await withDatabase(body) { name, session in
    try TestCluster.makeRoles(session)
    try session.execute("CREATE DATABASE \(identifier: name) OWNER onefin_owner TEMPLATE template0")
  }
}

private func withDatabase<T>(
  isolation: isolated (any Actor)? = #isolation, _ body: (TestDatabase) async throws -> T,
  create: @escaping @Sendable (String, Session) throws -> Void
) async throws -> T {
  let isNested = TestGate.isInside
  if !isNested { await TestGate.shared.enter() }
  defer { if !isNested { TestGate.shared.leave() } }
  // On threads of a pool: a test must not hold one of the few threads that all tasks share while Postgres copies.
  let admin = try TestCluster.admin()
  let name = TestCluster.newName()
  try await admin.run { try create(name, $0) }
  let result: Result<T, any Error>
  do {
    let database = try TestDatabase(name: name)
    result = .success(try await TestGate.$isInside.withValue(true) { try await body(database) })
  } catch {
    result = .failure(error)
  }
  // In a task of its own, so that it happens also when the test's task was cancelled.
  try await Task { _ = try await admin.run { try $0.execute("DROP DATABASE \(identifier: name) WITH (FORCE)") } }.value
  return try result.get()
}
