internal import Crypto
public import Domain
public import Migrations

/// Brings a database to the program's shape, as its owner.
///
/// Each migration runs in a transaction of its own; what was applied stands in `schema_migration` with the checksum of its text. An advisory
/// lock lets one migrator work at a time; a second one waits and then finds nothing to do.
public struct Migrator: Sendable {
  private let configuration: PostgresConfiguration
  private let migrations: [Migration]

  /// `configuration` signs in as the database's owner; its time-outs do not count here. `migrations` are ascending.
  public init(_ configuration: PostgresConfiguration, migrations: [Migration] = Migration.all) {
    var configuration = configuration
    // A large table may take its time, and waiting for another migrator is no failure.
    (configuration.statementTimeout, configuration.lockTimeout) = (.zero, .zero)
    (self.configuration, self.migrations) = (configuration, migrations)
  }

  /// A migration that the database has.
  public struct Applied: Sendable, Hashable {
    /// Its number.
    public let version: Int
    /// Its name.
    public let name: String
    /// SHA-256 of its text when it was applied, as hexadecimal.
    public let checksum: String
    /// When.
    public let appliedAt: Timestamp
  }

  /// What a database has and lacks.
  public struct Status: Sendable {
    /// In ascending order.
    public let applied: [Applied]
    /// What `run` would apply, in this order.
    public let pending: [Migration]
    /// Why `run` would refuse, or nil.
    public let problem: MigrationError?
  }

  /// Applies what is missing. Returns what was applied. Blocks. Throws: `MigrationError`, `DatabaseError` when Postgres is away.
  @discardableResult
  public func run() throws -> [Migration] {
    let session = try Session.open(configuration)
    try session.execute("SELECT pg_advisory_lock(\(Self.lock))")
    try session.script(Self.table)
    let status = try Self.status(session, migrations)
    if let problem = status.problem { throw problem }
    for migration in status.pending { try apply(migration, session) }
    // The lock ends with the session.
    return status.pending
  }

  /// What the database has and lacks; changes nothing. Blocks. Throws: `DatabaseError`.
  public func status() throws -> Status {
    let session = try Session.open(configuration)
    guard try session.value("SELECT to_regclass('schema_migration') IS NOT NULL", as: Bool.self) == true else {
      return Status(applied: [], pending: migrations, problem: nil)
    }
    return try Self.status(session, migrations)
  }

  /// SHA-256 of a migration's text as hexadecimal.
  public static func checksum(_ migration: Migration) -> String { Hex.string(Array(SHA256.hash(data: migration.bytes))) }

  /// «1fin» and a number of ours: who else locks in this database takes another.
  private static let lock: Int64 = 0x3166_696e_0000_0001

  private static let table = """
    SET client_min_messages = warning;
    CREATE TABLE IF NOT EXISTS schema_migration (
      version    integer PRIMARY KEY CHECK (version > 0),
      name       text NOT NULL,
      checksum   text NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
    """

  private func apply(_ migration: Migration, _ session: Session) throws {
    do {
      try session.transaction {
        try session.script(migration.sql)
        try session.execute(
          """
          INSERT INTO schema_migration (version, name, checksum)
          VALUES (\(migration.version), \(migration.name), \(Self.checksum(migration)))
          """)
      }
    } catch let error as DatabaseError where !error.isTemporary {
      throw MigrationError.failed(version: migration.version, name: migration.name, cause: error)
    }
  }

  private static func status(_ session: Session, _ migrations: [Migration]) throws -> Status {
    let applied = try session.rows("SELECT version, name, checksum, applied_at FROM schema_migration ORDER BY version").map {
      row in
      Applied(
        version: Int(try row["version", as: Int32.self]), name: try row["name"], checksum: try row["checksum"],
        appliedAt: try row["applied_at"])
    }
    let newest = migrations.last?.version ?? 0
    let known = Dictionary(uniqueKeysWithValues: migrations.map { ($0.version, $0) })
    var problem: MigrationError?
    if let last = applied.last, last.version > newest {
      problem = .databaseIsNewer(database: last.version, program: newest)
    } else if let changed = applied.first(where: { $0.checksum != known[$0.version].map(checksum) }) {
      problem = .changed(version: changed.version, name: changed.name)
    }
    let have = Set(applied.map(\.version))
    return Status(applied: applied, pending: migrations.filter { !have.contains($0.version) }, problem: problem)
  }
}

/// Why a database is not migrated: one sentence each, for people.
public enum MigrationError: Error, Sendable, CustomStringConvertible {
  /// A newer program has been here.
  case databaseIsNewer(database: Int, program: Int)
  /// An applied migration's text is not the one that was applied.
  case changed(version: Int, name: String)
  /// A migration failed; the database is as it was before it.
  case failed(version: Int, name: String, cause: DatabaseError)

  /// The sentence.
  public var description: String {
    switch self {
    case .databaseIsNewer(let database, let program):
      "The database has migration \(database), this program knows only \(program): start the newer program."
    case .changed(let version, let name):
      "Migration \(version) (\(name)) was applied to this database with another text: a landed migration must not be changed."
    case .failed(let version, let name, let cause):
      "Migration \(version) (\(name)) failed and was rolled back: \(cause)."
    }
  }
}
