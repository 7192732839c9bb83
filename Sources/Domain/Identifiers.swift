/// A row's identity in Postgres: a `bigint` that knows which table it belongs to, so that a topic cannot be passed where an account is meant.
///
/// `Table` is only a name; the identifiers below are the ones in use.
public struct Identifier<Table>: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
  /// The value in the database, 1 or more.
  public var rawValue: Int64

  /// Names the row `rawValue`.
  public init(_ rawValue: Int64) { self.rawValue = rawValue }

  /// Decodes a bare integer. Throws: `DecodingError` when there is none.
  public init(from decoder: any Decoder) throws { rawValue = try decoder.singleValueContainer().decode(Int64.self) }

  /// Encodes as a bare integer.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rawValue)
  }

  /// Ascending by value, the order in which rows are locked.
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

  /// The bare number.
  public var description: String { String(rawValue) }
}

/// The names that tell identifiers apart.
public enum Table {
  /// `account`
  public enum Account {}
  /// `assignment`
  public enum Assignment {}
  /// `contest`
  public enum Contest {}
  /// `department`
  public enum Department {}
  /// `document`
  public enum Document {}
  /// `erasure`
  public enum Erasure {}
  /// `legal_hold`
  public enum LegalHold {}
  /// `membership`
  public enum Membership {}
  /// `notification`
  public enum Notification {}
  /// `observation`
  public enum Observation {}
  /// `organisation`
  public enum Organisation {}
  /// `session`
  public enum Session {}
  /// `topic`
  public enum Topic {}
}

/// A person.
public typealias AccountID = Identifier<Table.Account>
/// An accountant's assignment to topics of an organisation.
public typealias AssignmentID = Identifier<Table.Assignment>
/// A doubt about a line of a bonus.
public typealias ContestID = Identifier<Table.Contest>
/// A department of the firm.
public typealias DepartmentID = Identifier<Table.Department>
/// An uploaded file.
public typealias DocumentID = Identifier<Table.Document>
/// Somebody's wish that a message's texts go for good, and what became of it.
public typealias ErasureID = Identifier<Table.Erasure>
/// A ban on erasing.
public typealias LegalHoldID = Identifier<Table.LegalHold>
/// A role that an account has in the firm or in an organisation.
public typealias MembershipID = Identifier<Table.Membership>
/// A line of somebody's bell.
public typealias NotificationID = Identifier<Table.Notification>
/// A ghost's stay in a topic.
public typealias ObservationID = Identifier<Table.Observation>
/// A client company.
public typealias OrganisationID = Identifier<Table.Organisation>
/// A signed-in device.
public typealias SessionID = Identifier<Table.Session>
/// One of the five logs of an organisation.
public typealias TopicID = Identifier<Table.Topic>
