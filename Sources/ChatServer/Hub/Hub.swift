import Domain
import Logging
import ServerKit
import Storage
import WebSocketServer

/// The chat of one loop: who is interested in what, and what goes to whom. Everything here happens on the loop's thread.
///
/// Loops know of each other only through `ChatNode`, as nodes do. The hub keeps no truth: each row comes from the log, in order, and whatever is
/// missed is read again.
final class Hub<Writer: SocketWriter>: SocketHandler {
  let writer: Writer
  let services: HubServices
  let port: HubPort
  /// The loop's place in the node.
  let index: Int
  var sockets: [SocketID: HubSocket] = [:]
  var topics: [TopicID: HubTopic] = [:]
  /// Sockets by account.
  var devices: [AccountID: [HubSocket]] = [:]
  /// Topics here in which an account takes part.
  var topicsOf: [AccountID: Set<TopicID>] = [:]
  /// Sockets that wait for their list.
  var loading: [HubSocket] = []
  /// How far topics have come, as far as heard, while somebody opens something: what is opened may be older.
  var heard: [TopicID: Int64] = [:]
  var openingCount = 0
  /// Topics that are to be read again when the database is back or the feed is heard again.
  var stale: Set<TopicID> = []
  /// What ghosts were shown and the database would not take yet.
  var unwritten: [ObservedRange] = []
  /// Topics with ghosts.
  var haunted: Set<TopicID> = []
  /// Sockets past the hard limit.
  var slow: Set<SocketID> = []
  /// What people asked for that is not theirs.
  var refusals = RefusalTally<RefusedAccess>()
  /// Who types where, whoever holds the topic here: what a newcomer is shown must not depend on who watches.
  var typing: [TopicID: [AccountID: HubTopic.Typing]] = [:]
  /// When sessions ended, for sockets that were let in just before.
  var endedSessions: [SessionID: Int64] = [:]
  var lastSessionCheck: Int64
  var isCheckingSessions = false
  /// When the new day is to be looked at again, by the monotonic clock.
  var dayRepeats: [Int64] = []
  var lastHeartbeat: Int64
  /// The day in Tashkent: assignments begin and end with it, and nobody says so.
  var today: LocalDate
  var lastWidening: Int64 = 0
  /// Whether the appender was given something in this tick.
  var hasSubmitted = false
  var serial = 0
  var round = 0
  let clock: ChatClock
  let limits: ChatLimits

  /// A hub that answers through `writer`.
  init(writer: Writer, services: HubServices, index: Int) {
    (self.writer, self.services, self.index) = (writer, services, index)
    (port, clock, limits) = (services.node.ports[index], services.clock, services.limits)
    lastHeartbeat = clock.uptime()
    lastSessionCheck = lastHeartbeat
    today = LocalDate(inTashkentAt: clock.now())
  }

  // MARK: Sockets

  func opened(_ socket: SocketID, _ identity: SocketIdentity) {
    let entry = HubSocket(socket, identity)
    sockets[socket] = entry
    devices[identity.account, default: []].append(entry)
    services.node.opened(identity.account)
    services.metrics.sockets(1)
    // It ended between the front's look and now.
    if endedSessions[identity.session] != nil { endSession(of: entry) }
  }

  func closed(_ socket: SocketID) {
    guard let entry = sockets.removeValue(forKey: socket) else { return }
    for subscription in entry.subscriptions.values { drop(subscription) }
    leaveInbox(entry)
    devices[entry.account]?.removeAll { $0 === entry }
    if devices[entry.account]?.isEmpty == true { devices[entry.account] = nil }
    slow.remove(socket)
    services.node.closed(entry.account, at: clock.now())
    services.metrics.sockets(-1)
  }

  func received(_ socket: SocketID, text: UnsafeRawBufferPointer) {
    guard let entry = sockets[socket], !entry.isClosing else { return }
    switch CommandDecoder.decode(text) {
    case .noJSON: close(entry, code: 1007, reason: "no JSON")
    case .refused(let id, let error): send(Answer.refusal(id, error), entry)
    case .command(let id, let command):
      services.metrics.request()
      perform(command, id: id, entry)
    }
  }

  func close(_ socket: HubSocket, code: UInt16, reason: String) {
    guard !socket.isClosing else { return }
    socket.isClosing = true
    for subscription in socket.subscriptions.values { drop(subscription) }
    leaveInbox(socket)
    writer.close(socket.id, code: code, reason: reason)
  }

  // MARK: Sending

  func send(_ frame: Frame, _ socket: HubSocket) {
    guard !socket.isClosing else { return }
    writer.write(frame, to: socket.id)
  }

  /// Nothing is pushed while revocations may be missed.
  var isFeedSilent: Bool { clock.uptime() - lastHeartbeat > limits.feedSilence }

  // MARK: Mail and time

  /// Handles what came from other threads. Called on the loop's thread whenever the port wakes it.
  func collectMail() {
    for mail in port.collect() { handle(mail) }
  }

  private func handle(_ mail: HubMail) {
    switch mail {
    case .committed(let batch): committed(batch)
    case .doubtful(let topics): for topic in topics { refresh(self.topics[topic]) }
    case .heads(let heads): heardHeads(heads)
    case .typing(let topic, let account, let isOn): deliverTyping(topic, account, isOn: isOn)
    case .read(let mark): distribute(mark)
    case .presence(let presence): deliver(presence)
    case .access(let accounts, let topics): accessChanged(accounts: accounts, topics: topics)
    case .ended(let sessions): ended(sessions)
    case .documents(let documents): heard(documents)
    case .notifications(let news): heard(news)
    case .heartbeat(let askedAt): heartbeat(askedAt: askedAt)
    case .heardAgain: heardAgain()
    case .state(let ticket, let result): opened(ticket, result)
    case .inbox(let ticket, let result): opened(ticket, result)
    case .page(let ticket, let request, let result): answer(ticket, request, result)
    case .unobserved(let ticket, let topic, let range, let error): answer(ticket, topic, range, error)
    case .refreshed(let topic, let serial, let result): refreshed(topic, serial: serial, result)
    case .checked(let sessions, let result): checked(sessions, result)
    case .widened(let ranges, let result): widened(ranges, result)
    }
  }

