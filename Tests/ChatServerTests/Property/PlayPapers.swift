import Domain
import Storage
import TestSupport

@testable import ChatServer

/// Documents in a play: people upload as REST lets them, a worker makes renditions or doesn't, pages ask REST for what they show.
extension PlayRoom {
  /// What REST's last request of an upload does: the right to write, and the document with its job, in one transaction.
  func upload(_ seat: PlaySeat, to topic: TopicID, key: Key, _ number: Int) async throws {
    guard seat.client != nil, let session = seat.sessionID else { return }
    let (account, at) = (seat.account, clock.now)
    let name = number.isMultiple(of: 4) ? "рисунок \"\(number)\".png" : "akt \(number).pdf"
    let made = try await database.app.transaction { database -> DocumentRecord? in
      let reader = DocumentReader(account: account, session: session, at: at)
      guard let access = try Documents.access(to: topic, for: reader, in: database), let staff = access.rights.staff,
        try Uploads.begin(
          key, by: account, session: session, topic: topic, name: name, size: Int64(number + 1), replaces: nil, in: database)
          != nil
      else { return nil }
      let whole = Uploads.Whole(
        hash: BlobHash(of: Array(name.utf8)), type: number.isMultiple(of: 4) ? "png" : "pdf", staff: staff, isUnstamped: false
      )
      return try Uploads.finish(key, of: account, organisation: access.organisation, as: whole, in: database)
    }
    // One uploads into the topic that is open.
    if !seat.live.contains(topic.rawValue) { seat.sync(topic.rawValue) }
    if let made { seat.uploaded(try JSONValue(made.json), topic.rawValue) }
  }

  /// What MediaWorker does with the job that has waited longest.
  func work(_ number: Int) async throws {
    let wasDone = try await database.app.transaction { session -> Bool in
      if number.isMultiple(of: 3) { _ = try MediaWork.retryPending(reason: "converter_missing", in: session) }
      guard let job = try Jobs.lease(by: "play", for: .seconds(60), in: session), let id = job.document,
        let paper = try MediaWork.paper(id, in: session)
      else { return false }
      let hash = BlobHash(of: Array("\(id) \(number)".utf8))
      switch number % 5 {
      case 0: return try MediaWork.settle(paper, by: job, as: .pending, reason: "converter_missing", in: session)
      case 1: return try MediaWork.settle(paper, by: job, as: .refused, reason: "bomb", in: session)
      default:
        let rendition = MediaWork.Rendition(
          kind: paper.isStamped ? .stamped : .clean, hash: hash, type: "pdf", size: 9, width: 595, height: 842, pages: 2)
        return try MediaWork.ready(
          paper, by: job, renditions: [rendition], token: paper.isStamped ? HashChain.digest(hash.bytes) : nil, in: session)
      }
    }
    if wasDone { try await forward() }
  }

  /// Reads what a page has asked for. The answer comes when `deliver` says.
  func readPapers(_ seat: PlaySeat) async throws {
    guard let session = seat.sessionID else { return }
    for topic in seat.live.sorted() {
      guard let ids = seat.askPapers(topic) else { continue }
      seat.letters.append((topic, try await papers(ids, topic, seat.account, session)))
    }
  }

  /// What REST says of documents; nothing when the topic is not this reader's.
  func papers(_ ids: [Int64], _ topic: Int64, _ account: AccountID, _ session: SessionID) async throws -> [JSONValue]? {
    let reader = DocumentReader(account: account, session: session, at: clock.now)
    let records = try await database.app.transaction {
      try Documents.list(ids.map { DocumentID($0) }, of: TopicID(topic), for: reader, in: $0)
    }
    return try records?.map { try JSONValue($0.json) }
  }

  /// Whether some page has not asked yet, or not got its answer.
  func readAllPapers() async throws {
    for seat in seats where seat.client != nil {
      seat.deliverPapers()
      try await readPapers(seat)
      seat.deliverPapers()
    }
  }
}
