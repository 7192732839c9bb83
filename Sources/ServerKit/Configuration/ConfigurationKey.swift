/// A key that a program reads from its environment, declared once: the reader, the checks and docs/configuration.md all come from it.
public struct ConfigurationKey: Sendable {
  /// What a value looks like.
  public enum Kind: Sendable {
    /// Text of at most so many characters.
    case text(maximum: Int)
    /// A whole number.
    case integer(ClosedRange<Int>)
    /// `true` or `false` (also `yes`, `no`, `1`, `0`).
    case boolean
    /// One of these words.
    case choice([String])
    /// Words separated by commas.
    case list
    /// HOST:PORT; empty means none where that is allowed.
    case address(mayBeEmpty: Bool)
  }

  /// The environment variable.
  public let name: String
  /// Type and allowed range.
  public let kind: Kind
  /// What counts when the variable isn't set, in the form in which it would be set.
  public let defaultValue: String
  /// Whether the value is kept out of messages, logs and docs.
  public let isSecret: Bool
  /// What it is for, in a sentence or two.
  public let doc: String

  /// Declares a key.
  public init(_ name: String, _ kind: Kind, default defaultValue: String, secret: Bool = false, doc: String) {
    self.name = name
    self.kind = kind
    self.defaultValue = defaultValue
    self.isSecret = secret
    self.doc = doc
  }
}

extension ConfigurationKey.Kind {
  /// The type's name in the table.
  var typeName: String {
    switch self {
    case .text: "text"
    case .integer: "whole number"
    case .boolean: "true or false"
    case .choice: "word"
    case .list: "comma-separated list"
    case .address: "HOST:PORT"
    }
  }

  /// What is allowed, for the table and for messages about a bad value.
  var allowed: String {
    switch self {
    case .text(let maximum): "at most \(maximum) characters"
    case .integer(let range): "\(range.lowerBound) to \(range.upperBound)"
    case .boolean: "true or false"
    case .choice(let words): words.joined(separator: ", ")
    case .list: "words separated by commas; empty: none"
    case .address(let mayBeEmpty): "HOST:PORT, for example 127.0.0.1:8080 or [::1]:8080" + (mayBeEmpty ? "; empty: none" : "")
    }
  }
}

/// A value of the environment that cannot be used, told in one sentence.
public struct ConfigurationFailure: Error, Equatable, CustomStringConvertible {
  /// The sentence, which names the variable and what it must be.
  public let description: String

  /// Makes the failure from its sentence.
  public init(_ description: String) { self.description = description }
}
