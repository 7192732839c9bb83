import Domain
import Storage
import WebSocketServer

/// The frames of one row, each made when the first reader needs it. Nearly always there is but one: a body that nobody may be denied.
private struct EntryFrames {
  let entry: LogEntry
  private let isSame: Bool
  private var shared: Frame?
  private var byReader: [EntryReader: Frame] = [:]

  init(_ entry: LogEntry) {
    self.entry = entry
    isSame = entry.hiding == .none && !entry.hasStaffPart
  }

  mutating func frame(for rights: TopicRights) -> Frame {
    if isSame {
      if let shared { return shared }
      let frame = Event.entry(entry, for: EntryReader(rights))
      shared = frame
      return frame
    }
    let reader = EntryReader(rights)
    if let frame = byReader[reader] { return frame }
    let frame = Event.entry(entry, for: reader)
    byReader[reader] = frame
    return frame
  }
}

/// The frames of a list's topic after one row, one for each class of readers.
private struct TopicFrames {
  let news: LogNews
  private var frames = [Frame?](repeating: nil, count: ReaderClass.count)

  init(_ news: LogNews) { self.news = news }

  mutating func frame(for rights: TopicRights) -> Frame {
    let reader = ReaderClass(rights)
    if let frame = frames[reader.index] { return frame }
    let frame = Event.topic(news, for: reader)
    frames[reader.index] = frame
    return frame
  }
}

extension Hub {
  /// A batch of the own node's appender: first the answers, then what happened, in order.
  func committed(_ batch: CommittedBatch) {
    for answer in batch.answers[index] {
      guard let socket = sockets[answer.socket] else { continue }
      switch answer.result {
      case .appended(let entry, _): send(Answer.appended(answer.id, entry), socket)
      case .read(let mark): send(Answer.read(answer.id, mark), socket)
      case .refused(let error): refuse(answer.id, error, socket)
      }
    }
    for event in batch.events {
      switch event {
      case .row(let news): distribute(news)
      case .mark(let mark): distribute(mark)
      }
    }
  }

  /// Another node, or the poll, says how far topics have come.
  func heardHeads(_ heads: [TopicHead]) {
    for news in heads {
      if openingCount > 0 { heard[news.topic] = max(heard[news.topic] ?? 0, news.head) }
      guard let topic = topics[news.topic], let head = topic.head, head < news.head else { continue }
      refresh(topic)
    }
  }

  /// Hands a row out if it is the next one; otherwise it waits until those before it have been read.
  private func distribute(_ news: LogNews) {
    let seq = news.entry.seq
    if openingCount > 0 { heard[news.entry.topic] = max(heard[news.entry.topic] ?? 0, seq) }
    if news.entry.kind == .erase { services.memory.erase(news.entry.topic) }
    guard let topic = topics[news.entry.topic] else { return }
    if isFeedSilent {
      stale.insert(topic.id)
      return
    }
    guard let head = topic.head, !topic.isRefreshing else { return topic.wait(news) }
    guard seq > head else { return }
    guard seq == head + 1, news.summary.access <= topic.access, !stale.contains(topic.id) else {
      topic.wait(news)
      refresh(topic)
      return
    }
    deliver(news, topic)
  }

  /// Sends a row to everybody who holds its topic.
  private func deliver(_ news: LogNews, _ topic: HubTopic) {
    let seq = news.entry.seq
    topic.head = seq
    topic.remember(news.entry)
    for subscription in topic.opening { subscription.keep(news) }
    var frames = EntryFrames(news.entry)
    var lagging: [Subscription] = []
    for subscription in topic.members where subscription.seq < seq {
      subscription.seq = seq
      if !sendRow(frames.frame(for: subscription.rights), subscription.socket) { lagging.append(subscription) }
    }
    deliver(news, toListsOf: topic)
    for subscription in topic.ghosts where subscription.seq < seq {
      subscription.seq = seq
      if sendRow(frames.frame(for: subscription.rights), subscription.socket) {
        subscription.note(seq)
      } else {
        lagging.append(subscription)
      }
    }
    for subscription in lagging { lag(subscription) }
    if !topic.waitingMarks.isEmpty { releaseMarks(topic) }
  }

  private func deliver(_ news: LogNews, toListsOf topic: HubTopic) {
    for socket in loading {
      guard case .loading(let id, var kept) = socket.inbox else { continue }
      socket.inbox = .none
      kept.append(news)
      socket.inbox = .loading(id: id, news: kept)
    }
    guard !topic.holders.isEmpty else { return }
    var frames = TopicFrames(news)
    var lagging: [HubSocket] = []
    for holder in topic.holders where holder.seq < news.entry.seq {
      if !sendRow(frames.frame(for: holder.rights), holder.socket) { lagging.append(holder.socket) }
    }
    for socket in lagging { loseInbox(socket) }
  }

  // MARK: Reading what was missed

