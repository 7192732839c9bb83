import Domain

/// Kinds of files in a bundle, in their order: what rows are held against comes before them.
enum BundleKind: String, CaseIterable {
  case organisations, people, topics, roots, documents, messages, reads, ghosts, ledger, actions
}

/// Rows of a bundle's files, as JSON has them. Hashes, salts: hexadecimal. Times: microseconds since 1970, as they are hashed.
enum BundleRow {
  struct Organisation: Codable {
    var organisation: Int64
    var name: String
    var stir: String?
  }

  struct Person: Codable {
    var account: Int64
    var name: String
    var login: String
  }

  struct Topic: Codable {
    var topic: Int64
    var organisation: Int64
    var kind: String
    var head: Int64
    var hash: String?
  }

  /// A daily root. Bundles of everything have its heads; those of an organisation the proofs of its topics.
  struct Root: Codable {
    struct Head: Codable {
      /// 0: the action log.
      var topic: Int64
      var seq: Int64
      var hash: String
      /// The place among the leaves and the path to the tree's root, where not all heads are there.
      var index: Int?
      var path: [String]?
    }

    var number: Int64
    var day: String
    var at: Int64
    var count: Int64
    var tree: String
    var ghosts: String
    var prev: String
    var root: String
    var ghostSeq: Int64?
    var ghostHead: String?
    var ghostRoot: String?
    var ghostSalt: String?
    var heads: [Head]
  }

  struct Document: Codable {
    struct Rendition: Codable {
      var kind: String
      var type: String
      var size: Int64
      var sha256: String
    }

    var document: Int64
    var topic: Int64
    var message: Int64
    var name: String
    var type: String
    var size: Int64
    var sha256: String
    var uploader: Int64
    var at: Int64
    var renditions: [Rendition]
  }

  /// A row of a topic's log: a message, or a version of one, or what was done.
  struct Message: Codable {
    var topic: Int64
    var seq: Int64
    var at: Int64
    var author: Int64
    var kind: Int16
    var staff: Bool
    var holding: Bool
    var `case`: Int32
    var message: Int64
    var version: Int32
    var reply: Int64
    var stars: Int16
    var meta: String
    var bodyHash: String?
    var hash: String
    /// Absent with the body when that was erased.
    var salt: String?
    var body: String?
  }

  struct Read: Codable {
    var topic: Int64
    var account: Int64
    var from: Int64
    var to: Int64
    var at: Int64
  }

  /// A ghost's stay.
  struct Ghost: Codable {
    var observation: Int64
    var topic: Int64
    var account: Int64
    var session: Int64
    var reason: String
    var startedAt: Int64
    var endsAt: Int64
    var endedAt: Int64?
    var from: Int64?
    var to: Int64?
  }

  /// A row of the ledger of ghosts.
  struct Ledger: Codable {
    var seq: Int64
    var at: Int64
    var kind: Int16
    var observation: Int64
    var topic: Int64
    var account: Int64
    var session: Int64
    var lowest: Int64
    var highest: Int64
    var document: Int64
    var detail: String
    var hash: String
  }

  /// A row of the action log with its link; `prev` is the hash of the link before it, which isn't in bundles of a part.
  struct Action: Codable {
    var seq: Int64
    var id: Int64
    var at: Int64
    var account: Int64?
    var session: Int64?
    var organisation: Int64?
    var action: String
    var address: String
    var detail: String
    var prev: String
    var hash: String
  }
}
