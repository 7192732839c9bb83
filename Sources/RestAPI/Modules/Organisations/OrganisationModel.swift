import Domain
import Storage

/// A company, as answers carry it.
struct OrganisationAnswer: Encodable {
  struct Topic: Encodable {
    let id: Int64
    let kind: String
  }

  let id: Int64
  let name: String
  let stir: String?
  let department: NamedAnswer
  /// Since when it is no client any more; null: it is one.
  let closedAt: String?
  let topics: [Topic]

  init(_ record: Organisations.Record) {
    id = record.id.rawValue
    name = record.name
    stir = record.stir
    department = NamedAnswer(record.department)
    closedAt = record.closedAt?.rfc3339
    topics = record.topics.map { Topic(id: $0.id.rawValue, kind: $0.kind.slug) }
  }

  enum CodingKeys: CodingKey { case id, name, stir, department, closedAt, topics }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(id, forKey: .id)
    try container.encode(name, forKey: .name)
    // Always there, also as null.
    try container.encode(stir, forKey: .stir)
    try container.encode(department, forKey: .department)
    try container.encode(closedAt, forKey: .closedAt)
    try container.encode(topics, forKey: .topics)
  }
}

/// A new company, as sent.
struct NewOrganisation: Sendable {
  let name: String
  let stir: String?
  let department: DepartmentID

  init(_ fields: inout Fields) throws(Problem) {
    name = fields.text("name", 1...200)
    let stir = fields.optionalText("stir", 0...9)
    self.stir = stir?.isEmpty == true ? nil : stir
    department = fields.id("department")
    if let stir = self.stir, !Self.isSTIR(stir) { fields.refuse("stir", "invalid") }
    try fields.finish()
  }

  static func isSTIR(_ text: String) -> Bool {
    text.utf8.count == 9 && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }
}

/// A change of a company, as sent.
struct OrganisationChange: Sendable {
  let name: String?
  /// Nil leaves it, an empty text removes it.
  let stir: String?
  let department: DepartmentID?

  init(_ fields: inout Fields) throws(Problem) {
    name = fields.optionalText("name", 1...200)
    let stir = fields.optionalText("stir", 0...9)
    self.stir = fields.isNull("stir") ? "" : stir
    department = fields.optionalID("department")
    if let stir, !stir.isEmpty, !NewOrganisation.isSTIR(stir) { fields.refuse("stir", "invalid") }
    try fields.finish()
  }
}
