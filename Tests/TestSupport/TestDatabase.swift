public import Storage

/// A migrated database of its own for one test.
public final class TestDatabase: Sendable {
  /// Its name in the cluster.
  public let name: String
  /// A pool as the role of the servers, `onefin_app`.
  public let app: Postgres
  /// A pool as the role that owns the tables, `onefin_owner`.
  public let owner: Postgres
  private let base: String

  fileprivate init(name: String) throws {
    self.name = name
    base = try TestCluster.conninfo(database: name)
    app = Postgres(Self.configuration(base + " user=onefin_app"))
    owner = Postgres(Self.configuration(base + " user=onefin_owner"))
  }

  /// The conninfo of `role`: `onefin_app`, `onefin_owner`, or `postgres`, the superuser.
  public func conninfo(role: String) -> String { base + " user=\(role)" }

  /// A configuration of `role`, to make pools, sessions and listeners with other limits.
  public func configuration(role: String = "onefin_app") -> PostgresConfiguration { Self.configuration(conninfo(role: role)) }

  /// A session as the cluster's superuser in this database, for what no role of ours may do. Throws: `DatabaseError`.
  public func superuser() throws -> Session { try TestCluster.superuser(database: name) }

  private static func configuration(_ conninfo: String) -> PostgresConfiguration {
    var configuration = PostgresConfiguration(conninfo: conninfo, applicationName: "onefin-tests")
    configuration.poolSize = 4
    return configuration
  }
}

/// Clones a migrated database, runs `body`, and drops the database, also when `body` throws.
///
/// Throws: what `body` throws; one sentence when ONEFIN_TEST_DATABASE is not set; `DatabaseError`, `MigrationError`.
public func withTestDatabase<T>(
  isolation: isolated (any Actor)? = #isolation, _ body: (TestDatabase) async throws -> T
) async throws -> T {
  let template = try TestCluster.templateName()
  let name = TestCluster.newName()
  let admin = try TestCluster.superuser()
  try admin.execute("CREATE DATABASE \(identifier: name) OWNER onefin_owner TEMPLATE \(identifier: template) STRATEGY WAL_LOG")
  let result: Result<T, any Error>
  do {
    result = .success(try await body(try TestDatabase(name: name)))
  } catch {
    result = .failure(error)
  }
  try admin.execute("DROP DATABASE \(identifier: name) WITH (FORCE)")
  return try result.get()
}
