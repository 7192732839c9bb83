import Domain
import Storage

/// What is never stored, and read marks.
extension Hub {
  // MARK: Typing

  /// A participant of this loop types or stops.
  func typed(_ id: TopicID, isOn: Bool, _ socket: HubSocket) throws(DomainError) {
    guard let topic = topics[id], let rights = rights(of: socket, in: topic) else { throw .notFound }
    guard rights.isParticipant else { throw DomainError(.forbidden, "Only those who take part in the topic do this.") }
    let uptime = clock.uptime()
    let before = topic.typing[socket.account]
    if isOn {
      if let before, uptime - before.sentAt < limits.typingInterval { return }
    } else {
      guard let before, before.isOn, before.endsAt > uptime else { return }
    }
    services.node.typing(id, socket.account, isOn: isOn, from: index)
    deliverTyping(id, socket.account, isOn: isOn)
  }

  /// Shows everybody else who holds the topic that somebody types or stopped.
  func deliverTyping(_ id: TopicID, _ account: AccountID, isOn: Bool) {
    guard let topic = topics[id] else { return }
    let uptime = clock.uptime()
    topic.typing = topic.typing.filter { $0.value.endsAt > uptime || uptime - $0.value.sentAt < limits.typingInterval }
    let sentAt = isOn ? uptime : topic.typing[account]?.sentAt ?? uptime
    topic.typing[account] = HubTopic.Typing(isOn: isOn, sentAt: sentAt, endsAt: uptime + limits.typingLife)
    guard !isFeedSilent else { return }
    let frame = Event.typing(id, account, isOn: isOn)
    let event = HubSocket.HeldEvent.typing(id, account)
    for subscription in topic.members where subscription.socket.account != account { sendLive(frame, event, subscription.socket) }
    for holder in topic.holders where holder.rights.isParticipant && holder.socket.account != account {
      if holder.socket.subscriptions[id] == nil { sendLive(frame, event, holder.socket) }
    }
    for subscription in topic.ghosts where subscription.socket.account != account { sendLive(frame, event, subscription.socket) }
  }

  /// What a socket may do with a topic that it holds; nil when it holds it in no way.
  private func rights(of socket: HubSocket, in topic: HubTopic) -> TopicRights? {
    if let subscription = socket.subscriptions[topic.id], subscription.seq >= 0 { return subscription.rights }
    guard socket.heldTopics.contains(topic.id) else { return nil }
    return topic.holders.first { $0.socket === socket }?.rights
  }

  // MARK: Read marks

  /// Hands a mark out, after the rows that were there when it was made.
  func distribute(_ mark: ReadMark) {
    guard let topic = topics[mark.topic] else { return deliver(mark, isCounted: true) }
    if let head = topic.head, head < mark.head, topic.waitingMarks.count < HubTopic.waitingLimit {
      return topic.waitingMarks.append(mark)
    }
    let (mark, isCounted) = topic.brought(mark)
    deliver(mark, isCounted: isCounted)
  }

  /// Hands out the marks whose rows have come.
  func releaseMarks(_ topic: HubTopic) {
    let marks = topic.waitingMarks
    topic.waitingMarks = []
    for mark in marks { distribute(mark) }
  }

  /// Shows a mark to those who look at the topic, and to the reader's own devices that hold it in a list; `isCounted`: it knows what is unread.
  func deliver(_ mark: ReadMark, isCounted: Bool) {
    let topic = topics[mark.topic]
    guard !isFeedSilent else {
      topic?.announcesMarks = true
      stale.insert(mark.topic)
      return
    }
    for subscription in topic?.opening ?? [] { subscription.marks.append(mark) }
    let event = HubSocket.HeldEvent.read(mark.topic, mark.account)
    var shared: Frame?
    func frame() -> Frame {
      if let shared { return shared }
      let frame = Event.read(mark, unread: false)
      shared = frame
      return frame
    }
    for subscription in topic?.members ?? [] where subscription.socket.account != mark.account {
      sendLive(frame(), event, subscription.socket)
    }
    deliver(mark, event, toDevicesOf: mark.account, topic, isCounted: isCounted)
    for subscription in topic?.ghosts ?? [] where subscription.socket.account != mark.account {
      sendLive(frame(), event, subscription.socket)
    }
  }

  private func deliver(
    _ mark: ReadMark, _ event: HubSocket.HeldEvent, toDevicesOf account: AccountID, _ topic: HubTopic?, isCounted: Bool
  ) {
    let own = (devices[account] ?? []).filter { socket in
      guard let subscription = socket.subscriptions[mark.topic] else { return socket.heldTopics.contains(mark.topic) }
      return subscription.seq >= 0 || socket.heldTopics.contains(mark.topic)
    }
    guard !own.isEmpty else { return }
    let frame = Event.read(mark, unread: isCounted)
    for socket in own { sendLive(frame, event, socket) }
  }

  // MARK: Presence

  /// Shows that somebody came or went to those who look at a topic of theirs, once each.
  func deliver(_ presence: Presence) {
    guard let ids = topicsOf[presence.account], !isFeedSilent else { return }
    round += 1
    let frame = Event.presence(presence)
    let event = HubSocket.HeldEvent.presence(presence.account)
    for id in ids.sorted() {
      guard let topic = topics[id] else { continue }
      for subscription in topic.members + topic.ghosts where subscription.socket.round != round {
        subscription.socket.round = round
        sendLive(frame, event, subscription.socket)
      }
    }
  }

  /// Who of the participants is there.
  func presences(of people: [TopicPerson]) -> [Presence] {
    services.node.presences(of: people.filter(\.isParticipant).map(\.account))
  }
}
