public import Domain

extension Table {
  /// `job`
  public enum Job {}
}

/// A piece of work for MediaWorker.
public typealias JobID = Identifier<Table.Job>

/// A piece of work that somebody has leased.
public struct Job: Sendable, Hashable {
  /// What it is about.
  public enum Kind: String, Sendable, CaseIterable {
    /// The renditions of a document.
    case document
    /// A page with the watermark as settings that are tried would make it.
    case sample
  }

  /// The job.
  public let id: JobID
  /// What it is about.
  public let kind: Kind
  /// The document; nil for a sample.
  public let document: DocumentID?
  /// How often it has been leased, this time included.
  public let attempt: Int
  /// Who holds the lease: the worker's name, and a key that no other lease has.
  public let worker: String
}
