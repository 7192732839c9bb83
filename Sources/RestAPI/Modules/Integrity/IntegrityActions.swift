import Domain
import Hummingbird
import Storage

/// Roots, proofs, and what checks found.
enum IntegrityActions {
  /// The most roots of one answer: a bit more than a year.
  private static let maximumRoots = 400

  /// Roots after one that the client holds, ascending; without one only the newest.
  static func roots(after number: Int64?, _ call: SignedCall) async throws -> [RootAnswer] {
    try await call.services.database.run { session in
      guard let number else { return try DailyRoots.newest(in: session).map { [RootAnswer($0.root, hash: $0.hash)] } ?? [] }
      return try DailyRoots.list(after: number, limit: maximumRoots, in: session).map { RootAnswer($0.root, hash: $0.hash) }
    }
  }

  /// The proof of a topic's head in a root, the newest one unless told. Throws: 404 for a topic that isn't the caller's to read, for a
  /// root that there
  /// isn't, and for a topic that is younger than it.
  static func proof(of topic: TopicID, in number: Int64?, _ call: SignedCall) async throws -> ProofAnswer {
    let reader = reader(call)
    return try await call.services.database.run { session in
      guard try Documents.access(to: topic, for: reader, in: session) != nil else { throw Problem.notFound }
      let sealed = try number.map { try DailyRoots.find($0, in: session) } ?? DailyRoots.newest(in: session)
      guard let sealed, let proof = sealed.proof(of: topic) else { throw Problem.notFound }
      return ProofAnswer(sealed, proof)
    }
  }

  /// Rows of a topic as its chain covers them. Throws: 404 for a topic that isn't the caller's to read.
  static func rows(of topic: TopicID, after seq: Int64, limit: Int, _ call: SignedCall) async throws -> [ProofRows.Item] {
    let reader = reader(call)
    let rows = try await call.services.database.transaction {
      try ProofRows.read(of: topic, after: seq, limit: limit, for: reader, in: $0)
    }
    guard let rows else { throw Problem.notFound }
    return rows
  }

  /// What the integrity page shows.
  static func state(_ call: SignedCall) async throws -> IntegrityAnswer {
    let isWished = call.services.auditWish.isPending
    return try await call.services.database.run { session in
      let runs = try AuditRuns.newest(limit: 30, in: session)
      let chain = try ActionSeal.state(in: session)
      return IntegrityAnswer(
        verifiedUntil: runs.first.flatMap { $0.faultCount == 0 ? $0.report.startedAt.rfc3339 : nil },
        isRunning: try isWished || AuditRuns.isRunning(in: session), runs: runs.map { IntegrityAnswer.Run($0) },
        root: try DailyRoots.newest(in: session).map { RootAnswer($0.root, hash: $0.hash) },
        actionSeq: chain.seq, actionHash: chain.hash.map { Hex.string($0) }, actionsWaiting: chain.waiting)
    }
  }

  /// Has everything checked now, in the background. Throws: 409 when a check is under way.
  static func check(_ call: SignedCall) async throws -> IntegrityAnswer {
    let taken = Problem(.conflict, "conflict", "A check is under way; look at what it finds.", fields: ["check": "taken"])
    try await call.write { call, session in
      guard try !call.services.auditWish.isPending && !AuditRuns.isRunning(in: session) else { throw taken }
      try ActionLog.append("audit.verify", by: call.actor, in: session)
    }
    guard call.services.auditWish.ask(by: call.account) else { throw taken }
    return try await state(call)
  }

  private static func reader(_ call: SignedCall) -> DocumentReader {
    DocumentReader(account: call.account, session: call.caller.live.id, at: call.services.clock())
  }
}
