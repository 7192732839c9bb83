import Domain
import Storage

/// The watermark's settings, as answers carry them.
struct WatermarkAnswer: Encodable {
  let version: Int32
  let text: String
  let opacity: Double
  let position: String
  /// The logo's type; null without a logo.
  let logo: String?

  init(_ settings: WatermarkSettings) {
    version = settings.version
    text = settings.text
    opacity = settings.opacity
    position = settings.position.rawValue
    logo = settings.logo == nil ? nil : settings.logoType?.rawValue
  }
}

/// What may be set of the watermark, as sent. The logo has an address of its own.
struct WatermarkChange: Sendable {
  /// The version that was looked at.
  let version: Int32
  let text: String
  let opacity: Double
  let position: WatermarkSettings.Position

  init(_ fields: inout Fields) throws(Problem) {
    version = Int32(fields.integer("version", 0...Int64(Int32.max)))
    text = fields.optionalText("text", 0...60) ?? ""
    opacity = fields.number("opacity", 0.02...0.6)
    position = fields.choice("position", of: WatermarkSettings.Position.self, or: .bottomRight)
    try fields.finish()
  }

  /// These values in the place of others'.
  func applied(to settings: WatermarkSettings) -> WatermarkSettings {
    var settings = settings
    (settings.text, settings.opacity, settings.position) = (text, opacity, position)
    return settings
  }
}

/// A sample of the watermark that is being made, as answers carry it.
struct SampleAnswer: Encodable {
  let sample: Int64
  /// `waiting`, `leased` or `failed`.
  let state: String
}

/// The number of a sample.
typealias JobNumber = Identifier<WatermarkSamples>

/// Which files are taken, as answers carry it.
struct DocumentSettingsAnswer: Encodable {
  let version: Int32
  let size: Int64
  let sizes: [String: Int64]
  let unstamped: [String]
  let accountDaily: Int64
  let organisationTotal: Int64
  /// Everything that `sizes` may name.
  let types: [String]

  init(_ settings: DocumentSettings) {
    version = settings.version
    size = settings.size
    sizes = Dictionary(uniqueKeysWithValues: settings.sizes.map { ($0.key.rawValue, $0.value) })
    unstamped = settings.unstamped.sorted()
    accountDaily = settings.accountDaily
    organisationTotal = settings.organisationTotal
    types = FileType.allCases.map(\.rawValue)
  }
}

extension DocumentSettings {
  private static let words = Set(FileType.allCases.map(\.rawValue))

  /// Reads them as sent; `version` is the one that was looked at.
  init(_ fields: inout Fields) throws(Problem) {
    let sizes = fields.integers("sizes", by: Self.words, 1...Self.largestPossible)
    var byType: [FileType: Int64] = [:]
    for (word, limit) in sizes { if let type = FileType(rawValue: word) { byType[type] = limit } }
    self.init(
      version: Int32(fields.integer("version", 0...Int64(Int32.max))), size: fields.integer("size", 1...Self.largestPossible),
      sizes: byType, unstamped: Set(fields.words("unstamped", of: Self.words.union([Self.signedPDF]))),
      accountDaily: fields.integer("accountDaily", 0...1_000_000_000_000_000),
      organisationTotal: fields.integer("organisationTotal", 0...1_000_000_000_000_000))
    try fields.finish()
  }
}

extension WatermarkSettings {
  /// As the action log tells of them.
  var logged: [String: ActionLog.Value] {
    // Thousandths: numbers of the log are whole.
    var fields: [String: ActionLog.Value] = [
      "text": .text(text), "opacityPerMille": .number(Int64((opacity * 1000).rounded())), "position": .text(position.rawValue),
    ]
    if let logo { fields["logo"] = .text(logo.hex) }
    return fields
  }
}

extension DocumentSettings {
  /// As the action log tells of them.
  var logged: [String: ActionLog.Value] {
    [
      "size": .number(size), "accountDaily": .number(accountDaily), "organisationTotal": .number(organisationTotal),
      "unstamped": .texts(unstamped.sorted()),
      "sizes": .object(Dictionary(uniqueKeysWithValues: sizes.map { ($0.key.rawValue, .number($0.value)) })),
    ]
  }
}
