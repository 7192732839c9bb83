public import Domain

/// How staff files are stamped.
public struct WatermarkSettings: Sendable, Hashable {
  /// The setting's name in the database.
  public static let name = "watermark"

  /// Where on the page the strong stamp stands; the light one is tiled over all of it.
  public enum Position: String, Codable, Sendable, CaseIterable {
    /// In the upper left corner.
    case topLeft
    /// In the upper right corner.
    case topRight
    /// In the lower left corner.
    case bottomLeft
    /// In the lower right corner.
    case bottomRight
  }

  /// Which version of the setting this is; 0: it was never set.
  public var version: Int32
  /// A line of text in the stamp, at most 60 characters; empty: the firm's name.
  public var text: String
  /// How strongly the light tiles cover what is below: 0.02 to 0.6.
  public var opacity: Double
  /// Where the strong stamp stands.
  public var position: Position
  /// The logo's bytes in the blob store; nil: none.
  public var logo: BlobHash?
  /// The logo's type: `png`, `jpeg` or `webp`.
  public var logoType: FileType?

  /// Settings.
  public init(version: Int32, text: String, opacity: Double, position: Position, logo: BlobHash?, logoType: FileType?) {
    (self.version, self.text, self.opacity, self.position) = (version, text, opacity, position)
    (self.logo, self.logoType) = (logo, logoType)
  }

  /// What counts until somebody sets something else.
  public static let initial = WatermarkSettings(
    version: 0, text: "", opacity: 0.12, position: .bottomRight, logo: nil, logoType: nil)

  /// The newest version. Throws: `DatabaseError`.
  public static func read(in session: Session) throws -> WatermarkSettings {
    try read("SELECT version, value FROM setting WHERE name = \(name)", in: session)
  }

  /// What a row of a version and a value says; what it doesn't say is as at the beginning.
  fileprivate static func read(_ source: SQL, in session: Session) throws -> WatermarkSettings {
    let row = try session.row(
      """
      SELECT version, value->>'text', CAST(value->>'opacity' AS float8), value->>'position', value->>'logo', value->>'logoType'
        FROM (\(source)) v
      """)
    guard let row else { return initial }
    return WatermarkSettings(
      version: try row.decode(at: 0), text: try row.decode(at: 1, as: String?.self) ?? initial.text,
      opacity: try row.decode(at: 2, as: Double?.self) ?? initial.opacity,
      position: try row.decode(at: 3, as: String?.self).flatMap { Position(rawValue: $0) } ?? initial.position,
      logo: try row.decode(at: 4, as: String?.self).flatMap { BlobHash(hex: $0) },
      logoType: try row.decode(at: 5, as: String?.self).flatMap { FileType(rawValue: $0) })
  }

  /// What the database keeps, and the input of a job that makes a sample: an object of `text`, `opacity`, `position`, `logo`?, `logoType`?.
  public var json: String {
    var fields = [
      "\"text\":\(JSONText.quoted(text))", "\"opacity\":\(opacity)", "\"position\":\(JSONText.quoted(position.rawValue))",
    ]
    if let logo, let logoType {
      fields += ["\"logo\":\(JSONText.quoted(logo.hex))", "\"logoType\":\(JSONText.quoted(logoType.rawValue))"]
    }
    return "{" + fields.joined(separator: ",") + "}"
  }

  /// Adds these values as the version after `version`. False when somebody else has added one. Throws: `DatabaseError`.
  public func write(by account: AccountID, in session: Session) throws -> Bool {
    try Settings.write(Self.name, json: json, after: version, by: account, in: session)
  }
}

/// Pages that show what a stamp would look like, made by MediaWorker.
public enum WatermarkSamples {
  /// How far a sample is.
  public struct State: Sendable, Hashable {
    /// `waiting`, `leased`, `done` or `failed`.
    public let job: String
    /// The picture in the blob store; nil until it is done.
    public let picture: BlobHash?
  }

  /// Asks for a sample of these settings. Returns its number. Throws: `DatabaseError`.
  public static func ask(for settings: WatermarkSettings, in session: Session) throws -> Int64 {
    try session.one("INSERT INTO job (kind, input) VALUES ('sample', \(json: settings.json)) RETURNING id").decode(at: 0)
  }

  /// The settings that a sample is asked for with. Throws: `DatabaseError`.
  public static func wish(of job: JobID, in session: Session) throws -> WatermarkSettings {
    try WatermarkSettings.read("SELECT CAST(0 AS integer) AS version, input AS value FROM job WHERE id = \(job)", in: session)
  }

  /// How many samples wait. Throws: `DatabaseError`.
  public static func waiting(in session: Session) throws -> Int {
    try session.one("SELECT count(*) FROM job WHERE kind = 'sample' AND state IN ('waiting', 'leased')").decode(at: 0)
  }

  /// How far a sample is; nil when there is none of that number. Throws: `DatabaseError`.
  public static func find(_ number: Int64, in session: Session) throws -> State? {
    try session.row("SELECT state, output FROM job WHERE id = \(number) AND kind = 'sample'").map { row in
      State(job: try row.decode(at: 0), picture: try row.decode(at: 1, as: [UInt8]?.self).flatMap { BlobHash(bytes: $0) })
    }
  }
}
