import Domain
import Foundation
import Migrations
import Storage
import Synchronization

/// The throw-away cluster that tests use, and the template that each test's database is cloned from.
enum TestCluster {
  /// What a developer reads when the variable is missing.
  struct Missing: Error, CustomStringConvertible {
    let description =
      "Set ONEFIN_TEST_DATABASE to the conninfo of a superuser on a throw-away Postgres cluster; ./onefin test does it for you."
  }

  static func conninfo() throws -> String {
    guard let text = ProcessInfo.processInfo.environment["ONEFIN_TEST_DATABASE"], !text.isEmpty else { throw Missing() }
    return text
  }

  /// The cluster's conninfo with another database and, if given, another role: the last of equal keywords counts.
  static func conninfo(database: String, role: String? = nil) throws -> String {
    try conninfo() + " dbname=\(database)" + (role.map { " user=\($0)" } ?? "")
  }

  private static func superuser() throws -> Session {
    try Session.open(PostgresConfiguration(conninfo: try conninfo(), applicationName: "onefin-tests"))
  }

  private static let pool = Mutex<Postgres?>(nil)

  /// A small pool as the superuser in the cluster's own database, shared by all tests of the process.
  static func admin() throws -> Postgres {
    try pool.withLock { pool in
      if let pool { return pool }
      var configuration = PostgresConfiguration(conninfo: try conninfo(), applicationName: "onefin-tests")
      (configuration.poolSize, configuration.acquireTimeout) = (4, .seconds(120))
      let made = Postgres(configuration)
      pool = made
      return made
    }
  }

  private static let template = Mutex<Result<String, any Error>?>(nil)
  private static let clones = Atomic(0)

  /// The name of the migrated template: made once per process, dropped when the process ends or, if it was killed, by the next one.
  static func templateName() throws -> String {
    try template.withLock { template in
      if let made = template { return try made.get() }
      let made = Result { try makeTemplate() }
      template = made
      return try made.get()
    }
  }

  /// A database name that no other process uses.
  static func newName() -> String { "\(prefix)\(getpid())_\(clones.add(1, ordering: .relaxed).newValue)" }

  static let prefix = "onefin_test_"

  private static func makeTemplate() throws -> String {
    let admin = try superuser()
    try dropLeftovers(admin)
    try makeRoles(admin)
    let checksum = Migration.all.map(Migrator.checksum).joined().suffix(8)
    let name = "\(prefix)\(getpid())_template_\(checksum)"
    try admin.execute("CREATE DATABASE \(identifier: name) OWNER onefin_owner TEMPLATE template0")
    try Migrator(
      PostgresConfiguration(conninfo: try conninfo(database: name, role: "onefin_owner"), applicationName: "onefin-tests")
    ).run()
    atexit { TestCluster.dropTemplate() }
    return name
  }

  /// The two roles of the product, which may be there already.
  static func makeRoles(_ admin: Session) throws {
    for role in ["onefin_owner", "onefin_app"] {
      try admin.execute(
        """
        DO \(unsafe: "$$") BEGIN CREATE ROLE \(identifier: role) LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END \(unsafe: "$$")
        """)
    }
  }

  private static func dropTemplate() {
    do {
      let admin = try superuser()
      try admin.execute("DROP DATABASE IF EXISTS \(identifier: try templateName()) WITH (FORCE)")
    } catch {
      FileHandle.standardError.write(Data("The test template could not be dropped: \(error)\n".utf8))
    }
  }

  /// Drops databases of test processes that no longer run: a killed one could not clean up.
  private static func dropLeftovers(_ admin: Session) throws {
    for row in try admin.rows("SELECT datname FROM pg_database WHERE datname LIKE 'onefin\\_test\\_%'") {
      let name: String = try row["datname"]
      guard let pid = pid_t(name.dropFirst(prefix.count).prefix { $0 != "_" }), kill(pid, 0) != 0, errno == ESRCH else {
        continue
      }
      do {
        try admin.execute("DROP DATABASE IF EXISTS \(identifier: name) WITH (FORCE)")
      } catch let error as DatabaseError where error.sqlState == "55006" || error.sqlState == "3D000" {
        // Another process is dropping it at this moment.
      }
    }
  }
}
