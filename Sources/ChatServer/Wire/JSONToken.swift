/// Where a JSON value lies in the bytes of its frame. Strings are decoded only when somebody wants them.
struct JSONToken: Equatable {
  /// What stands there.
  enum Kind: UInt8 {
    /// The field was not in the object.
    case absent
    /// A string without escapes; the range is what stands between the quotes.
    case plainString
    /// A string with at least one escape.
    case escapedString
    /// A number without fraction and exponent.
    case integer
    /// Any other number.
    case decimal
    /// `true`
    case yes
    /// `false`
    case no
    /// `null`
    case null
    /// An object, already checked to its end.
    case object
    /// An array, already checked to its end.
    case array
  }

  /// What stands there.
  var kind: Kind
  /// The offset of the first byte.
  var start: Int
  /// The offset after the last byte.
  var end: Int

  /// A field that was not given.
  static let absent = JSONToken(kind: .absent, start: 0, end: 0)
}

/// Why bytes are no JSON, or none that this server reads.
enum JSONFault: Error, Equatable {
  /// RFC 8259 does not allow it.
  case syntax
  /// Deeper than `JSONReader.maximumDepth`.
  case tooDeep
}
