import Domain
import Storage
import TestSupport
import Testing

@testable import ChatServer

/// Every role and every verb, on every kind of topic that somebody may stand to. What is expected is written from product.md's table of people and
/// docs/protocol.md, and not from the code.
@Suite struct VerbMatrixTests {
  /// How somebody stands to a topic.
  enum Standing: String { case participant, observer, nobody }

  /// What an answer comes to: done (or refused only because of the state that the topic is in), not allowed, or as if nothing were there.
  enum Verdict: String { case allowed, forbidden, invisible, unanswered }

  /// Whose topics there are: one organisation has an accountant for one topic only, one of the same department has nobody, one is another department's.
  struct Firm {
    let topics: [(name: String, id: TopicID)]
    let people: [(role: Role, account: AccountID)]
    /// A document of each topic that its own client sent.
    var documents: [TopicID: DocumentID] = [:]

    static func make(_ database: TestDatabase, _ node: TestNode) async throws -> Firm {
      let (first, second) = (try await database.makeDepartment("First"), try await database.makeDepartment("Second"))
      let own = try await database.makeOrganisation("Own", department: first)
      let neighbour = try await database.makeOrganisation("Neighbour", department: first)
      let foreign = try await database.makeOrganisation("Foreign", department: second)
      var people: [(Role, AccountID)] = []
      for role in Role.allCases {
        let account = try await database.makeAccount(role.rawValue)
        try await database.makeMembership(
          account, role: role.rawValue, organisation: role.isFirm ? nil : own.id, department: role.needsDepartment ? first : nil)
        if role == .accountant { try await database.makeAssignment(account, organisation: own.id, topics: [.bank]) }
        people.append((role, account))
      }
      let topics = [
        ("assigned", own.topic(.bank)), ("of the own organisation", own.topic(.ttn)),
        ("of the own department", neighbour.topic(.bank)), ("foreign", foreign.topic(.bank)),
      ]
      var firm = Firm(topics: topics, people: people)
      // A message of somebody else's stands in each of them, with a document.
      for (name, topic) in topics {
        let organisation = name == "foreign" ? foreign : name == "of the own department" ? neighbour : own
        let author = try await database.makeClient("writer-\(topic)", of: organisation)
        let document = try await database.makeUploadedDocument(in: topic, by: author)
        let writer = try await node.connect(author)
        try await writer.ok("send", #""topic":\#(topic),"key":"\#(Key.random())","body":"x","documents":[\#(document)]"#)
        firm.documents[topic] = document
      }
      return firm
    }

    /// product.md, "People": clients see their organisation, accountants what is assigned, supervisors watch their department, admins everything.
    /// The roles of the ERP have nothing to do with the chat.
    func standing(_ role: Role, _ topic: String) -> Standing {
      switch role {
      case .admin: .observer
      case .supervisor: topic == "foreign" ? .nobody : .observer
      case .accountant: topic == "assigned" ? .participant : .nobody
      case .client: topic == "assigned" || topic == "of the own organisation" ? .participant : .nobody
      case .warehouse, .production, .sales, .agent, .driver: .nobody
      }
    }
  }

  /// docs/protocol.md's verbs and rules, by hand.
  private func expected(_ verb: ChatVerb, _ role: Role, _ standing: Standing) -> Verdict {
    switch verb {
    case .inbox, .ping, .unobserve, .unsubscribe: return .allowed
    case .typing: return standing == .participant ? .unanswered : .invisible
    default: break
    }
    switch standing {
    case .nobody: return .invisible
    case .observer: return verb == .observe || verb == .redact ? .allowed : .forbidden
    case .participant: break
    }
    switch verb {
    // Everybody who takes part reads and writes.
    case .send, .read, .subscribe, .history, .versions: return .allowed
    case .close, .pause: return role == .accountant ? .allowed : .forbidden
    // With a reason, which only the client's side gives.
    case .resume: return role == .client ? .allowed : .forbidden
    case .reopen: return .allowed
    case .rate: return role == .client ? .allowed : .forbidden
    // In these requests: somebody else's message; a document that is taken up.
    case .edit, .delete: return .forbidden
    case .mark: return role == .accountant ? .allowed : .forbidden
    default: return .forbidden
    }
  }

