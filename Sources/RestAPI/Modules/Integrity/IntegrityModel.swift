import Domain
import Storage

/// A daily root, as answers carry it: everything that its hash covers.
struct RootAnswer: Encodable {
  let number: Int64
  let day: String
  /// Microseconds since 1970, as they are hashed.
  let at: Int64
  let count: Int64
  let tree: String
  let ghosts: String
  let prev: String
  let root: String

  init(_ root: DailyRoot, hash: [UInt8]) {
    (number, day, at, count) = (root.number, root.day.description, root.at.microseconds, root.count)
    (tree, ghosts, prev, self.root) = (Hex.string(root.tree), Hex.string(root.ghostSeal), Hex.string(root.prev), Hex.string(hash))
  }
}

/// Daily roots, ascending.
struct RootsAnswer: Encodable {
  let roots: [RootAnswer]
}

/// That a topic's head stands in a root.
struct ProofAnswer: Encodable {
  let root: RootAnswer
  let topic: Int64
  /// The head that was sealed.
  let seq: Int64
  let hash: String
  let index: Int
  let path: [String]

  init(_ sealed: DailyRoots.Sealed, _ proof: InclusionProof) {
    root = RootAnswer(sealed.root, hash: sealed.hash)
    (topic, seq, hash) = (proof.head.topic?.rawValue ?? 0, proof.head.seq, Hex.string(proof.head.hash))
    (index, path) = (proof.index, proof.path.map { Hex.string($0) })
  }
}

/// What the firm's own checks found.
struct IntegrityAnswer: Encodable {
  struct Run: Encodable {
    let startedAt: String
    let finishedAt: String
    let isDaily: Bool
    /// Who asked for it; absent for the daily one.
    let askedBy: NamedAnswer?
    let topics: Int64
    let entries: Int64
    let actions: Int64
    let roots: Int64
    let months: Int64
    let faultCount: Int64
    let faults: [Fault]
  }

  struct Fault: Encodable {
    let place: String
    let reason: String
  }

  /// Everything that was written before it has been found well; null when no check ever was without faults, or the newest one wasn't.
  let verifiedUntil: String?
  /// Whether one is under way, or about to begin.
  let isRunning: Bool
  /// Checks, the newest first.
  let runs: [Run]
  /// The newest root; null before the first.
  let root: RootAnswer?
  /// The action log's newest link, and how many rows wait for theirs.
  let actionSeq: Int64
  let actionHash: String?
  let actionsWaiting: Int64
}

extension IntegrityAnswer.Run {
  init(_ run: AuditRuns.Record) {
    (startedAt, finishedAt, isDaily) = (run.report.startedAt.rfc3339, run.report.finishedAt.rfc3339, run.day != nil)
    (topics, entries, actions, roots) = (run.report.topics, run.report.entries, run.report.actions, run.report.roots)
    months = run.report.months
    askedBy = run.askedBy.map { NamedAnswer($0) }
    faultCount = run.faultCount
    faults = run.report.faults.map { IntegrityAnswer.Fault(place: $0.place, reason: $0.reason) }
  }
}
