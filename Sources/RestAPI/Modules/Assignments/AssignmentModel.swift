import Domain
import Storage

/// An assignment, as answers carry it.
struct AssignmentAnswer: Encodable {
  let id: Int64
  let account: NamedAnswer
  let organisation: NamedAnswer
  let topics: [String]
  let from: String
  let to: String?

  init(_ record: Assignments.Record) {
    id = record.id.rawValue
    account = NamedAnswer(record.account)
    organisation = NamedAnswer(record.organisation)
    topics = record.topics.map(\.slug)
    from = record.from.description
    to = record.to?.description
  }
}

/// What becomes of an assignment that goes to somebody else, as sent.
struct Reassignment: Sendable {
  /// Who gets it.
  let account: AccountID
  /// Which of its topics; nil: all of them.
  let topics: [TopicKind]?
  /// The first day of the new one: today or later.
  let from: LocalDate
  /// Its last day; nil: open. With one the old assignment goes on after it: a cover for a holiday.
  let to: LocalDate?

  init(_ fields: inout Fields, today: LocalDate) throws(Problem) {
    account = fields.id("account")
    topics = fields.has("topics") && !fields.isNull("topics") ? fields.topics("topics") : nil
    from = fields.optionalDate("from") ?? today
    to = fields.optionalDate("to")
    if from < today { fields.refuse("from", "invalid") }
    if let to, to < from { fields.refuse("to", "invalid") }
    try fields.finish()
  }
}

/// A new assignment, as sent.
struct NewAssignment: Sendable {
  let account: AccountID
  let organisation: OrganisationID
  let topics: [TopicKind]
  let from: LocalDate
  let to: LocalDate?

  init(_ fields: inout Fields, today: LocalDate) throws(Problem) {
    account = fields.id("account")
    organisation = fields.id("organisation")
    topics = fields.topics("topics")
    let from = fields.optionalDate("from")
    if from == nil { fields.refuse("from", "required") }
    self.from = from ?? today
    to = fields.optionalDate("to")
    if let to, to < self.from { fields.refuse("to", "invalid") }
    try fields.finish()
  }
}
