import Domain
import Storage

/// How a first look and what happens meanwhile become one: register first, keep what comes, read, then send the rest.
extension Hub {
  /// Begins a subscription in place of the one that there may be.
  func open(_ origin: Subscription.Origin, topic id: TopicID, request: Int64?, _ socket: HubSocket) {
    let mayLook = socket.looks.contains(id) || mayRead(socket)
    guard mayLook, socket.subscriptions[id] != nil || socket.subscriptions.count < limits.subscriptions else {
      return send(Answer.refusal(request, .unavailable), socket)
    }
    if let before = socket.subscriptions[id] {
      // Another reason is another stay.
      if case .observe = origin, let stay = before.observation { end(stay, id, but: before) } else { supersede(before) }
    }
    serial += 1
    let subscription = Subscription(socket, topic: id, id: request, origin: origin, serial: serial)
    socket.subscriptions[id] = subscription
    topic(id).open(subscription)
    beginOpening()
    // A look for an earlier one of the same topic is still under way: one at a time.
    if !socket.looks.contains(id) { look(subscription) }
  }

  /// Ends a subscription that its owner has asked for in another way, or not at all any more. No request stays without an answer.
  func supersede(_ subscription: Subscription) {
    let isOpening = subscription.seq < 0
    drop(subscription)
    if isOpening { send(Answer.refusal(subscription.id, .unavailable), subscription.socket) }
  }

  private func look(_ subscription: Subscription) {
    let socket = subscription.socket
    socket.reads += 1
    socket.looks.insert(subscription.topic)
    let (topic, account, session, at) = (subscription.topic, socket.account, socket.identity.session, clock.now())
    let ticket = subscription.ticket
    subscription.lookBegins()
    switch subscription.origin {
    case .subscribe(let epoch, let after):
      let look = TopicLook(topic: topic, account: account, session: session, epoch: epoch, after: after)
      services.reader.read(look) { [port, services] result in
        port.post(.state(ticket, result.mapError { services.refusal(of: $0) }))
      }
    case .observe(let reason):
      read(
        { try TopicLog.observe(topic: topic, account: account, session: session, reason: reason, at: at, in: $0) },
        { .state(ticket, $0) })
    }
  }

  /// A first look has come back.
  func opened(_ ticket: SubscriptionTicket, _ result: Result<TopicState, DomainError>) {
    guard let socket = sockets[ticket.socket] else { return }
    socket.reads -= 1
    socket.looks.remove(ticket.topic)
    guard let subscription = socket.subscriptions[ticket.topic], let topic = topics[ticket.topic] else {
      // A ghost left before it had begun.
      if case .success(let state) = result, let stay = state.observation { end(stay, ticket.topic, but: nil) }
      return
    }
    guard subscription.serial == ticket.serial else {
      if subscription.seq < 0 { look(subscription) }
      return
    }
    switch result {
    case .failure(let error):
      drop(subscription)
      refuse(subscription.id, error, socket)
    case .success(let state) where state.observation.map { $0.until <= clock.now() } ?? false:
      // Its time was over while it was being read.
      drop(subscription)
      refuse(subscription.id, .needsObservation, socket)
    case .success(let state):
      guard ticket.stamp == socket.stamp, isWhole(state, subscription, topic) else { return lookAgain(subscription, state) }
      open(subscription, state, topic)
    }
  }

  /// Whether the look and what came since have nothing missing between them, and nobody lost access meanwhile.
  private func isWhole(_ state: TopicState, _ subscription: Subscription, _ topic: HubTopic) -> Bool {
    guard !subscription.mustLookAgain, state.summary.access >= topic.access else { return false }
    guard let head = topic.head, head > state.summary.head else { return true }
    return subscription.news.first { $0.entry.seq > state.summary.head }?.entry.seq == state.summary.head + 1
  }

  /// Looks again. A ghost's reason is written down already: then it is a plain subscription that finds its observation.
  private func lookAgain(_ subscription: Subscription, _ state: TopicState) {
    guard case .observe = subscription.origin else { return look(subscription) }
    let socket = subscription.socket
    drop(subscription)
    open(.subscribe(epoch: nil, after: nil), topic: subscription.topic, request: subscription.id, socket)
  }

  private func open(_ subscription: Subscription, _ state: TopicState, _ topic: HubTopic) {
    let socket = subscription.socket
    let wasUnknown = topic.head == nil
    let kept = subscription.news.filter { $0.entry.seq > state.summary.head }
    let (id, marks) = (subscription.id, subscription.marks)
    subscription.seq = kept.last?.entry.seq ?? state.summary.head
    subscription.opened(state)
    topic.remove(subscription)
    if state.observation == nil, !topic.hasParticipants { topic.rememberOnly(kept) }
    if state.observation == nil {
      topic.members.append(subscription)
    } else {
      topic.ghosts.append(subscription)
      haunted.insert(topic.id)
    }
    adopt(state.summary, topic, isGhost: state.observation != nil)
    adopt(subscription, topic)
    let frame = Answer.ok(id, capacity: 1024 + state.entries.count * 400) {
      $0.state(state, typing: typists(in: topic.id, for: socket.account), presences: presences(of: state.people))
    }
    send(frame, socket)
    for news in kept {
      send(Event.entry(news.entry, for: EntryReader(state.rights)), socket)
      if state.observation != nil { subscription.note(news.entry.seq) }
    }
    sendKeptMarks(marks, subscription, topic)
    if subscription.marksMissedAt != nil { topic.needsRefresh = true }
    finishOpening(topic, seenHead: state.summary.head, wasUnknown: wasUnknown)
  }