  /// Reads the rows that are missing, who takes part, and what those who hold the topic may do. Until it is back nothing is handed out.
  func refresh(_ topic: HubTopic?) {
    guard let topic else { return }
    guard !topic.isRefreshing else {
      topic.needsRefresh = true
      return
    }
    topic.isRefreshing = true
    topic.needsRefresh = false
    serial += 1
    topic.refreshSerial = serial
    stale.remove(topic.id)
    let identities =
      topic.members.map(\.socket.identity) + topic.ghosts.map(\.socket.identity) + topic.holders.map(\.socket.identity)
    let (accounts, sessions) = (Set(identities.map(\.account)), Set(identities.map(\.session)))
    let (id, head, access, serial) = (topic.id, topic.head, topic.access, serial)
    // Those who are just opening it too: they are told with the others if they are ready by then.
    let counted = Set(
      topic.members.lazy.filter { $0.marksMissedAt != nil }.map(\.socket.account)
        + topic.opening.lazy.filter { $0.marksMissedAt != nil }.map(\.socket.account)
        + topic.holders.lazy.filter { $0.marksMissedAt != nil }.map(\.socket.account))
    services.database.submit {
      try TopicLog.refresh(
        topic: id, after: head, accounts: accounts.sorted(), counting: counted.sorted(), sessions: Array(sessions),
        since: access, in: $0)
    } completion: { [port, services] result in
      let mail = HubMail.refreshed(id, serial: serial, result.mapError { services.refusal(of: $0) })
      // Rows that our own appender has committed this very moment: who sent them gets the answer before the row.
      guard case .success(let refresh?) = result, !refresh.news.isEmpty else { return port.post(mail) }
      services.appender.afterBatch { port.post(mail) }
    }
  }

  func refreshed(_ id: TopicID, serial: Int, _ result: Result<TopicRefresh?, DomainError>) {
    guard let topic = topics[id], topic.isRefreshing, topic.refreshSerial == serial else { return }
    topic.isRefreshing = false
    guard case .success(let answer) = result, let refresh = answer, !isFeedSilent else {
      // Tried again as soon as the feed is heard; until then rows wait.
      stale.insert(id)
      return
    }
    // A session's end may be on its way still, and raises the access number like everything that takes a topic from somebody.
    if !refresh.ended.isEmpty { ended(refresh.ended) }
    guard topics[id] === topic else { return }
    setRights(refresh, topic)
    guard topics[id] === topic else { return }
    announce(refresh, topic)
    if let head = topic.head {
      for news in refresh.news where news.entry.seq == (topic.head ?? head) + 1 { deliver(news, topic) }
      if (topic.head ?? head) < refresh.summary.head { topic.needsRefresh = true } else { tellMissed(refresh.reads, topic) }
    }
    if topics[id] === topic { continueWaiting(topic) }
  }

  private func continueWaiting(_ topic: HubTopic) {
    if topic.needsRefresh { return refresh(topic) }
    guard topic.head != nil, !topic.isRefreshing else { return }
    releaseWaiting(topic)
    releaseDocuments(topic)
  }

  /// Goes on with the rows that waited.
  func releaseWaiting(_ topic: HubTopic) {
    for news in topic.takeWaiting() { distribute(news) }
  }

  /// Takes the topic from those who may not see it any more.
  private func setRights(_ refresh: TopicRefresh, _ topic: HubTopic) {
    let access = refresh.summary.access
    topic.access = max(topic.access, access)
    for subscription in topic.members + topic.ghosts {
      guard let rights = refresh.rights[subscription.socket.account] else {
        // It opened meanwhile, with rights of its own.
        if subscription.access < access { topic.needsRefresh = true }
        continue
      }
      (subscription.rights, subscription.access) = (rights, access)
      let isGhost = subscription.observation != nil
      if isGhost ? rights.isParticipant || !rights.isObserver : !rights.isParticipant { end(subscription) }
    }
    for (place, holder) in topic.holders.enumerated().reversed() {
      guard let rights = refresh.rights[holder.socket.account] else {
        if holder.access < access { topic.needsRefresh = true }
        continue
      }
      (topic.holders[place].rights, topic.holders[place].access) = (rights, access)
      guard !rights.isVisible || ReaderClass(rights) != ReaderClass(holder.rights) else { continue }
      topic.holders.remove(at: place)
      holder.socket.heldTopics.remove(topic.id)
      send(Event.inbox(), holder.socket)
    }
    discardIfUnused(topic)
  }

  /// Tells those who look at the topic who takes part, if they know it otherwise or may have missed who came and went.
  private func announce(_ refresh: TopicRefresh, _ topic: HubTopic) {
    setPeople(refresh.people, of: topic)
    var frame: Frame?
    for subscription in topic.members + topic.ghosts {
      let hasMissed = subscription.peopleMissedAt.map { $0 < topic.refreshSerial } ?? false
      guard hasMissed || subscription.people != refresh.people else { continue }
      (subscription.people, subscription.peopleMissedAt) = (refresh.people, nil)
      let person = frame ?? Event.person(topic.id, refresh.people, presences(of: refresh.people))
      frame = person
      send(person, subscription.socket)
    }
  }
}
