import Domain
import Storage

/// What ends: sessions, access, observations.
extension Hub {
  /// What accounts may do has changed: their topics are looked at again before anything else is handed out, and their devices ask anew.
  func accessChanged(accounts: [AccountID], topics changed: [TopicID]) {
    var ids = Set(changed)
    for account in accounts {
      for socket in devices[account] ?? [] {
        socket.stamp += 1
        ids.formUnion(socket.subscriptions.keys)
        ids.formUnion(socket.heldTopics)
        send(Event.inbox(), socket)
      }
    }
    for id in ids { refresh(topics[id]) }
  }

  /// Sessions have ended: so do their sockets.
  func ended(_ sessions: [SessionID]) {
    let sessions = Set(sessions)
    for socket in sockets.values where sessions.contains(socket.identity.session) {
      send(Event.sessionEnded(), socket)
      close(socket, code: 4001, reason: "the session ended")
    }
  }

  /// Ends a subscription that its owner may not have any more.
  func end(_ subscription: Subscription) {
    let socket = subscription.socket
    drop(subscription)
    send(subscription.observation == nil ? Event.inbox() : Event.observationEnded(subscription.topic), socket)
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
      {
        if case .failure = $0 { return .widened(ranges, didFail: true) }
        return .widened(ranges, didFail: false)
      })
  }

  /// Keeps ranges for the next time.
  func widenLater(_ ranges: [ObservedRange]) { unwritten += ranges }
}
