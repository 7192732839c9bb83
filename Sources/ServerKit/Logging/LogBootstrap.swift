public import Logging

#if canImport(Glibc)
  import Glibc
#endif

/// How log lines look.
public enum LogFormat: Sendable {
  /// One JSON object per line: for machines.
  case json
  /// One short line: for a terminal.
  case human

  /// Human-readable when standard error is a terminal, JSON otherwise.
  public static var forStandardError: LogFormat { isatty(STDERR_FILENO) == 1 ? .human : .json }
}

/// Sends the process's logs to standard error as configured. Call it once, first thing in a program.
public func bootstrapLogging(program: String, _ configuration: SharedConfiguration) {
  bootstrapLogging(
    program: program, level: Logger.Level(rawValue: configuration.logLevel) ?? .info, format: configuration.logFormat)
}

/// Sends the process's logs to standard error. Call it once, first thing in a program.
///
/// - Parameters:
///   - program: the program's name, on every line.
///   - level: the least severe level that is logged.
///   - format: how lines look.
public func bootstrapLogging(program: String, level: Logger.Level, format: LogFormat = .forStandardError) {
  LoggingSystem.bootstrap(
    { label, provider in
      LineLogHandler(program: program, label: label, level: level, format: format, provider: provider) { StandardError.write($0) }
    }, metadataProvider: nil)
}