  /// What has to happen as time goes by; about four times a second.
  func tick() {
    let uptime = clock.uptime()
    endObservations(at: clock.now())
    if uptime - lastWidening >= 1_000 {
      lastWidening = uptime
      widen()
      forgetTyping(at: uptime)
      writeRefusals()
    }
    for id in slow {
      guard let socket = sockets[id], let since = socket.slowSince, uptime - since >= limits.slowTime else { continue }
      close(socket, code: 1013, reason: "too slow")
    }
    let day = LocalDate(inTashkentAt: clock.now())
    if day != today {
      today = day
      dayRepeats = [uptime + limits.dayRepeat, uptime + 2 * limits.dayRepeat]
      dayChanged()
    } else if let due = dayRepeats.first, due <= uptime {
      dayRepeats.removeFirst()
      dayChanged()
    }
    if uptime - lastSessionCheck >= limits.sessionCheckInterval { checkSessions() }
    if !isFeedSilent { refreshStale() }
  }

  /// The feed was alive when it was asked; what it says may have been long on its way, or may have waited here.
  private func heartbeat(askedAt: Int64) {
    let wasSilent = isFeedSilent
    lastHeartbeat = max(lastHeartbeat, askedAt)
    guard !isFeedSilent else { return }
    if wasSilent { heardAgain() } else { refreshStale() }
  }

  /// Live news may have been missed, or were kept from going out: all who look at something are told anew what is so.
  private func heardAgain() {
    serial += 1
    for topic in topics.values {
      for subscription in topic.opening + topic.members + topic.ghosts {
        (subscription.marksMissedAt, subscription.peopleMissedAt) = (serial, serial)
      }
      for place in topic.holders.indices { topic.holders[place].marksMissedAt = serial }
      stale.insert(topic.id)
    }
    checkSessions()
    refreshStale()
  }

  private func refreshStale() {
    guard !stale.isEmpty, !services.database.status.isAway else { return }
    let topics = stale.prefix(limits.refreshesAtOnce)
    stale.subtract(topics)
    for topic in topics { refresh(self.topics[topic]) }
  }

  // MARK: Topics

  func topic(_ id: TopicID) -> HubTopic {
    if let topic = topics[id] { return topic }
    let topic = HubTopic(id)
    topics[id] = topic
    return topic
  }

  /// Ends a subscription on our side; says nothing to anybody.
  func drop(_ subscription: Subscription) {
    if subscription.socket.subscriptions[subscription.topic] === subscription {
      subscription.socket.subscriptions[subscription.topic] = nil
    }
    guard let topic = topics[subscription.topic] else { return }
    if subscription.seq < 0 { endOpening() }
    topic.remove(subscription)
    if let observation = subscription.observation, let shown = subscription.shown {
      widen([ObservedRange(observation: observation.id, lowest: shown.lowerBound, highest: shown.upperBound)])
    }
    if topic.ghosts.isEmpty { haunted.remove(topic.id) }
    discardIfUnused(topic)
  }

  func leaveInbox(_ socket: HubSocket) {
    if case .loading = socket.inbox {
      loading.removeAll { $0 === socket }
      endOpening()
    }
    socket.inbox = .none
    socket.inboxMarks = [:]
    for id in socket.heldTopics {
      guard let topic = topics[id] else { continue }
      topic.holders.removeAll { $0.socket === socket }
      discardIfUnused(topic)
    }
    socket.heldTopics = []
  }

  func discardIfUnused(_ topic: HubTopic) {
    guard topic.isUnused else { return }
    setPeople(nil, of: topic)
    topics[topic.id] = nil
    stale.remove(topic.id)
  }

  /// Notes who takes part, and in the index too.
  func setPeople(_ people: [TopicPerson]?, of topic: HubTopic) {
    for person in topic.people ?? [] where person.isParticipant {
      topicsOf[person.account]?.remove(topic.id)
      if topicsOf[person.account]?.isEmpty == true { topicsOf[person.account] = nil }
    }
    topic.people = shared(people, by: topic)
    for person in people ?? [] where person.isParticipant { topicsOf[person.account, default: []].insert(topic.id) }
  }

  /// The same list as that of another topic of one of these people, if it is equal: an organisation's five topics hold one and not five. Looks at a
  /// few alone, since staff may take part in thousands.
  private func shared(_ people: [TopicPerson]?, by topic: HubTopic) -> [TopicPerson]? {
    guard let people, let first = people.first else { return people }
    for other in (topicsOf[first.account] ?? []).prefix(8) where other != topic.id {
      if let known = topics[other]?.people, known == people { return known }
    }
    return people
  }

  func beginOpening() { openingCount += 1 }

  func endOpening() {
    openingCount -= 1
    if openingCount == 0 { heard = [:] }
  }

  /// Whether one more read may run for this socket.
  func mayRead(_ socket: HubSocket) -> Bool { socket.reads < limits.readsAtOnce }

  /// Runs a read of the database; its result comes back as mail.
  func read<Value: Sendable>(
    _ body: @escaping @Sendable (Session) throws -> Value, _ mail: @escaping @Sendable (Result<Value, DomainError>) -> HubMail
  ) {
    services.database.submit(body) { [port, services] result in
      port.post(mail(result.mapError { services.refusal(of: $0) }))
    }
  }
}
