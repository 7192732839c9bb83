import COpenSSL
import Reactor
import ServerKit
import SocketSupport
import Testing
import WebSocketProtocol
import WebSocketServer

@testable import ChatServer

/// The front with a certificate of its own.
@Suite struct ConnectionTLSTests {
  typealias Bench = ConnectionFrontBench
  private let fixture: TLSFixture
  private let tls: TLSContext

  init() throws {
    fixture = try TLSFixture()
    tls = try fixture.context()
  }

  private func bench(change: (inout FrontConfiguration) -> Void = { _ in }) throws -> Bench {
    try Bench {
      $0.tls = tls
      change(&$0)
    }
  }

  /// A client that has shaken hands and has a ticket.
  private func connect(_ bench: Bench, version: Int32 = TLS1_3_VERSION, resume: OpaquePointer? = nil) async throws -> TLSPeer {
    let peer = try TLSPeer(port: bench.port, version: version, resume: resume)
    await bench.turn {
      peer.step()
      return peer.hasTicket || peer.failure != nil
    }
    try #require(peer.failure == nil)
    return peer
  }

  private func upgrade(_ bench: Bench, _ peer: TLSPeer) async {
    peer.send(Array(Bench.request().utf8))
    await bench.turn {
      peer.step()
      return String(decoding: peer.received, as: UTF8.self).hasPrefix("HTTP/1.1 101 ")
    }
    peer.received = []
  }

  @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
  func handsAnEncryptedSocketOverAndResumesItsSession(version: Int32) async throws {
    let bench = try bench()
    let peer = try await connect(bench, version: version)
    await upgrade(bench, peer)
    #expect(bench.front.loop.connectionCount == 0)
    #expect(bench.front.handshakeCount == 0)
    // From now on another loop encrypts.
    bench.chat.room.onText = { socket, text in bench.chat.room.sockets.write(Frame(text: Array(text.utf8)), to: socket) }
    for round in 0..<20 {
      let text = "\(round) " + String(repeating: "a", count: round * 3_000)
      peer.send(ConnectionPeer.frame(1, Array(text.utf8)))
      await bench.turn {
        peer.step()
        return peer.received.count == text.utf8.count + FrameEncoder.headerSize(payload: text.utf8.count)
      }
      #expect(peer.received.suffix(text.utf8.count) == Array(text.utf8)[...])
      peer.received = []
    }
    // The ticket of a connection that has moved on, used while that is open and after it has gone.
    let session = try #require(peer.session)
    let second = try await connect(bench, version: version, resume: session)
    #expect(second.isResumed)
    await upgrade(bench, second)
    peer.finish()
    await bench.turn {
      peer.step()
      return bench.chat.room.events.contains("closed")
    }
    #expect(try await connect(bench, version: version, resume: session).isResumed)
    #expect(bench.chat.room.opened.count == 2)
  }

  @Test func aFirstMessageBehindTheRequestIsNotLost() async throws {
    let bench = try bench()
    let peer = try await connect(bench)
    // Separate records: OpenSSL may have read the second one when the front gives the connection away.
    peer.send(Array(Bench.request().utf8))
    peer.send(ConnectionPeer.frame(1, Array("first".utf8)))
    peer.send(ConnectionPeer.frame(1, Array("second".utf8)))
    await bench.turn {
      peer.step()
      return bench.chat.room.texts == ["first", "second"]
    }
  }

  @Test func tellsRestAPIThatTheClientSpeaksTLS() async throws {
    let bench = try bench()
    let peer = try await connect(bench)
    let get = "GET /api/v1/config HTTP/1.1\r\nHost: a\r\n\r\n"
    peer.send(Array(get.utf8))
    await bench.turn {
      peer.step()
      return String(decoding: bench.upstream.bytes, as: UTF8.self).hasSuffix(get)
    }
    guard case .complete(let header, let length) = ProxyHeader.read(bench.upstream.bytes) else {
      Issue.record("no PROXY header: \(bench.upstream.bytes)")
      return
    }
    #expect(header.isSecure && header.client?.address.description == "127.0.0.1")
    #expect(String(decoding: bench.upstream.bytes[length...], as: UTF8.self) == get)
    bench.upstream.loop.send(Array("HTTP/1.1 200 OK\r\n\r\n".utf8), to: bench.upstream.open[0])
    bench.upstream.loop.finishWriting(bench.upstream.open[0])
    await bench.turn {
      peer.step()
      return peer.hasNotified
    }
    #expect(peer.received == Array("HTTP/1.1 200 OK\r\n\r\n".utf8))
  }

