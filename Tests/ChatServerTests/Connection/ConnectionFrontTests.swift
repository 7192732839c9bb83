import Domain
import Reactor
import ServerKit
import Testing
import WebSocketProtocol

@testable import ChatServer

@Suite struct ConnectionFrontTests {
  typealias Bench = ConnectionFrontBench

  @Test func letsASocketInAndHandsItOver() async throws {
    let bench = try Bench()
    let peer = try ConnectionPeer(port: bench.port)
    // The head in pieces, and the first message right behind it, without waiting for the answer.
    for byte in Array(Bench.request().utf8).dropLast(3) {
      peer.send([byte])
      bench.front.loop.turn(patience: 0)
    }
    peer.send(Array("\n\r\n".utf8) + ConnectionPeer.frame(1, Array("first".utf8)))
    await bench.turn { bench.chat.room.texts == ["first"] }
    let head = try #require(peer.takeHead())
    #expect(head.hasPrefix("HTTP/1.1 101 "))
    #expect(head.contains("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"))
    #expect(head.contains("\r\nSec-WebSocket-Protocol: 1fin.v1\r\n"))
    #expect(bench.chat.room.events == ["opened 7"])
    #expect(bench.gatekeeper.asked.map(\.0) == [.bearer("good")])
    #expect(bench.gatekeeper.asked.map(\.1) == ["127.0.0.1"])
    #expect(bench.front.loop.connectionCount == 0)
    #expect(bench.gauge.count == 1)
    peer.sendFrame(1, Array("second".utf8))
    await bench.turn { bench.chat.room.texts == ["first", "second"] }
    peer.close()
    await bench.turn { bench.chat.room.events.contains("closed") }
    #expect(bench.gauge.count == 0)
    #expect(bench.front.counters.upgraded == 1)
  }

  @Test(
    arguments: [
      (["Authorization": nil, "Cookie": "onefin_session=good", "Origin": "http://127.0.0.1:1"], 101),
      (["Authorization": nil, "Cookie": "a=b; onefin_session=good", "Origin": "https://app.example.uz"], 101),
      (["Authorization": nil, "Cookie": "onefin_session=good", "Origin": "http://evil.uz"], 403),
      (["Authorization": nil, "Cookie": "onefin_session=good"], 403),
      (["Authorization": nil, "Cookie": "other=good", "Origin": "http://127.0.0.1:1"], 401),
      (["Authorization": nil], 401), (["Authorization": "Bearer bad"], 401), (["Authorization": "Bearer away"], 503),
      (["Upgrade": nil], 400), (["Sec-WebSocket-Key": "x"], 400), (["Sec-WebSocket-Version": "8"], 426),
      (["Sec-WebSocket-Protocol": "other"], 426),
      (["Content-Length": "3"], 400),
    ] as [([String: String?], Int)])
  func answersBeforeTheUpgrade(changes: [String: String?], status: Int) async throws {
    let bench = try Bench { $0.origins = OriginPolicy(allowed: ["https://app.example.uz"]) }
    let peer = try ConnectionPeer(port: bench.port)
    peer.send(Bench.request(changes))
    await bench.turn {
      peer.poll()
      return peer.text.contains("\r\n\r\n")
    }
    #expect(peer.text.hasPrefix("HTTP/1.1 \(status) "), "\(peer.text)")
    #expect(peer.text.contains("\r\nRetry-After: 5\r\n") == (status == 503))
    #expect(peer.text.contains("\r\nSec-WebSocket-Version: 13\r\n") == (changes["Sec-WebSocket-Version"] != nil))
    guard status != 101 else { return }
    #expect(bench.front.counters.refusals == [status: 1])
    await bench.turn {
      peer.poll()
      return peer.hasEnded
    }
    peer.close()
    await bench.turn { bench.front.loop.connectionCount == 0 }
    #expect(bench.chat.room.opened.isEmpty)
  }

  @Test(arguments: [
    ("\u{16}\u{3}\u{1}", 400), ("GET / HTTP/1.1\r\nA : b\r\n\r\n", 400), ("GET / HTTP/3.0\r\n\r\n", 505),
    ("GET / HTTP/1.1\r\nX: " + String(repeating: "a", count: 9_000), 431),
  ])
  func refusesWhatIsNoRequest(text: String, status: Int) async throws {
    let answer = try await Bench().answer(to: text)
    #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
  }

