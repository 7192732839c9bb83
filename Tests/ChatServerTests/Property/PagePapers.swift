@testable import ChatServer

/// The documents of a topic as a page keeps them: asked of REST when a row shows them, kept by events. Alike to web/src/documents/library.ts.
struct PagePapers {
  /// What is known of a document: what REST or an event said last.
  private(set) var records: [Int64: JSONValue] = [:]
  /// What is to be asked for next.
  private var wanted: Set<Int64> = []
  /// Asked for, and neither answered nor told of since.
  private var asked: Set<Int64> = []

  /// A row shows these. Of an upload of one's own more is known than of others', but not what became of it before it was sent: nobody is told that.
  mutating func show(_ documents: [Int64]) {
    for document in documents where records[document]?["message"]?.number == nil { wanted.insert(document) }
  }

  /// Events may have been missed: these are asked for again.
  mutating func refresh(_ documents: [Int64]) { wanted.formUnion(documents) }

  /// What a request asks for; nil when there is nothing to ask, or an answer is waited for.
  mutating func ask() -> [Int64]? {
    guard asked.isEmpty, !wanted.isEmpty else { return nil }
    (asked, wanted) = (wanted, [])
    return asked.sorted()
  }

  /// The answer: it may be older than an event that came meanwhile, and then the event counts.
  mutating func take(_ answer: [JSONValue]) {
    for document in asked { records[document] = answer.first { $0["document"]?.number == document } }
    asked = []
  }

  /// The answer never comes.
  mutating func giveUp() {
    wanted.formUnion(asked)
    asked = []
  }

  /// What an event, or the end of an upload of one's own, says.
  mutating func hear(_ record: JSONValue) {
    guard let document = record["document"]?.number else { return }
    records[document] = record
    asked.remove(document)
  }

  /// A message was taken back: what it carried is not this page's any more.
  mutating func forget(_ documents: [Int64]) {
    for document in documents {
      records[document] = nil
      asked.remove(document)
      wanted.remove(document)
    }
  }
}

extension JSONValue {
  /// The documents that a row of a message carries.
  var documents: [Int64] { self["documents"]?.list.compactMap { $0["document"]?.number } ?? [] }
}
