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
  /// A JSON object; nil unless it is a sample.
  public let input: String?
  /// How often it has been leased, this time included.
  public let attempt: Int
  /// Who holds the lease. With `attempt` it tells this lease from every other one.
  public let worker: String
}