  @Test func isPatientWithAHeadForTenSeconds() async throws {
    let bench = try Bench()
    let slow = try ConnectionPeer(port: bench.port)
    let silent = try ConnectionPeer(port: bench.port)
    slow.send("GET /ws HT")
    await bench.turn { bench.front.pendingCount == 2 }
    bench.pass(8_000)
    slow.send("T")
    bench.front.loop.turn(patience: 10)
    #expect(bench.front.pendingCount == 2)
    bench.pass(2_000)
    await bench.turn {
      slow.poll()
      silent.poll()
      return slow.hasEnded && silent.hasEnded
    }
    #expect(slow.text.hasPrefix("HTTP/1.1 408 "))
    #expect(silent.text.isEmpty)
    #expect(bench.front.pendingCount == 0)
  }

  @Test func answers503WhenSigningInTakesTooLong() async throws {
    let bench = try Bench()
    bench.gatekeeper.hold()
    let peer = try ConnectionPeer(port: bench.port)
    peer.send(Bench.request())
    await bench.turn { bench.gatekeeper.waitingCount == 1 }
    bench.pass(10_000)
    await bench.turn {
      peer.poll()
      return peer.hasEnded
    }
    #expect(peer.text.hasPrefix("HTTP/1.1 503 "))
    // A late yes opens nothing.
    bench.gatekeeper.decide(.admitted(session: SessionID(1), account: AccountID(1)))
    peer.close()
    await bench.turn { bench.front.loop.connectionCount == 0 }
    #expect(bench.chat.room.opened.isEmpty)
    #expect(bench.gauge.count == 0)
  }

  @Test func boundsPendingHeads() async throws {
    let bench = try Bench { $0.pendingLimit = 2 }
    let first = try ConnectionPeer(port: bench.port)
    await bench.turn { bench.front.pendingCount == 1 }
    let second = try ConnectionPeer(port: bench.port)
    await bench.turn { bench.front.pendingCount == 2 }
    // Whoever has dawdled for longest makes room.
    #expect(try await bench.answer(to: "GET /ws HTTP/1.1\r\n\r\n").hasPrefix("HTTP/1.1 400 "))
    await bench.turn {
      first.poll()
      return first.hasEnded
    }
    #expect(first.text.hasPrefix("HTTP/1.1 503 "))
    #expect(bench.front.pendingCount == 1)
    second.send("GET /ws HTTP/1.1\r\n\r\n")
    await bench.turn {
      second.poll()
      return second.hasEnded
    }
    #expect(second.text.hasPrefix("HTTP/1.1 400 "))
  }

  @Test func keepsThoseThatHaveAskedWhenFull() async throws {
    let bench = try Bench { $0.pendingLimit = 2 }
    bench.gatekeeper.hold()
    // Both have sent their head; it is we who take time.
    let asking = try (0..<2).map { _ in try ConnectionPeer(port: bench.port) }
    for peer in asking { peer.send(Bench.request()) }
    await bench.turn { bench.gatekeeper.waitingCount == 2 }
    #expect(try await bench.answer(to: "").hasPrefix("HTTP/1.1 503 "))
    #expect(bench.front.pendingCount == 2)
    bench.gatekeeper.decide(.refused)
  }

  @Test func boundsConnectionsOfAnAddress() async throws {
    let bench = try Bench { ($0.addressLimit, $0.boundsLoopback) = (2, true) }
    let tunnel = try ConnectionPeer(port: bench.port)
    tunnel.send("GET / HTTP/1.1\r\n\r\n")
    await bench.turn { bench.upstream.open.count == 1 }
    let head = try ConnectionPeer(port: bench.port)
    await bench.turn { bench.front.pendingCount == 1 }
    #expect(try await bench.answer(to: "").hasPrefix("HTTP/1.1 503 "))
    head.close()
    await bench.turn { bench.front.pendingCount == 0 }
    #expect(try await bench.answer(to: "GET /ws HTTP/1.1\r\n\r\n").hasPrefix("HTTP/1.1 400 "))
  }

  @Test func isFullAtTheLimitOfSockets() async throws {
    let bench = try Bench(socketLimit: 1)
    let first = try ConnectionPeer(port: bench.port)
    first.send(Bench.request())
    await bench.turn { bench.chat.room.opened.count == 1 }
    #expect(try await bench.answer(to: Bench.request()).hasPrefix("HTTP/1.1 503 "))
    first.close()
    await bench.turn { bench.gauge.count == 0 }
    let next = try ConnectionPeer(port: bench.port)
    next.send(Bench.request())
    await bench.turn { bench.chat.room.opened.count == 2 }
  }

  @Test func letsNobodyInWhileDraining() async throws {
    let bench = try Bench()
    let early = try ConnectionPeer(port: bench.port)
    await bench.turn { bench.front.pendingCount == 1 }
    bench.front.drain()
    early.send(Bench.request())
    await bench.turn {
      early.poll()
      return early.hasEnded
    }
    #expect(early.text.hasPrefix("HTTP/1.1 503 "))
    #expect(throws: SystemError.self) { try ConnectionPeer(port: bench.port) }
  }

