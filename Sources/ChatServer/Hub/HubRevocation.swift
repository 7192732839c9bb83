import Domain
import Storage

/// What ends: sessions, access, observations.
extension Hub {
  /// What accounts may do has changed: their topics are looked at again before anything else is handed out, and their devices ask anew.
  func accessChanged(accounts: [AccountID], topics changed: [TopicID]) {
    // An erasure that another process did tells of itself by this, whether anybody here looks at the topic or not.
    for topic in changed { services.memory.erase(topic) }
    var ids = Set(changed)
    for account in accounts {
      for socket in devices[account] ?? [] {
        socket.stamp += 1
        ids.formUnion(socket.subscriptions.topics)
        ids.formUnion(socket.heldTopics)
        send(Event.inbox(), socket)
      }
    }
    for id in ids {
      // Whoever is on the way in may have looked before the change, and what it reads for others is over before it is one of them.
      for subscription in topics[id]?.opening ?? [] { subscription.mustLookAgain = true }
      refresh(topics[id])
    }
  }

  /// Sessions have ended: so do their sockets.
  func ended(_ sessions: [SessionID]) {
    let sessions = Set(sessions)
    let uptime = clock.uptime()
    for session in sessions { endedSessions[session] = uptime }
    for socket in sockets.values where sessions.contains(socket.identity.session) { endSession(of: socket) }
  }

  /// Closes a socket whose session is over.
  func endSession(of socket: HubSocket) {
    send(Event.sessionEnded(), socket)
    close(socket, code: 4001, reason: "the session ended")
  }

  /// Looks up whether the sessions of all sockets still live: nobody says when one expires.
  func checkSessions() {
    let uptime = clock.uptime()
    lastSessionCheck = uptime
    endedSessions = endedSessions.filter { uptime - $0.value < limits.endedMemory }
    guard !isCheckingSessions, !sockets.isEmpty else { return }
    isCheckingSessions = true
    let sessions = Set(sockets.values.map(\.identity.session)).sorted()
    read({ try Sessions.live(among: sessions, in: $0) }, { .checked(sessions, $0) })
  }

  /// Ends the sockets of those that do not.
  func checked(_ sessions: [SessionID], _ result: Result<Set<SessionID>, DomainError>) {
    isCheckingSessions = false
    guard case .success(let live) = result else { return }
    let dead = sessions.filter { !live.contains($0) }
    if !dead.isEmpty { ended(dead) }
  }

  /// Assignments begin and end with the day: everything is looked at again, and every list is asked for anew.
  func dayChanged() {
    stale.formUnion(topics.keys)
    for socket in sockets.values {
      socket.stamp += 1
      if case .none = socket.inbox { continue }
      send(Event.inbox(), socket)
    }
  }

  /// Ends a subscription that its owner may not have any more.
  func end(_ subscription: Subscription) {
    if let stay = subscription.observation { return end(stay, subscription.topic, but: nil) }
    drop(subscription)
    send(Event.inbox(), subscription.socket)
  }

  /// Ends a stay, for everybody who watches by it, and writes that down. All but `quiet` are told.
  func end(_ stay: Observation, _ topic: TopicID, but quiet: Subscription?) {
    let (range, at) = (leave(stay, topic, but: quiet), clock.now())
    read(
      { try TopicLog.endObservation(stay.id, shown: range, at: at, in: $0) },
      { .widened(range.map { [$0] } ?? [], $0.map { [] }) })
  }

  /// Drops everybody on this loop who watches by `stay`; returns what they were shown.
  func leave(_ stay: Observation, _ id: TopicID, but quiet: Subscription?) -> ObservedRange? {
    var range: ObservedRange?
    for ghost in topics[id]?.ghosts ?? [] where ghost.observation?.id == stay.id {
      if let seen = ghost.seen {
        range = ObservedRange(
          observation: stay.id, lowest: min(range?.lowest ?? .max, seen.lowerBound),
          highest: max(range?.highest ?? 0, seen.upperBound))
      }
      ghost.shown = nil
      drop(ghost)
      if ghost !== quiet { send(Event.observationEnded(id), ghost.socket) }
    }
    return range
  }

  /// Ends observations whose time is over.
  func endObservations(at now: Timestamp) {
    for id in haunted {
      for subscription in topics[id]?.ghosts ?? [] where subscription.observation.map({ $0.until <= now }) ?? false {
        end(subscription)
      }
    }
  }

  /// Writes down what ghosts have been shown since the last time.
  func widen() {
    var ranges: [ObservedRange] = []
    for id in haunted {
      for subscription in topics[id]?.ghosts ?? [] {
        guard let observation = subscription.observation, let shown = subscription.shown else { continue }
        ranges.append(ObservedRange(observation: observation.id, lowest: shown.lowerBound, highest: shown.upperBound))
        subscription.shown = nil
      }
    }
    widen(ranges)
  }

  /// Writes ranges down; what the database does not take is tried again.
  func widen(_ ranges: [ObservedRange]) {
    let ranges = ranges + unwritten
    unwritten = []
    guard !ranges.isEmpty else { return }
    read(
      { try TopicLog.widen(ranges, in: $0) },
      { .widened(ranges, $0) })
  }

  /// Ranges are written down, or will be tried again. Whoever watches by a stay that somebody ended elsewhere stops.
  func widened(_ ranges: [ObservedRange], _ result: Result<[ObservationID], DomainError>) {
    guard case .success(let ended) = result else { return widenLater(ranges) }
    guard !ended.isEmpty else { return }
    for id in haunted {
      for ghost in topics[id]?.ghosts ?? [] {
        if let stay = ghost.observation, ended.contains(stay.id) { _ = leave(stay, id, but: nil) }
      }
    }
  }

  /// Keeps ranges for the next time.
  func widenLater(_ ranges: [ObservedRange]) { unwritten += ranges }
}
