import Domain
import HTTPTypes
import Storage
import TestSupport

@testable import RestAPI

extension AccessWorld {
  /// A stay that is over, of an admin who isn't asked about anything else.
  func newStay(own: Bool) async throws -> ObservationID {
    let watcher = try await newAdmin("watcher\(AccessCase.fresh())")
    let (session, topic) = (try await bench.database.makeSession(watcher), (own ? here : there).topic(.bank))
    return try await bench.database.app.run {
      try $0.one(
        """
        INSERT INTO observation (account_id, session_id, topic_id, reason, started_at, ends_at, ended_at)
        VALUES (\(watcher), \(session), \(topic), 'a complaint', now() - interval '5 minutes', now() + interval '25 minutes', now()) RETURNING id
        """
      ).decode(at: 0)
    }
  }

  /// An admin who is nobody of `people`.
  func newAdmin(_ login: String) async throws -> AccountID {
    let account = try await bench.database.makeAccount(login)
    try await bench.database.makeMembership(account, role: "admin")
    return account
  }

  /// A message of a client, in a case that is open.
  func newMessage(own: Bool) async throws -> (topic: TopicID, seq: Int64) {
    let topic = (own ? here : there).topic(.dogovor)
    let request = LogRequest(
      topic: topic, account: own ? person(.client).account : foreignClient.account, session: nil, key: .random(),
      action: .send(body: "maxfiy", reply: 0, holding: false), at: .now, salt: [UInt8](repeating: 7, count: 16))
    let batch = try await bench.database.app.run { try TopicLog.append([.append(request)], in: $0) }
    guard case .appended(let entry, _) = batch.results.first else { throw DomainError.notFound }
    return (topic, entry.seq)
  }

  /// An erasure that an admin has asked for who isn't asked about anything else.
  func newErasure(own: Bool) async throws -> ErasureID {
    let (topic, seq) = try await newMessage(own: own)
    let asker = try await newAdmin("asker\(AccessCase.fresh())")
    return try await bench.database.app.run { try Erasures.request(seq, in: topic, reason: "sud qarori", by: asker, $0) }
  }

  /// A hold on a topic that nothing else is done with; nobody else's stands.
  func newHold(own: Bool) async throws -> LegalHoldID {
    let (organisation, topic) = ((own ? here : there).id, (own ? here : there).topic(.ttn))
    let setter = try await newAdmin("setter\(AccessCase.fresh())")
    return try await bench.database.app.run { session in
      try session.execute(
        """
        UPDATE legal_hold SET lifted_by = \(setter), lifted_at = now(), lift_reason = 'over'
         WHERE lifted_at IS NULL AND organisation_id = \(organisation)
        """)
      return try LegalHolds.set(organisation: organisation, topic: topic, reason: "sud ishi", by: setter, in: session)
    }
  }
}

extension AccessCase {
  /// For admins everywhere and supervisors in their own department.
  private static func overseeing(_ status: Int) -> (own: [Int], foreign: [Int]) {
    (only(status, 0, 1), [status, 404, 403, 403, 403, 403, 403, 403, 403])
  }

  static let oversightCases: [AccessCase] = [
    AccessCase(.get, "/api/v1/ghosts", own: only(200, 0, 1)) { world, _, _ in
      _ = try await world.newStay(own: true)
      return ("/api/v1/ghosts", nil)
    },
    AccessCase(.get, "/api/v1/ghosts/report", own: only(200, 0, 1)) { world, _, _ in
      _ = try await world.newStay(own: true)
      return ("/api/v1/ghosts/report", nil)
    },
    AccessCase(.get, "/api/v1/ghosts/roots", own: only(200, 0, 1)) { _, _, _ in ("/api/v1/ghosts/roots", nil) },
    AccessCase(.get, "/api/v1/ghosts/{id}", own: overseeing(200).own, foreign: overseeing(200).foreign) { world, _, own in
      ("/api/v1/ghosts/\(try await world.newStay(own: own))", nil)
    },
    AccessCase(.post, "/api/v1/ghosts/{id}/acknowledge", own: overseeing(200).own, foreign: overseeing(200).foreign) {
      world, _, own in
      ("/api/v1/ghosts/\(try await world.newStay(own: own))/acknowledge", #"{"remark":"seen"}"#)
    },
    AccessCase(.get, "/api/v1/erasures", own: only(200, 0, 1)) { world, _, _ in
      _ = try await world.newErasure(own: true)
      return ("/api/v1/erasures", nil)
    },
    AccessCase(.post, "/api/v1/erasures", own: only(201, 0), foreign: only(201, 0)) { world, _, own in
      let (topic, seq) = try await world.newMessage(own: own)
      return ("/api/v1/erasures", #"{"topic":\#(topic),"message":\#(seq),"reason":"sud qarori"}"#)
    },
    AccessCase(.post, "/api/v1/erasures/{id}/confirm", own: overseeing(200).own, foreign: overseeing(200).foreign) {
      world, _, own in
      ("/api/v1/erasures/\(try await world.newErasure(own: own))/confirm", "{}")
    },
    AccessCase(.post, "/api/v1/erasures/{id}/refuse", own: overseeing(200).own, foreign: overseeing(200).foreign) {
      world, _, own in
      ("/api/v1/erasures/\(try await world.newErasure(own: own))/refuse", "{}")
    },
    AccessCase(.get, "/api/v1/legal-holds", own: only(200, 0, 1)) { world, _, _ in
      _ = try await world.newHold(own: true)
      return ("/api/v1/legal-holds", nil)
    },
    AccessCase(.post, "/api/v1/legal-holds", own: only(201, 0), foreign: only(201, 0)) { world, _, own in
      let hold = try await world.newHold(own: own)
      let setter = world.person(.admin).account
      try await world.bench.database.app.run { try LegalHolds.lift(hold, reason: "over", by: setter, in: $0) }
      return ("/api/v1/legal-holds", #"{"organisation":\#(own ? world.here.id : world.there.id),"reason":"sud ishi"}"#)
    },
    AccessCase(.post, "/api/v1/legal-holds/{id}/lift", own: only(200, 0), foreign: only(200, 0)) { world, _, own in
      ("/api/v1/legal-holds/\(try await world.newHold(own: own))/lift", #"{"reason":"over"}"#)
    },
    AccessCase(.post, "/api/v1/topics/{id}/join", own: overseeing(204).own, foreign: overseeing(204).foreign) { world, _, own in
      ("/api/v1/topics/\((own ? world.here : world.there).topic(.bank))/join", "{}")
    },
    AccessCase(.delete, "/api/v1/topics/{id}/join", own: overseeing(204).own, foreign: overseeing(204).foreign) {
      world, caller, own in
      let place = own ? world.here : world.there
      if [world.person(.admin).account, world.person(.supervisor).account].contains(caller.account) {
        try await world.bench.database.makeAssignment(caller.account, organisation: place.id, topics: [.bank])
      }
      // The supervisor has no business on the other side, whatever stands in the table.
      return ("/api/v1/topics/\(place.topic(.bank))/join", nil)
    },
  ]
}
