import Domain
import Storage
import WebSocketServer

/// Receivers that read more slowly than they are written to. First typing, presence and marks wait and the newest of each counts; what finds no room
/// there any more, or a row past the hard limit, stops the pushes of its topic, and the client resumes: so nothing is lost for good.
extension Hub {
  /// The kernel has taken everything that waited for a socket: it is told what was held back, as it is by now.
  func drained(_ socket: SocketID) {
    guard let entry = sockets[socket] else { return }
    entry.slowSince = nil
    slow.remove(socket)
    for (event, held) in entry.takeHeld() {
      switch (event, held) {
      case (.typing(let topic, let account), _): tellHeldTyping(topic, account, entry)
      case (_, .presence(let presence)): tellHeld(presence, entry)
      case (_, .mark(let mark)): tellHeld(mark, entry)
      case (_, .typing): break
      }
    }
  }

  /// Sends what a slow receiver can do without; it then gets the newest of each once it has caught up.
  func sendLive(_ frame: Frame, _ held: HubSocket.Held, _ event: HubSocket.HeldEvent, _ socket: HubSocket) {
    if !hold(held, event, socket) { send(frame, socket) }
  }

  /// Holds an event back if the receiver is slow; false: it may be sent.
  func hold(_ held: HubSocket.Held, _ event: HubSocket.HeldEvent, _ socket: HubSocket) -> Bool {
    guard !socket.isClosing else { return true }
    if writer.queuedBytes(socket.id) <= limits.softQueue && socket.heldCount == 0 { return false }
    if socket.heldCount < limits.heldEvents || socket.holds(event) {
      socket.hold(event, held)
    } else {
      giveUp(event, socket)
    }
    return true
  }

  /// There is no room to hold an event back: what it was about stops, and the client asks for it anew. Typing is over by itself.
  private func giveUp(_ event: HubSocket.HeldEvent, _ socket: HubSocket) {
    switch event {
    case .typing: break
    case .read(let topic, let account):
      if let subscription = socket.subscriptions[topic], subscription.seq >= 0 { lag(subscription) }
      if account == socket.account, socket.heldTopics.contains(topic) { loseInbox(socket) }
    case .presence(let account):
      for topic in topicsOf[account] ?? [] {
        if let subscription = socket.subscriptions[topic], subscription.seq >= 0 { lag(subscription) }
      }
    }
  }

  /// Sends what must come in order or not at all; false when the receiver is too far behind.
  func sendRow(_ frame: Frame, _ socket: HubSocket) -> Bool {
    guard !socket.isClosing else { return true }
    guard writer.queuedBytes(socket.id) <= limits.hardQueue else {
      if socket.slowSince == nil {
        socket.slowSince = clock.uptime()
        slow.insert(socket.id)
      }
      return false
    }
    writer.write(frame, to: socket.id)
    return true
  }

  /// Stops the pushes of a topic to a receiver that is too slow; it comes back by itself.
  func lag(_ subscription: Subscription) {
    let socket = subscription.socket
    drop(subscription)
    send(Event.lag(subscription.topic), socket)
  }

  /// The same for the list of topics.
  func loseInbox(_ socket: HubSocket) {
    leaveInbox(socket)
    send(Event.inbox(), socket)
  }
}
