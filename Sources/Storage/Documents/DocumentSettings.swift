public import Domain

/// Which files are taken, and how much of them.
public struct DocumentSettings: Sendable, Hashable {
  /// The setting's name in the database.
  public static let name = "documents"
  /// The word by which `unstamped` lists PDFs that bear a signature: a stamp would break it.
  public static let signedPDF = "signed_pdf"
  /// What a file of any type may have at most: 1 GiB.
  public static let largestPossible: Int64 = 1 << 30

  /// Which version of the setting this is; 0: it was never set.
  public var version: Int32
  /// The most bytes of a file, for types that `sizes` doesn't name: 100 MB.
  public var size: Int64
  /// The most bytes of a file by its type.
  public var sizes: [FileType: Int64]
  /// Types that staff may hand out without a stamp, by their raw values, and `signedPDF`.
  public var unstamped: Set<String>
  /// The most bytes that one account may upload within 24 hours: 5 GB.
  public var accountDaily: Int64
  /// The most bytes that the documents of one organisation may have: 100 GB.
  public var organisationTotal: Int64

  /// Settings.
  public init(
    version: Int32, size: Int64, sizes: [FileType: Int64], unstamped: Set<String>, accountDaily: Int64, organisationTotal: Int64
  ) {
    (self.version, self.size, self.sizes, self.unstamped) = (version, size, sizes, unstamped)
    (self.accountDaily, self.organisationTotal) = (accountDaily, organisationTotal)
  }

  /// What counts until somebody sets something else.
  public static let initial = DocumentSettings(
    version: 0, size: 100_000_000, sizes: [:], unstamped: [], accountDaily: 5_000_000_000, organisationTotal: 100_000_000_000)

  /// Types that can be stamped, all of them or as the PDF that is made of them. Of others staff hand out only those that are listed.
  public static let stampable: Set<FileType> = [.jpeg, .png, .webp, .heic, .tiff, .pdf, .docx, .xlsx, .txt, .csv]

  /// The most bytes of a file of this type.
  public func limit(of type: FileType) -> Int64 { sizes[type] ?? size }

  /// The most bytes of any file.
  public var largest: Int64 { max(size, sizes.values.max() ?? 0) }

  /// What is to be done with a file of staff.
  public enum Stamping: Sendable, Hashable {
    /// It is stamped.
    case stamped
    /// It goes out as it is, and says so.
    case unstamped
    /// It isn't taken: it can't be stamped, and the admin hasn't listed it.
    case refused
  }

  /// Decides about a file of staff.
  public func stamping(of type: FileType, isSigned: Bool) -> Stamping {
    if unstamped.contains(type.rawValue) || (isSigned && unstamped.contains(Self.signedPDF)) { return .unstamped }
    return isSigned || !Self.stampable.contains(type) ? .refused : .stamped
  }

  /// The newest version. Throws: `DatabaseError`.
  public static func read(in session: Session) throws -> DocumentSettings {
    let row = try session.row(
      """
      SELECT version, CAST(value->>'size' AS bigint), CAST(value->>'accountDaily' AS bigint), CAST(value->>'organisationTotal' AS bigint),
             ARRAY(SELECT e FROM jsonb_array_elements_text(coalesce(value->'unstamped', '[]')) e),
             ARRAY(SELECT e.key FROM jsonb_each_text(coalesce(value->'sizes', '{}')) e ORDER BY e.key),
             ARRAY(SELECT CAST(e.value AS bigint) FROM jsonb_each_text(coalesce(value->'sizes', '{}')) e ORDER BY e.key)
        FROM setting WHERE name = \(name)
      """)
    guard let row else { return initial }
    let (types, limits): ([String], [Int64]) = (try row.decode(at: 5), try row.decode(at: 6))
    var sizes: [FileType: Int64] = [:]
    for (word, limit) in zip(types, limits) { if let type = FileType(rawValue: word) { sizes[type] = limit } }
    return DocumentSettings(
      version: try row.decode(at: 0), size: try row.decode(at: 1, as: Int64?.self) ?? initial.size, sizes: sizes,
      unstamped: Set(try row.decode(at: 4, as: [String].self)),
      accountDaily: try row.decode(at: 2, as: Int64?.self) ?? initial.accountDaily,
      organisationTotal: try row.decode(at: 3, as: Int64?.self) ?? initial.organisationTotal)
  }

  /// Adds these values as the version after `version`. False when somebody else has added one. Throws: `DatabaseError`.
  public func write(by account: AccountID, in session: Session) throws -> Bool {
    let sizes = sizes.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\(JSONText.quoted($0.key.rawValue)):\($0.value)" }
    let unstamped = unstamped.sorted().map { JSONText.quoted($0) }
    return try Settings.write(
      Self.name,
      json: """
        {"size":\(size),"accountDaily":\(accountDaily),"organisationTotal":\(organisationTotal),"sizes":{\(sizes.joined(separator: ","))},\
        "unstamped":[\(unstamped.joined(separator: ","))]}
        """, after: version, by: account, in: session)
  }
}
