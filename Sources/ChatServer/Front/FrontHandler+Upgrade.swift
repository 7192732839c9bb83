import Reactor
import ServerKit
import WebSocketProtocol
import WebSocketServer

extension FrontHandler {
  /// Reads on in a head and, once it is whole, decides whose it is: `/ws` and what is below it is ours, all else RestAPI's.
  func readHead(_ connection: ConnectionID, _ state: UnsafeMutablePointer<FrontState?>, _ bytes: UnsafeRawBufferPointer) {
    guard let (outcome, consumed) = state.pointee?.parser.push(bytes) else { return }
    switch outcome {
    case .needMore: return
    case .refused(let status): return refuse(connection, status)
    case .head(let head):
      state.pointee?.leftover = Array(bytes[consumed...])
      let path = head.path
      if path == "/ws" {
        upgrade(connection, state, head)
      } else if path.hasPrefix("/ws/") {
        answerStatus(connection, state, head, String(path.dropFirst(3)))
      } else {
        state.pointee?.path = String(path)
        beginTunnel(connection, state)
      }
    }
  }

  private func upgrade(_ connection: ConnectionID, _ state: UnsafeMutablePointer<FrontState?>, _ head: RequestHead) {
    let request: UpgradeRequest
    do throws(UpgradeRefusal) {
      request = try UpgradeRequest(head, subprotocols: configuration.subprotocols, deflate: .stateless)
    } catch {
      counters.refusals[error.status, default: 0] += 1
      return answer(connection, UpgradeResponse.refused(error))
    }
    guard !isDraining, !entrances.isEmpty, gauge.count < gauge.limit else { return refuse(connection, 503) }
    let credential: SocketCredential
    if let token = head.bearer {
      credential = .bearer(token)
    } else if let token = head.cookie(configuration.cookie), !token.isEmpty {
      // The browser adds the cookie whoever asks, so the page must be one of ours. A bearer only comes from who holds it.
      guard configuration.origins.allows(origin: head.value(of: "origin"), host: head.value(of: "host") ?? "") else {
        return refuse(connection, 403)
      }
      credential = .cookie(token)
    } else {
      return refuse(connection, 401)
    }
    let address = shownAddress(state, head)
    state.pointee?.request = request
    state.pointee?.shownAddress = address
    wait(connection, state)
    let remote = loop.remote(to: self)
    Task { [authenticate] in
      let admission = await authenticate(credential, address)
      remote.execute { $0.decided(connection, admission) }
    }
  }

  /// The client's address for the chat, the session and the limits.
  private func shownAddress(_ state: UnsafeMutablePointer<FrontState?>, _ head: RequestHead) -> String {
    configuration.trustedProxies.client(peer: state.pointee?.address ?? "", forwarded: head.values(of: "x-forwarded-for"))
  }

  private func answerStatus(
    _ connection: ConnectionID, _ state: UnsafeMutablePointer<FrontState?>, _ head: RequestHead, _ path: String
  ) {
    let address = shownAddress(state, head)
    wait(connection, state)
    let remote = loop.remote(to: self)
    Task { [statusPages] in
      let page = await statusPages(path, address)
      remote.execute { front in
        guard front.find(connection)?.pointee?.phase == .deciding else { return }
        if let page { front.answer(connection, FrontAnswer.page(page)) } else { front.refuse(connection, 404) }
      }
    }
  }

  /// Leaves further bytes in the kernel until someone has decided.
  private func wait(_ connection: ConnectionID, _ state: UnsafeMutablePointer<FrontState?>) {
    move(state, to: .deciding, deadline: loop.now + configuration.signInPatience)
    loop.pauseReading(connection)
  }

  /// The answer of whoever was asked for the session. The client may have gone in the meantime, or waited too long.
  func decided(_ connection: ConnectionID, _ admission: SocketAdmission) {
    guard let state = find(connection)?.pointee, state.phase == .deciding, let request = state.request else { return }
    switch admission {
    case .refused: refuse(connection, 401)
    case .owing:
      counters.refusals[403, default: 0] += 1
      answer(connection, FrontAnswer.owing)
    case .unavailable: refuse(connection, 503)
    case .admitted(let session, let account):
      guard !isDraining, let place = gauge.take(account, from: state.shownAddress) else { return refuse(connection, 503) }
      guard let detached = loop.detach(connection) else { return loop.close(connection) }
      remove(connection)
      handOver(
        SocketHandoff(
          connection: detached, identity: SocketIdentity(session: session, account: account, address: state.shownAddress),
          answer: UpgradeResponse.accepted(request), leftover: state.leftover, extensions: request.extensions, place: place))
    }
  }

  private func handOver(_ handoff: SocketHandoff<SocketIdentity>) {
    for _ in entrances {
      let entrance = entrances[nextEntrance % entrances.count]
      nextEntrance += 1
      if entrance.admit(handoff) {
        counters.upgraded += 1
        return
      }
    }
    // Every chat loop has stopped: the process is on its way out, and the connection closes with the hand-off.
  }

  /// Answers with a status of ours and lets the connection end.
  func refuse(_ connection: ConnectionID, _ status: Int) {
    counters.refusals[status, default: 0] += 1
    answer(connection, FrontAnswer.plain(status, retryAfter: configuration.retryAfter))
  }

  /// Sends the last bytes of a connection. What the client still sends is read and dropped for a moment: closing at once could reset the
  /// connection before it has read the answer.
  func answer(_ connection: ConnectionID, _ bytes: [UInt8]) {
    guard let state = find(connection) else { return }
    move(state, to: .refusing, deadline: loop.now + 2_000)
    loop.send(bytes, to: connection)
    loop.finishWriting(connection)
    loop.resumeReading(connection)
  }
}

extension UpgradeRefusal {
  /// The HTTP status that it is answered with.
  var status: Int {
    switch self {
    case .malformed: 400
    case .unsupportedVersion, .noSubprotocol: 426
    }
  }
}
