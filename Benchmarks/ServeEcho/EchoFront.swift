import Reactor
import WebSocketProtocol
import WebSocketServer

/// Accepts connections, answers their upgrade requests and hands them to the loops in turn: what the chat's front does, without accounts.
final class EchoFront: LoopHandler {
  private let loop: EventLoop
  private let entrances: [SocketEntrance<EchoPath>]
  private let tls: TLSContext?
  private var heads: [ConnectionID: RequestHeadParser] = [:]
  private var next = 0

  init(_ loop: EventLoop, _ entrances: [SocketEntrance<EchoPath>], _ tls: TLSContext?) {
    (self.loop, self.entrances, self.tls) = (loop, entrances, tls)
  }

  func accepted(_ connection: ConnectionID, listener: Int) {
    heads[connection] = RequestHeadParser()
    if let tls { loop.startTLS(connection, tls) }
  }

  func received(_ connection: ConnectionID, _ bytes: UnsafeMutableRawBufferPointer) {
    guard let (outcome, consumed) = heads[connection]?.push(UnsafeRawBufferPointer(bytes)) else { return }
    switch outcome {
    case .needMore: return
    case .refused(let status): refuse(connection, UpgradeResponse.answer(status: status, reason: "Refused", text: "no"))
    case .head(let head): upgrade(connection, head, leftover: Array(bytes[consumed...]))
    }
  }

  func ended(_ connection: ConnectionID) { loop.close(connection) }

  func closed(_ connection: ConnectionID, _ reason: Disconnect) { heads[connection] = nil }

  private func upgrade(_ connection: ConnectionID, _ head: RequestHead, leftover: [UInt8]) {
    let request: UpgradeRequest
    do throws(UpgradeRefusal) {
      request = try UpgradeRequest(head, subprotocols: [], deflate: .full)
    } catch {
      return refuse(connection, UpgradeResponse.refused(error))
    }
    // Conformance suites ask for "/"; they want their messages back.
    guard let path = head.path == "/" ? .echo : EchoPath(rawValue: String(head.path)) else {
      return refuse(connection, UpgradeResponse.answer(status: 404, reason: "Not Found", text: "/echo, /room or /idle"))
    }
    guard let detached = loop.detach(connection) else { return loop.close(connection) }
    heads[connection] = nil
    next += 1
    let handoff = SocketHandoff(
      connection: detached, identity: path, answer: UpgradeResponse.accepted(request), leftover: leftover,
      extensions: request.extensions)
    // A loop that has stopped takes nothing, and the connection closes with the hand-off.
    _ = entrances[next % entrances.count].admit(handoff)
  }

  private func refuse(_ connection: ConnectionID, _ answer: [UInt8]) {
    heads[connection] = nil
    loop.send(answer, to: connection)
    loop.finishWriting(connection)
  }
}
