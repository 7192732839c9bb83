import Domain
import Storage

/// What becomes of documents after they were sent: everybody who looks at their topic hears of it, in the same bytes. A page that missed it reads the
/// documents anew when it subscribes again, so what is told here needs no place in the log's order.
extension Hub {
  func heard(_ documents: [DocumentRecord]) {
    for news in documents {
      guard let topic = topics[news.topic] else { continue }
      let isSure = !isFeedSilent && !topic.isRefreshing && !stale.contains(topic.id)
      guard isSure else {
        topic.wait(news)
        if isFeedSilent { stale.insert(topic.id) }
        continue
      }
      deliver(news, topic)
    }
  }

  /// Tells what waited until it was sure who takes part.
  func releaseDocuments(_ topic: HubTopic) {
    for news in topic.takeWaitingDocuments() { deliver(news, topic) }
  }

  private func deliver(_ news: DocumentRecord, _ topic: HubTopic) {
    guard !topic.members.isEmpty || !topic.ghosts.isEmpty else { return }
    let frame = Event.document(news)
    var lagging: [Subscription] = []
    for subscription in topic.members + topic.ghosts {
      if !sendRow(frame, subscription.socket) { lagging.append(subscription) }
    }
    for subscription in lagging { lag(subscription) }
  }
}
