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
    let before = typing[id]?[socket.account]
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
    let uptime = clock.uptime()
    let sentAt = isOn ? uptime : typing[id]?[account]?.sentAt ?? uptime
    typing[id, default: [:]][account] = HubTopic.Typing(isOn: isOn, sentAt: sentAt, endsAt: uptime + limits.typingLife)
    guard let topic = topics[id], !isFeedSilent else { return }
    let frame = Event.typing(id, account, isOn: isOn)
    let event = HubSocket.HeldEvent.typing(id, account)
    for subscription in topic.members where subscription.socket.account != account {
      sendLive(frame, .typing, event, subscription.socket)
    }
    for holder in topic.holders where holder.rights.isParticipant && holder.socket.account != account {
      if holder.socket.subscriptions[id] == nil { sendLive(frame, .typing, event, holder.socket) }
    }
    for subscription in topic.ghosts where subscription.socket.account != account {
      sendLive(frame, .typing, event, subscription.socket)
    }
  }

  /// Tells of typing that was held back, if it still is somebody's business: by now it may have ended, and so may the interest in it.
  func tellHeldTyping(_ id: TopicID, _ account: AccountID, _ socket: HubSocket) {
    guard let topic = topics[id], !isFeedSilent else { return }
    let isOpen = socket.subscriptions[id].map { $0.seq >= 0 } ?? false
    let isHeld = topic.holders.contains { $0.socket === socket && $0.rights.isParticipant }
    guard isOpen || isHeld else { return }
    let isOn = typing[id]?[account].map { $0.isOn && $0.endsAt > clock.uptime() } ?? false
    send(Event.typing(id, account, isOn: isOn), socket)
  }

  /// Who types at this moment, but for the reader, who is not told of the own typing.
  func typists(in topic: TopicID, for reader: AccountID) -> [AccountID] {
    let uptime = clock.uptime()
    return (typing[topic] ?? [:]).filter { $0.value.isOn && $0.value.endsAt > uptime && $0.key != reader }.keys.sorted()
  }

  /// Forgets typing that is over.
  func forgetTyping(at uptime: Int64) {
    for (topic, typists) in typing {
      let rest = typists.filter { $0.value.endsAt > uptime || uptime - $0.value.sentAt < limits.typingInterval }
      typing[topic] = rest.isEmpty ? nil : rest
    }
  }

  /// What a socket may do with a topic that it holds; nil when it holds it in no way.
  private func rights(of socket: HubSocket, in topic: HubTopic) -> TopicRights? {
    if let subscription = socket.subscriptions[topic.id], subscription.seq >= 0 { return subscription.rights }
    guard socket.heldTopics.contains(topic.id) else { return nil }
    return topic.holders.first { $0.socket === socket }?.rights
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
        sendLive(frame, .presence(presence), event, subscription.socket)
      }
    }
  }

  /// Tells of a coming or going that was held back, if the socket still looks at a topic of that account.
  func tellHeld(_ presence: Presence, _ socket: HubSocket) {
    guard !isFeedSilent, let ids = topicsOf[presence.account] else { return }
    guard ids.contains(where: { socket.subscriptions[$0].map { $0.seq >= 0 } ?? false }) else { return }
    send(Event.presence(presence), socket)
  }

  /// Who of the participants is there.
  func presences(of people: [TopicPerson]) -> [Presence] {
    services.node.presences(of: people.filter(\.isParticipant).map(\.account))
  }
}
