import Domain
import Storage

extension Hub {
  /// Ends a ghost's stay: no more pushes at once, the answer once its end is written down.
  func unobserve(_ topic: TopicID, id: Int64?, _ socket: HubSocket) {
    guard mayRead(socket) else { return send(Answer.refusal(id, .unavailable), socket) }
    let subscription = socket.subscriptions[topic]
    let stay = subscription?.observation
    let isOpening = subscription.map { $0.seq < 0 } ?? false
    var range: ObservedRange?
    if let stay {
      range = leave(stay, topic, but: subscription)
    } else if let subscription, isOpening {
      // What it began, if it was to watch, ends when the look comes back.
      supersede(subscription)
    }
    socket.reads += 1
    let ticket = SocketTicket(socket: socket.id, id: id, stamp: socket.stamp)
    let (account, session, at) = (socket.account, socket.identity.session, clock.now())
    read(
      { [range] in
        if let stay {
          try TopicLog.endObservation(stay.id, shown: range, at: at, in: $0)
        } else if !isOpening {
          try TopicLog.endObservations(topic: topic, account: account, session: session, at: at, in: $0)
        }
      },
      { [range] in
        if case .failure(let error) = $0 { return .unobserved(ticket, topic, range, error) }
        return .unobserved(ticket, topic, nil, nil)
      })
  }

  func answer(_ ticket: SocketTicket, _ topic: TopicID, _ range: ObservedRange?, _ error: DomainError?) {
    if let range { widenLater([range]) }
    guard let socket = sockets[ticket.socket] else { return }
    socket.reads -= 1
    send(error.map { Answer.refusal(ticket.id, $0) } ?? Answer.topic(ticket.id, topic), socket)
  }
}