  @Test func closesWhatNoChatLoopTakes() async throws {
    let bench = try Bench(hasChat: false)
    #expect(try await bench.answer(to: Bench.request()).isEmpty)
    #expect(bench.gauge.count == 0)
    #expect(bench.front.loop.connectionCount == 0)
  }

  @Test(arguments: [false, true])
  func survivesAClientThatGoesDuringTheHandOff(isReset: Bool) async throws {
    let bench = try Bench()
    bench.gatekeeper.hold()
    let peer = try ConnectionPeer(port: bench.port)
    peer.send(Bench.request())
    await bench.turn { bench.gatekeeper.waitingCount == 1 }
    if isReset { peer.reset() } else { peer.close() }
    bench.gatekeeper.decide(.admitted(session: SessionID(1), account: AccountID(7)))
    // Either the front sees it go, or the chat is told that it came and went.
    await bench.turn {
      let events = bench.chat.room.events
      return bench.front.loop.connectionCount == 0 && bench.gauge.count == 0
        && (events.isEmpty || events == ["opened 7", "closed"])
    }
    let next = try ConnectionPeer(port: bench.port)
    next.send(Bench.request())
    await bench.turn { bench.gatekeeper.waitingCount == 1 }
    bench.gatekeeper.decide(.admitted(session: SessionID(1), account: AccountID(8)))
    await bench.turn { bench.chat.room.events.last == "opened 8" }
  }

  @Test func believesOnlyTrustedProxies() async throws {
    for (trusted, expected) in [([], "127.0.0.1"), (["127.0.0.1", "10.0.0.2"], "203.0.113.9")] as [([String], String)] {
      let bench = try Bench { $0.trustedProxies = TrustedProxies(trusted) }
      let peer = try ConnectionPeer(port: bench.port)
      peer.send(Bench.request(["X-Forwarded-For": "1.1.1.1, 203.0.113.9, 10.0.0.2"]))
      await bench.turn { bench.chat.room.opened.count == 1 }
      #expect(bench.gatekeeper.asked.map(\.1) == [expected])
    }
  }

  @Test func showsStatusPagesTheClientsAddressBehindAProxy() async throws {
    let request = "GET /ws/healthz HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n"
    let trusting = try Bench { $0.trustedProxies = TrustedProxies(["127.0.0.1"]) }
    #expect(try await trusting.answer(to: request).hasSuffix("\r\n\r\nok for 203.0.113.9"))
    let other = try Bench()
    #expect(try await other.answer(to: request).hasSuffix("\r\n\r\nok for 127.0.0.1"))
  }

  @Test func boundsSocketsByAccountAndAddress() {
    let gauge = SocketGauge(limit: 6, accountLimit: 2, addressLimit: 3)
    var places = (1...2).map { _ in gauge.take(AccountID(1), from: "203.0.113.9") }
    #expect(gauge.take(AccountID(1), from: "203.0.113.10") == nil)
    places.append(gauge.take(AccountID(2), from: "203.0.113.9"))
    #expect(gauge.take(AccountID(2), from: "203.0.113.9") == nil)
    // A proxy that nobody has listed is no client.
    for account in 3...5 as ClosedRange<Int64> { places.append(gauge.take(AccountID(account), from: "127.0.0.1")) }
    #expect(places.allSatisfy { $0 != nil } && gauge.count == 6)
    #expect(gauge.take(AccountID(9), from: "203.0.113.11") == nil)
    places = []
    #expect(gauge.count == 0 && gauge.take(AccountID(1), from: "203.0.113.9") != nil)
  }

  @Test func boundsIPv6ByTheNetworkAndLoopbackNotAtAll() {
    let gauge = SocketGauge(limit: 10, addressLimit: 1)
    var places = [gauge.take(AccountID(1), from: "2001:db8::1")]
    #expect(gauge.take(AccountID(1), from: "2001:db8::2") == nil)
    for address in ["2001:db8:0:1::1", "::1", "::1", "127.0.0.2", "127.0.0.2"] {
      places.append(gauge.take(AccountID(1), from: address))
    }
    #expect(places.allSatisfy { $0 != nil } && gauge.count == 6)
    places = []
    #expect(gauge.count == 0)
  }

  @Test func answersStatusPages() async throws {
    let bench = try Bench()
    let answer = try await bench.answer(to: "GET /ws/healthz HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
    #expect(answer.hasSuffix("\r\n\r\nok for 127.0.0.1"))
    #expect(try await bench.answer(to: "GET /ws/other HTTP/1.1\r\nHost: a\r\n\r\n").hasPrefix("HTTP/1.1 404 "))
  }
}
