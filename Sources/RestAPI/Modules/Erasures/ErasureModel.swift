import Domain
import Storage

/// An erasure, as answers carry it: never with a text.
struct ErasureAnswer: Encodable {
  let id: Int64
  let organisation: NamedAnswer
  let topic: Int64
  let kind: String
  let message: Int64
  let sent: String
  let author: NamedAnswer?
  let reason: String
  let state: String
  let requested: StepAnswer
  let confirmed: StepAnswer?
  let refused: StepAnswer?
  let held: Bool

  init(_ record: Erasures.Record) {
    id = record.id.rawValue
    organisation = NamedAnswer(record.organisation)
    topic = record.topic.rawValue
    kind = record.kind.slug
    message = record.message
    sent = record.sentAt.rfc3339
    author = record.author.map { NamedAnswer($0) }
    reason = record.reason
    state = record.state.rawValue
    requested = StepAnswer(record.requested)
    confirmed = record.confirmed.map(StepAnswer.init)
    refused = record.refused.map(StepAnswer.init)
    held = record.isHeld
  }
}

/// A legal hold, as answers carry it.
struct LegalHoldAnswer: Encodable {
  let id: Int64
  let organisation: NamedAnswer
  let topic: Int64?
  let kind: String?
  let reason: String
  let set: StepAnswer
  let lifted: StepAnswer?
  let liftReason: String?

  init(_ record: LegalHolds.Record) {
    id = record.id.rawValue
    organisation = NamedAnswer(record.organisation)
    topic = record.topic?.rawValue
    kind = record.kind?.slug
    reason = record.reason
    set = StepAnswer(record.set)
    lifted = record.lifted.map(StepAnswer.init)
    liftReason = record.liftReason
  }
}