  @Test func plainHTTPIsToldAndGarbageIsNot() async throws {
    let bench = try bench()
    let answer = try await bench.answer(to: "GET /ws HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(answer.hasPrefix("HTTP/1.1 400 ") && answer.hasSuffix("HTTPS only"), "\(answer)")
    #expect(try await bench.answer(to: "\u{16}\u{3}\u{1}\u{0}\u{5}hello").isEmpty == false)
    #expect(bench.front.counters.failedHandshakes == 2)
    #expect(bench.front.loop.connectionCount == 0)
  }

  /// Half of them have sent the first bytes of a handshake, the others nothing.
  @Test func handshakesThatNeverFinishAreBoundedInNumberAndTime() async throws {
    let bench = try bench {
      $0.handshakeLimit = 200
    }
    var peers: [ConnectionPeer] = []
    // A record of 512 bytes and in it a ClientHello of 508, of which six bytes come.
    let half: [UInt8] = [0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC, 3, 3]
    for number in 0..<400 {
      let peer = try ConnectionPeer(port: bench.port)
      if number.isMultiple(of: 2) { peer.send(half) }
      peers.append(peer)
      bench.front.loop.turn(patience: 0)
    }
    await bench.turn { bench.front.pendingCount == 400 && bench.front.handshakeCount == 200 }
    // Who comes now has to wait, unless it sends too much meanwhile.
    let greedy = try ConnectionPeer(port: bench.port)
    greedy.send([0x16, 3, 1, 0x40, 0] + [UInt8](repeating: 0, count: 30_000))
    await bench.turn {
      greedy.poll()
      return greedy.hasEnded
    }
    #expect(bench.front.counters.refusals == [503: 1])
    let honest = try TLSPeer(port: bench.port)
    honest.step()
    await bench.turn { bench.front.waiting.count == 1 }
    #expect(bench.front.handshakeCount == 200)
    // One of them goes, and its turn has come.
    peers[0].close()
    await bench.turn {
      honest.step()
      return honest.isDone
    }
    await upgrade(bench, honest)
    #expect(bench.chat.room.opened.count == 1)
    // A byte now and then doesn't help.
    bench.pass(8_000)
    for peer in peers.dropFirst() where peer.descriptor.isMultiple(of: 3) { peer.send([0]) }
    bench.pass(3_000)
    await bench.turn { bench.front.loop.connectionCount == 0 }
    #expect(bench.front.pendingCount == 0 && bench.front.handshakeCount == 0)
    honest.send(ConnectionPeer.frame(1, Array("unharmed".utf8)))
    await bench.turn {
      honest.step()
      return bench.chat.room.texts == ["unharmed"]
    }
  }

  @Test func aRushOfClientsIsServedInTurns() async throws {
    let bench = try bench { $0.handshakeLimit = 3 }
    let peers = try (0..<40).map { _ in try TLSPeer(port: bench.port) }
    var most = 0
    await bench.turn {
      for peer in peers {
        peer.step()
        if peer.isDone, !peer.hasSent { peer.send(Array(Bench.request().utf8)) }
      }
      most = max(most, bench.front.handshakeCount)
      return bench.chat.room.opened.count == 40
    }
    #expect(most == 3)
    #expect(bench.front.handshakeCount == 0 && bench.front.waiting.isEmpty && bench.front.counters.failedHandshakes == 0)
  }

  @Test func aSilentClientAfterTheHandshakeIsClosedInTime() async throws {
    let bench = try bench()
    let peer = try await connect(bench)
    #expect(bench.front.handshakeCount == 1)
    bench.pass(10_000)
    await bench.turn {
      peer.step()
      return peer.hasEnded
    }
    #expect(bench.front.handshakeCount == 0 && bench.front.pendingCount == 0)
  }

  @Test func refusalsAreEncryptedToo() async throws {
    let bench = try bench()
    let peer = try await connect(bench)
    peer.send(Array(Bench.request(["Authorization": "Bearer bad"]).utf8))
    await bench.turn {
      peer.step()
      return peer.hasNotified
    }
    #expect(String(decoding: peer.received, as: UTF8.self).hasPrefix("HTTP/1.1 401 "))
  }
}