  /// Makes the topic's own place and people known by what somebody has just read.
  private func adopt(_ summary: TopicSummary, _ topic: HubTopic, isGhost: Bool) {
    if topic.head == nil {
      topic.head = summary.head
      topic.access = max(topic.access, summary.access)
    }
    // A ghost's look moves nothing: others would get their news at another time than without it.
    if summary.access > topic.access, !isGhost { topic.needsRefresh = true }
  }

  /// Makes known who takes part, as a subscription's first look says it.
  private func adopt(_ subscription: Subscription, _ topic: HubTopic) {
    guard let known = topic.people else {
      setPeople(subscription.people, of: topic)
      return subscription.people = topic.people ?? []
    }
    if known == subscription.people {
      subscription.people = known
    } else if subscription.observation == nil {
      setPeople(subscription.people, of: topic)
      topic.needsRefresh = true
    }
  }

  private func finishOpening(_ topic: HubTopic, seenHead: Int64, wasUnknown: Bool) {
    let isBehind = (heard[topic.id] ?? 0) > (topic.head ?? 0)
    endOpening()
    guard !topic.isRefreshing else { return }
    if topic.needsRefresh || isBehind && topic.waiting.isEmpty { return refresh(topic) }
    guard wasUnknown else { return }
    releaseWaiting(topic)
  }

  // MARK: Lists

  /// Begins to hold the list of topics.
  func openInbox(request: Int64?, _ socket: HubSocket) {
    guard socket.isReadingInbox || mayRead(socket) else { return send(Answer.refusal(request, .unavailable), socket) }
    if case .loading(let before, _) = socket.inbox { send(Answer.refusal(before, .unavailable), socket) }
    leaveInbox(socket)
    socket.inbox = .loading(id: request, news: [])
    serial += 1
    socket.inboxSerial = serial
    loading.append(socket)
    beginOpening()
    if !socket.isReadingInbox { lookAtInbox(socket) }
  }

  private func lookAtInbox(_ socket: HubSocket) {
    socket.reads += 1
    socket.isReadingInbox = true
    let ticket = SocketTicket(socket: socket.id, id: nil, stamp: socket.stamp, serial: socket.inboxSerial)
    let (account, session) = (socket.account, socket.identity.session)
    read({ try TopicLog.inbox(account: account, session: session, in: $0) }, { .inbox(ticket, $0) })
  }

  /// A list has come back.
  func opened(_ ticket: SocketTicket, _ result: Result<Inbox, DomainError>) {
    guard let socket = sockets[ticket.socket] else { return }
    socket.reads -= 1
    socket.isReadingInbox = false
    guard case .loading(let id, let news) = socket.inbox else { return }
    guard ticket.serial == socket.inboxSerial else { return lookAtInbox(socket) }
    switch result {
    case .failure(let error):
      leaveInbox(socket)
      send(Answer.refusal(id, error), socket)
    case .success(let inbox):
      guard ticket.stamp == socket.stamp, isWhole(inbox, news) else {
        socket.inbox = .loading(id: id, news: [])
        return lookAtInbox(socket)
      }
      hold(inbox, news, id, socket)
    }
  }

  private func isWhole(_ inbox: Inbox, _ news: [LogNews]) -> Bool {
    for seen in inbox.topics {
      guard let topic = topics[seen.summary.topic] else { continue }
      guard seen.summary.access >= topic.access else { return false }
      guard let head = topic.head, head > seen.summary.head else { continue }
      let next = news.first { $0.entry.topic == topic.id && $0.entry.seq > seen.summary.head }
      guard next?.entry.seq == seen.summary.head + 1 else { return false }
    }
    return true
  }

  private func hold(_ inbox: Inbox, _ news: [LogNews], _ id: Int64?, _ socket: HubSocket) {
    loading.removeAll { $0 === socket }
    socket.inbox = .held
    send(Answer.ok(id, capacity: 512 + inbox.topics.count * 500) { $0.inbox(inbox, of: socket.account) }, socket)
    var unknown: [HubTopic] = []
    for seen in inbox.topics {
      let topic = topic(seen.summary.topic)
      if topic.head == nil { unknown.append(topic) }
      adopt(seen.summary, topic, isGhost: !seen.rights.isParticipant)
      let kept = news.filter { $0.entry.topic == topic.id && $0.entry.seq > seen.summary.head }
      for news in kept { send(Event.topic(news, for: ReaderClass(seen.rights)), socket) }
      if seen.rights.isParticipant, !topic.hasParticipants { topic.rememberOnly(kept) }
      topic.holders.append(
        HubTopic.Holder(
          socket: socket, rights: seen.rights, access: seen.summary.access, seq: kept.last?.entry.seq ?? seen.summary.head,
          mark: seen.mark))
      socket.heldTopics.insert(topic.id)
    }
    let behind = inbox.topics.map(\.summary.topic).filter { id in
      guard let topic = topics[id] else { return false }
      return topic.needsRefresh || (heard[id] ?? 0) > (topic.head ?? 0)
    }
    endOpening()
    let marks = socket.inboxMarks
    socket.inboxMarks = [:]
    sendKeptMarks(marks)
    for topic in unknown { releaseWaiting(topic) }
    for id in behind { refresh(topics[id]) }
  }
}
