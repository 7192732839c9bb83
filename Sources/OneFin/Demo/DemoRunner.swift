import Domain
import Storage

/// Runs the demo's errands at servers that are up: files go through REST, messages and steps into the topics' logs.
struct DemoRunner {
  let database: Postgres
  var door: DemoDoor

  /// Whether somebody has handed something in already: then there is nothing to do.
  static func isDone(in session: Session) throws -> Bool {
    try session.row("SELECT FROM document LIMIT 1") != nil
  }

  /// Throws: `Sentence` when something is refused; `DatabaseError`; what the connection to REST threw.
  mutating func run(_ errands: [DemoErrand]) async throws {
    var known: [String: DocumentID] = [:]
    for errand in errands {
      let topic = try await topic(errand)
      var documents: [DocumentID] = []
      for paper in errand.papers {
        let replaces = documents.isEmpty ? errand.replaces.flatMap { known["\(topic)/\($0)"] } : nil
        let document = try await door.upload(
          paper.make(), named: paper.name, by: errand.login, to: topic, replaces: replaces)
        known["\(topic)/\(paper.name)"] = document
        documents.append(document)
      }
      try await append(
        .send(body: errand.text, reply: 0, holding: false, documents: documents), by: errand.login, to: topic)
      for step in errand.steps {
        for document in documents {
          try await append(.mark(document: document, state: step.state, reason: step.reason), by: step.login, to: topic)
        }
      }
    }
    try await door.close()
  }

  private func topic(_ errand: DemoErrand) async throws -> TopicID {
    let (name, kind) = (errand.company, errand.topic)
    let found = try await database.run { session -> TopicID? in
      try session.row(
        "SELECT t.id FROM topic t JOIN organisation o ON o.id = t.organisation_id WHERE o.name = \(name) AND t.kind = \(kind)"
      )?.decode(at: 0)
    }
    guard let found else { throw Sentence(description: "the demo's \(name) is not in the database.") }
    return found
  }

  private func append(_ action: LogAction, by login: String, to topic: TopicID) async throws {
    let batch = try await database.run { session in
      let account: AccountID? = try session.row("SELECT id FROM account WHERE login = \(login)")?.decode(at: 0)
      guard let account else { throw Sentence(description: "the demo's \(login) is not in the database.") }
      let request = LogRequest(
        topic: topic, account: account, session: nil, key: .random(), action: action, at: .now,
        salt: (0..<16).map { _ in UInt8.random(in: .min ... .max) })
      return try TopicLog.append([.append(request)], in: session)
    }
    if case .refused(let error)? = batch.results.first { throw Sentence(description: "the log refuses \(action): \(error)") }
    if let failure = batch.failures.first { throw Sentence(description: "the log could not be written: \(failure)") }
  }
}
