import Configuration

#if canImport(Glibc)
  import Glibc
#endif

/// Reads declared keys from the environment and checks them against their declaration.
public struct ConfigurationReader: Sendable {
  private let reader: ConfigReader

  /// Reads the process's own environment.
  public init() { reader = ConfigReader(provider: EnvironmentVariablesProvider()) }

  /// Reads a given environment, for tests and for the front door.
  public init(environment: [String: String]) {
    reader = ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: environment))
  }

  /// The text of a key, or its default.
  ///
  /// - Throws: `ConfigurationFailure` when it is longer than declared.
  public func text(_ key: ConfigurationKey) throws(ConfigurationFailure) -> String {
    let value = raw(key)
    if case .text(let maximum) = key.kind, value.count > maximum { throw failure(key, value) }
    return value
  }

  /// The number of an integer key.
  ///
  /// - Throws: `ConfigurationFailure` when it is no number or out of the declared range.
  public func integer(_ key: ConfigurationKey) throws(ConfigurationFailure) -> Int {
    let value = raw(key)
    guard case .integer(let range) = key.kind, let number = Int(value), range.contains(number) else { throw failure(key, value) }
    return number
  }

  /// The value of a boolean key.
  ///
  /// - Throws: `ConfigurationFailure` when it is neither true nor false.
  public func boolean(_ key: ConfigurationKey) throws(ConfigurationFailure) -> Bool {
    let value = raw(key)
    switch value.lowercased() {
    case "true", "yes", "1": return true
    case "false", "no", "0": return false
    default: throw failure(key, value)
    }
  }

  /// The word of a choice key.
  ///
  /// - Throws: `ConfigurationFailure` when it is none of the declared words.
  public func choice(_ key: ConfigurationKey) throws(ConfigurationFailure) -> String {
    let value = raw(key)
    guard case .choice(let words) = key.kind, words.contains(value) else { throw failure(key, value) }
    return value
  }

  /// The words of a list key, trimmed, without empty ones.
  public func list(_ key: ConfigurationKey) -> [String] {
    raw(key).split(separator: ",").map { Self.trimmed($0) }.filter { !$0.isEmpty }
  }

  /// The address of a key that must have one.
  ///
  /// - Throws: `ConfigurationFailure` when it isn't HOST:PORT.
  public func address(_ key: ConfigurationKey) throws(ConfigurationFailure) -> HostPort {
    let value = raw(key)
    guard let address = HostPort(value) else { throw failure(key, value) }
    return address
  }

  /// The address of a key that may be empty; nil when it is.
  ///
  /// - Throws: `ConfigurationFailure` when it is neither empty nor HOST:PORT.
  public func optionalAddress(_ key: ConfigurationKey) throws(ConfigurationFailure) -> HostPort? {
    raw(key).isEmpty ? nil : try address(key)
  }

  private func raw(_ key: ConfigurationKey) -> String {
    // REST_WEB_ROOT is rest.web.root to the library, which maps it back.
    let components = key.name.lowercased().split(separator: "_").map(String.init)
    return Self.trimmed(reader.string(forKey: ConfigKey(components), isSecret: key.isSecret, default: key.defaultValue)[...])
  }

  private func failure(_ key: ConfigurationKey, _ value: String) -> ConfigurationFailure {
    let found = key.isSecret ? "it isn't" : "it is “\(value)”"
    return ConfigurationFailure("The environment variable \(key.name) must be \(key.kind.allowed), but \(found).")
  }

  private static func trimmed(_ text: Substring) -> String {
    var text = text
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}

/// Runs what reads the configuration of a program; a failure is printed as its one sentence to standard error and ends the process with
/// status 2.
public func configured<Value>(_ body: () throws(ConfigurationFailure) -> Value) -> Value {
  do {
    return try body()
  } catch {
    StandardError.write("\(error)\n")
    exit(2)
  }
}
