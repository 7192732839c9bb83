import Reactor
import ServerKit
import WebSocketProtocol

extension FrontHandler {
  /// Connects to RestAPI. What has come so far waits in the queue of that connection, so nothing is kept beside it.
  func beginTunnel(_ client: ConnectionID, _ state: UnsafeMutablePointer<FrontState?>) {
    guard let address = configuration.upstream else { return refuse(client, 404) }
    guard tunnelCount < configuration.tunnelLimit else { return refuse(client, 503) }
    let upstream: ConnectionID
    do {
      upstream = try loop.connect(to: address)
    } catch {
      return upstreamFailed(client, .failed(error.code))
    }
    counters.tunnels += 1
    if configuration.sendsProxyHeader {
      loop.send(proxyHeader(of: client, state).encoded, to: upstream)
    }
    if let head = state.pointee?.parser.bytes { loop.send(head, to: upstream) }
    if let leftover = state.pointee?.leftover { loop.send(leftover, to: upstream) }
    move(state, to: .client, deadline: .max)
    state.pointee?.other = upstream
    var end = FrontState(upstream, .upstream, deadline: loop.now + configuration.connectPatience)
    end.other = client
    insert(end)
  }

  func connected(_ upstream: ConnectionID) {
    guard let state = find(upstream) else { return loop.close(upstream) }
    state.pointee?.isEstablished = true
    state.pointee?.deadline = loop.now + configuration.answerPatience
  }

  /// Passes bytes on, and stops reading this end while too many wait at the other.
  func forward(_ bytes: UnsafeRawBufferPointer, from connection: ConnectionID, _ state: UnsafeMutablePointer<FrontState?>) {
    guard let other = state.pointee?.other else { return }
    if state.pointee?.phase == .upstream {
      find(other)?.pointee?.isEstablished = true
      state.pointee?.deadline = .max
    } else if state.pointee?.isEstablished == false, let upstream = find(other), upstream.pointee?.isEstablished == true {
      // RestAPI need not answer while the request is still coming.
      upstream.pointee?.deadline = loop.now + configuration.answerPatience
    }
    loop.send(copying: bytes, to: other)
    if loop.queuedBytes(other) >= configuration.tunnelBuffer { loop.pauseReading(connection) }
  }

  /// One end of a tunnel sends no more: the other is told, unless it is a client that has not got a byte yet.
  func tunnelEnded(_ connection: ConnectionID, _ state: UnsafeMutablePointer<FrontState?>) {
    guard let other = state.pointee?.other else { return }
    if state.pointee?.phase == .upstream, let client = find(other), client.pointee?.isEstablished == false {
      client.pointee?.other = nil
      state.pointee?.other = nil
      loop.close(connection)
      upstreamFailed(other, .finished)
    } else {
      loop.finishWriting(other)
    }
  }

  /// One end of a tunnel has gone: the other gets what is left, a 502 if it has got nothing yet, or the same abrupt end.
  func tunnelEndClosed(_ state: FrontState, other: ConnectionID, _ reason: Disconnect) {
    guard let rest = find(other) else { return }
    rest.pointee?.other = nil
    if reason == .finished {
      // Both FINs have been passed on; what waits at the other end may still leave.
      rest.pointee?.deadline = loop.now + configuration.lingerPatience
      loop.resumeReading(other)
    } else if state.phase == .upstream, rest.pointee?.isEstablished == false, reason != .stopped {
      upstreamFailed(other, reason)
    } else {
      loop.close(other)
    }
  }

  private func upstreamFailed(_ client: ConnectionID, _ reason: Disconnect) {
    counters.upstreamFailures += 1
    counters.refusals[502, default: 0] += 1
    onUpstreamFailure(reason)
    answer(client, FrontAnswer.badGateway(path: find(client)?.pointee?.path ?? "", retryAfter: configuration.retryAfter))
  }
}
