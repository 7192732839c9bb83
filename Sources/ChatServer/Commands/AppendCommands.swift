import Domain
import Storage

/// `send`, `edit`, `delete`, `close`, `reopen`, `rate`, `mark`, `redact` and `read`: what the appender commits and answers.
extension Hub {
  func append(_ action: LogAction, to topic: TopicID, key: Key, id: Int64?, _ socket: HubSocket) {
    let request = LogRequest(
      topic: topic, account: socket.account, session: socket.identity.session, key: key, action: action, at: clock.now(),
      salt: services.salt())
    submit(.append(request), id: id, socket)
  }

  func read(_ topic: TopicID, _ seq: Int64, id: Int64?, _ socket: HubSocket) {
    let request = ReadRequest(
      topic: topic, account: socket.account, session: socket.identity.session, seq: seq, at: clock.now())
    submit(.read(request), id: id, socket)
  }

  private func submit(_ item: LogItem, id: Int64?, _ socket: HubSocket) {
    guard services.appender.submit(AppendWork(item: item, hub: index, socket: socket.id, id: id)) else {
      return send(Answer.refusal(id, .unavailable), socket)
    }
    hasSubmitted = true
  }

  func tickEnded() {
    guard hasSubmitted else { return }
    hasSubmitted = false
    services.appender.begin()
  }
}
