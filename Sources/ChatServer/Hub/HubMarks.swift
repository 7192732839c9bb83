import Domain
import Storage
import WebSocketServer

/// Read marks: shown to those who look at a topic, and, with what is unread, to the reader's own devices.
///
/// What is unread changes with every row, and a mark overtakes rows and is overtaken. So each mark knows the head for which it was counted: it waits for
/// the rows up to there, and is brought up to date with those after it when it goes out.
extension Hub {
  /// Hands a mark out, after the rows that were there when it was made.
  func distribute(_ mark: ReadMark) {
    for socket in loading where socket.account == mark.account && mark.seq > socket.inboxMarks[mark.topic]?.seq ?? 0 {
      socket.inboxMarks[mark.topic] = mark
    }
    guard let topic = topics[mark.topic] else { return }
    for subscription in topic.opening { subscription.keep(mark) }
    // All marks are told anew when the feed is heard again.
    guard topic.head != nil, !isFeedSilent else { return }
    deliver(HubTopic.WaitingMark(mark: mark, serial: serial), topic)
  }

  /// Hands out the marks whose rows have come.
  func releaseMarks(_ topic: HubTopic) {
    for mark in topic.takeWaitingMarks() { deliver(mark, topic) }
  }

  private func deliver(_ waiting: HubTopic.WaitingMark, _ topic: HubTopic) {
    let mark = waiting.mark
    if (topic.head ?? 0) < mark.head {
      if topic.waitingMarks.count < HubTopic.waitingLimit {
        topic.wait(waiting)
      } else {
        readAgain(mark, topic)
      }
      return
    }
    let (brought, isCounted) = topic.brought(mark)
    guard isCounted else { return readAgain(mark, topic) }
    var shared: Frame?
    func tell(_ subscription: Subscription) {
      guard subscription.serial <= waiting.serial, subscription.socket.account != mark.account else { return }
      tellOther(brought, subscription, &shared)
    }
    for subscription in topic.members { tell(subscription) }
    for socket in devices[mark.account] ?? [] where isNews(mark, waiting.serial, socket, topic) {
      self.tell(mark, toReader: socket, topic)
    }
    for subscription in topic.ghosts { tell(subscription) }
  }

  /// Tells a subscription of somebody else's mark, unless it knows it; `shared` is the frame for everybody, once it is made.
  private func tellOther(_ mark: ReadMark, _ subscription: Subscription, _ shared: inout Frame?) {
    guard mark.seq > subscription.told[mark.account] ?? 0 else { return }
    if hold(.mark(mark), .read(mark.topic, mark.account), subscription.socket) { return }
    subscription.told[mark.account] = mark.seq
    let frame = shared ?? Event.read(mark, unread: false)
    shared = frame
    send(frame, subscription.socket)
  }

  /// Tells of a mark that was held back, as it is by now.
  func tellHeld(_ mark: ReadMark, _ socket: HubSocket) {
    guard let topic = topics[mark.topic], topic.head != nil, !isFeedSilent else { return }
    if mark.account == socket.account { return tell(mark, toReader: socket, topic) }
    guard let subscription = socket.subscriptions[mark.topic], subscription.seq >= 0 else { return }
    let (brought, isCounted) = topic.brought(mark)
    guard isCounted else { return readAgain(mark, topic) }
    var frame: Frame?
    tellOther(brought, subscription, &frame)
  }

  /// Whether a mark is news to a device of its reader.
  private func isNews(_ mark: ReadMark, _ serial: Int, _ socket: HubSocket, _ topic: HubTopic) -> Bool {
    if let subscription = socket.subscriptions[topic.id], subscription.seq >= 0, subscription.observation == nil {
      if subscription.serial <= serial, mark.seq > subscription.told[mark.account] ?? 0 { return true }
    }
    guard socket.heldTopics.contains(topic.id), socket.inboxSerial <= serial else { return false }
    return topic.holders.contains { $0.socket === socket && mark.seq > $0.mark }
  }

  /// Tells a device of the reader of the own mark; the topic's head is at least the mark's.
  func tell(_ mark: ReadMark, toReader socket: HubSocket, _ topic: HubTopic) {
    if hold(.mark(mark), .read(topic.id, mark.account), socket) { return }
    let (brought, isCounted) = topic.brought(mark)
    guard isCounted else { return readAgain(mark, topic) }
    let (subscription, place) = (socket.subscriptions[topic.id], topic.holders.firstIndex { $0.socket === socket })
    // A list and a subscription are read at different times. What either of them knows already is never gone back from: word of the newer mark is on
    // its way to the other.
    guard brought.seq >= max(subscription?.told[mark.account] ?? 0, place.map { topic.holders[$0].mark } ?? 0) else { return }
    subscription?.told[mark.account] = brought.seq
    if let place { topic.holders[place].mark = brought.seq }
    send(Event.read(brought, unread: true), socket)
  }

  /// Reads marks from the database: nobody here knows what is unread.
  private func readAgain(_ mark: ReadMark, _ topic: HubTopic) {
    serial += 1
    for subscription in topic.members { subscription.marksMissedAt = serial }
    for place in topic.holders.indices where topic.holders[place].socket.account == mark.account {
      topic.holders[place].marksMissedAt = serial
    }
    refresh(topic)
  }

  /// Tells those who may have missed marks all of them, as they were when the topic's head was read.
  func tellMissed(_ marks: [ReadMark], _ topic: HubTopic) {
    var frames: [AccountID: Frame] = [:]
    var readers: [SocketID: HubSocket] = [:]
    for subscription in topic.members + topic.ghosts {
      guard let missed = subscription.marksMissedAt, missed < topic.refreshSerial else { continue }
      subscription.marksMissedAt = nil
      for mark in marks where mark.account != subscription.socket.account { tellOther(mark, subscription, &frames[mark.account]) }
      if subscription.observation == nil { readers[subscription.socket.id] = subscription.socket }
    }
    for (place, holder) in topic.holders.enumerated() {
      guard let missed = holder.marksMissedAt, missed < topic.refreshSerial else { continue }
      topic.holders[place].marksMissedAt = nil
      if holder.rights.isParticipant { readers[holder.socket.id] = holder.socket }
    }
    for socket in readers.values {
      guard let own = marks.first(where: { $0.account == socket.account }) else { continue }
      // Also when the mark itself is known: its count may be what was missed.
      self.tell(own, toReader: socket, topic)
    }
  }

  /// Sends the marks that moved while a subscription opened and that its first look did not hold.
  func sendKeptMarks(_ marks: [AccountID: ReadMark], _ subscription: Subscription, _ topic: HubTopic) {
    let kept = marks.values.filter { $0.seq > subscription.told[$0.account] ?? 0 }
    for mark in kept.sorted(by: { $0.account < $1.account }) { deliver(HubTopic.WaitingMark(mark: mark, serial: .max), topic) }
  }

  /// The same for the own marks of a list.
  func sendKeptMarks(_ marks: [TopicID: ReadMark]) {
    for mark in marks.values.sorted(by: { $0.topic < $1.topic }) {
      if let topic = topics[mark.topic] { deliver(HubTopic.WaitingMark(mark: mark, serial: .max), topic) }
    }
  }
}
