import Domain
import Storage

extension Hub {
  /// Ends a ghost's stay: no more pushes at once, the answer once its end is written down.
  func unobserve(_ topic: TopicID, id: Int64?, _ socket: HubSocket) {
    guard mayRead(socket) else { return send(Answer.refusal(id, .unavailable), socket) }
    if let subscription = socket.subscriptions[topic], subscription.observation != nil || subscription.seq < 0 {
      supersede(subscription)
    }
    socket.reads += 1
    let ticket = SocketTicket(socket: socket.id, id: id, stamp: socket.stamp)
    let (account, session, at) = (socket.account, socket.identity.session, clock.now())
    read(
      { try TopicLog.endObservations(topic: topic, account: account, session: session, at: at, in: $0) },
      {
        if case .failure(let error) = $0 { return .unobserved(ticket, topic, error) }
        return .unobserved(ticket, topic, nil)
      })
  }

  func answer(_ ticket: SocketTicket, _ topic: TopicID, _ error: DomainError?) {
    guard let socket = sockets[ticket.socket] else { return }
    socket.reads -= 1
    send(error.map { Answer.refusal(ticket.id, $0) } ?? Answer.topic(ticket.id, topic), socket)
  }
}
