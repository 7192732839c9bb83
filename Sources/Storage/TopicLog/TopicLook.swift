public import Domain

/// Somebody's wish to open a topic, or to come back to it.
public struct TopicLook: Sendable, Hashable {
  /// The topic.
  public var topic: TopicID
  /// Who asks.
  public var account: AccountID
  /// By which session; nil only for programs of the house, which need none.
  public var session: SessionID?
  /// What the reader remembers of the last time, nil for a first look.
  public var epoch: Key?
  /// The newest row that the reader has, nil for none.
  public var after: Int64?

  /// A look.
  public init(topic: TopicID, account: AccountID, session: SessionID?, epoch: Key? = nil, after: Int64? = nil) {
    (self.topic, self.account, self.session, self.epoch, self.after) = (topic, account, session, epoch, after)
  }
}
