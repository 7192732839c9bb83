import ServerKit
import Storage

/// What a command says before it ends without success.
struct Sentence: Error, CustomStringConvertible {
  var description: String
}

/// The database that the environment names.
enum CommandDatabase {
  static func configuration() throws -> PostgresConfiguration {
    var configuration = PostgresConfiguration(
      conninfo: try ConfigurationReader().text(SharedConfiguration.databaseKey), applicationName: "onefin-cli")
    configuration.statementTimeout = .zero
    return configuration
  }

  /// A connection of its own, for a command that does one thing after the other.
  static func session() throws -> Session { try Session.open(configuration()) }
}
