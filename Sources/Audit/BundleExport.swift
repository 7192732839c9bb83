public import Crypto
public import Domain
public import Storage

/// Makes bundles of what the database holds.
public enum BundleExport {
  /// How many rows are read at once.
  static let page: Int64 = 1000

  /// Writes everything, or what belongs to one organisation, as it was at one moment, to `sink`. Throws: `BundleError` when there is no
  /// such organisation,
  /// `DatabaseError`, what the sink throws.
  public static func write(
    _ organisation: OrganisationID?, at: Timestamp, key: Curve25519.Signing.PrivateKey, in session: Session,
    to sink: @escaping ([UInt8]) throws -> Void
  ) throws {
    // What is committed by now has its link.
    try ActionSeal.sealCommitted(in: session)
    try session.transaction(isolation: .repeatableRead, readOnly: true) {
      if let organisation, try session.row("SELECT 1 FROM organisation WHERE id = \(organisation)") == nil {
        throw BundleError("there is no organisation \(organisation)")
      }
      var writer = BundleWriter(organisation.map { .organisation($0) } ?? .all, at: at, key: key, to: sink)
      let source = BundleSource(organisation: organisation, session: session)
      try source.organisations(to: &writer)
      try source.people(to: &writer)
      try source.topics(to: &writer)
      try source.roots(to: &writer)
      try source.documents(to: &writer)
      try source.messages(to: &writer)
      try source.reads(to: &writer)
      try source.ghosts(to: &writer)
      if organisation == nil { try source.ledger(to: &writer) }
      try source.actions(ActionFilter(organisation: organisation), to: &writer)
      try writer.finish()
    }
  }

  /// Writes the sealed rows of the action log that fit a filter. Throws: as `write` does.
  public static func writeActions(
    _ filter: ActionFilter, at: Timestamp, key: Curve25519.Signing.PrivateKey, in session: Session,
    to sink: @escaping ([UInt8]) throws -> Void
  ) throws {
    try ActionSeal.sealCommitted(in: session)
    try session.transaction(isolation: .repeatableRead, readOnly: true) {
      var writer = BundleWriter(.actions, at: at, key: key, to: sink)
      try BundleSource(organisation: nil, session: session).actions(filter, to: &writer)
      try writer.finish()
    }
  }
}
