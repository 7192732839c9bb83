/// Every target that the firm has set, and when: for all, for a kind of topic, for a client, for a client's topic. What is narrower counts before
/// what is wider, and the client's before the topic's.
public struct TargetBook: Sendable, Hashable {
  /// One setting of a target.
  public struct Entry: Sendable, Hashable {
    /// From this moment on.
    public var at: Timestamp
    /// For this client only; nil: for all.
    public var organisation: OrganisationID?
    /// For this kind of topic only; nil: for all.
    public var kind: TopicKind?
    /// Working time in microseconds; nil takes the setting back, so that the next wider one counts.
    public var target: Int64?

    /// A setting.
    public init(at: Timestamp, organisation: OrganisationID?, kind: TopicKind?, target: Int64?) {
      (self.at, self.organisation, self.kind, self.target) = (at, organisation, kind, target)
    }
  }

  /// What was set for whom, by time.
  private let settings: [Scope: [Entry]]

  private struct Scope: Hashable {
    var organisation: OrganisationID?
    var kind: TopicKind?
  }

  /// The book of these settings, in any order; of two at the same moment the later one in the list counts.
  public init(_ entries: [Entry]) {
    settings = Dictionary(grouping: entries) { Scope(organisation: $0.organisation, kind: $0.kind) }
      .mapValues { list in
        list.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
      }
  }

  /// The targets of a topic, from each moment at which anything was set that concerns it.
  public func changes(of kind: TopicKind, for organisation: OrganisationID) -> [TargetChange] {
    let scopes = [
      Scope(organisation: organisation, kind: kind), Scope(organisation: organisation, kind: nil),
      Scope(organisation: nil, kind: kind),
      Scope(organisation: nil, kind: nil),
    ].compactMap { settings[$0] }
    let times = Set(scopes.flatMap { $0.map(\.at) }).sorted()
    return times.map { time in
      TargetChange(at: time, target: scopes.lazy.compactMap { entries in entries.last { $0.at <= time }?.target }.first)
    }
  }
}