  private func verdict(_ answer: JSONValue) -> Verdict {
    guard let code = answer["error"]?["code"]?.text else { return .allowed }
    switch code {
    case "not_found": return .invisible
    case "forbidden": return .forbidden
    case "conflict", "case_closed", "client_waits", "too_late": return .allowed
    default:
      Issue.record("an unexpected answer: \(answer)")
      return .allowed
    }
  }

  private func fields(_ verb: ChatVerb, _ topic: Int64, _ document: Int64) -> String {
    let common =
      #""topic":\#(topic),"key":"\#(Key.random())","before":9,"message":1,"seq":1,"body":"x","case":1,"stars":5,"on":true"#
    return verb == .mark
      ? common + #","document":\#(document),"state":"inWork""# : common + #","reason":"because of a complaint""#
  }

  private func ask(_ client: TestClient, _ verb: ChatVerb, _ topic: Int64, _ document: Int64) async throws -> JSONValue? {
    // Who types has the topic open.
    if verb == .typing { _ = try await client.answer(client.request("subscribe", fields(.subscribe, topic, document))) }
    let id = client.request(verb.rawValue, fields(verb, topic, document))
    if verb == .typing {
      // Answered only when it is refused: what is asked afterwards is answered afterwards.
      _ = try await client.ok("ping")
      let frames = try client.frames
      return frames.first { $0["id"]?.number == id }
    }
    return try await client.answer(id)
  }

  @Test func everyRoleGetsFromEveryVerbWhatTheProductSays() async throws {
    try await withTestDatabase { database in
      let node = try TestNode(database, clock: HandClock())
      defer { node.stop() }
      let firm = try await Firm.make(database, node)
      for (role, account) in firm.people {
        for (name, topic) in firm.topics {
          let standing = firm.standing(role, name)
          let document = try #require(firm.documents[topic]).rawValue
          for verb in ChatVerb.allCases {
            let client = try await node.connect(account)
            let place = "\(role.rawValue), \(verb.rawValue), \(name)"
            let answer = try await ask(client, verb, topic.rawValue, document)
            let found = answer.map(verdict) ?? .unanswered
            #expect(found == expected(verb, role, standing), "\(place): \(answer.map { "\($0)" } ?? "–")")
            // Whoever takes no part here is told exactly what they would be told of a topic that isn't there.
            guard standing == .nobody, verb != .inbox, verb != .ping else { continue }
            let missing = try await ask(client, verb, 987_654, document)
            let (told, missed) = (answer?["error"], missing?["error"])
            #expect(told == missed, "\(place) differs from a missing topic")
          }
        }
      }
    }
  }

  @Test func idsInsideARequestReachNothingOfAnotherTopic() async throws {
    try await withTestDatabase { database in
      let node = try TestNode(database, clock: HandClock())
      defer { node.stop() }
      let firm = try await Firm.make(database, node)
      let topic = try #require(firm.topics.first).id
      let people = firm.people.filter { $0.role == .client || $0.role == .accountant }
      for (role, account) in people {
        let client = try await node.connect(account)
        for (name, foreign) in firm.topics.dropFirst() {
          let document = try #require(firm.documents[foreign])
          for verb in ["send", "mark"] {
            func request(_ document: Int64) -> String {
              let field = verb == "send" ? #""documents":[\#(document)]"# : #""document":\#(document),"state":"inWork""#
              return #""topic":\#(topic),"key":"\#(Key.random())",\#(field)"#
            }
            let told = try await client.answer(client.request(verb, request(document.rawValue)))
            let missing = try await client.answer(client.request(verb, request(987_654)))
            #expect(told["error"]?["code"]?.text == "not_found", "\(role.rawValue), \(verb), \(name): \(told)")
            #expect(told["error"] == missing["error"], "\(role.rawValue), \(verb), \(name)")
          }
        }
      }
    }
  }
}
