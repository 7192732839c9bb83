import Domain
import Storage

extension Hub {
  /// Does what a request asks for, or sees to it that its answer will come.
  func perform(_ command: Command, id: Int64?, _ socket: HubSocket) {
    switch command {
    case .append(let topic, let key, let action): append(action, to: topic, key: key, id: id, socket)
    case .read(let topic, let seq): read(topic, seq, id: id, socket)
    case .typing(let topic, let isOn):
      do throws(DomainError) {
        try typed(topic, isOn: isOn, socket)
      } catch {
        refuse(id, error, socket)
      }
    case .inbox: openInbox(request: id, socket)
    case .subscribe(let topic, let epoch, let after):
      open(.subscribe(epoch: epoch, after: after), topic: topic, request: id, socket)
    case .observe(let topic, let reason): open(.observe(reason: reason), topic: topic, request: id, socket)
    case .unsubscribe(let topic):
      if let subscription = socket.subscriptions[topic] { supersede(subscription) }
      send(Answer.topic(id, topic), socket)
    case .ping: send(Answer.nothing(id), socket)
    case .unobserve(let topic): unobserve(topic, id: id, socket)
    case .history(let topic, let before, let after, let limit):
      look(.history(topic, before: before, after: after, limit: limit), id: id, socket)
    case .versions(let topic, let message): look(.versions(topic, message: message), id: id, socket)
    }
  }
}
