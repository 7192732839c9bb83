import Domain

/// A socket's subscriptions by topic. A plain array: most sockets have a handful, and there are very many sockets.
struct SubscriptionTable {
  private var subscriptions: [Subscription] = []

  var count: Int { subscriptions.count }
  /// All of them, in no particular order.
  var values: [Subscription] { subscriptions }
  /// The topics of all of them.
  var topics: [TopicID] { subscriptions.map(\.topic) }

  /// The subscription of a topic; there is at most one. The one that is set must be of that topic.
  subscript(topic: TopicID) -> Subscription? {
    get { subscriptions.first { $0.topic == topic } }
    set {
      let place = subscriptions.firstIndex { $0.topic == topic }
      switch (place, newValue) {
      case (let place?, let subscription?): subscriptions[place] = subscription
      case (nil, let subscription?): subscriptions.append(subscription)
      case (let place?, nil): subscriptions.remove(at: place)
      case (nil, nil): break
      }
    }
  }
}
