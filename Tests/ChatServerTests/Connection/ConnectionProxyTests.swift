import Reactor
import ServerKit
import SocketSupport
import Testing

@testable import ChatServer

/// The front behind a proxy that says by a PROXY header who the client is.
@Suite struct ConnectionProxyTests {
  typealias Bench = ConnectionFrontBench

  private static func bench(listed: [String] = ["127.0.0.1"], change: (inout FrontConfiguration) -> Void = { _ in }) throws
    -> Bench
  {
    try Bench {
      $0.expectsProxyHeader = true
      $0.trustedProxies = TrustedProxies(listed)
      change(&$0)
    }
  }

  private static func header(_ client: String, isSecure: Bool = false) throws -> [UInt8] {
    let server = ProxyHeader.Endpoint(try #require(IPAddress(client.contains(":") ? "2001:db8:9::1" : "192.0.2.1")), port: 443)
    let client = ProxyHeader.Endpoint(try #require(IPAddress(client)), port: 50_000)
    return ProxyHeader(client: client, server: server, isSecure: isSecure).encoded
  }

  @Test func believesTheHeaderInAnySplits() async throws {
    let bench = try Self.bench()
    var random = SystemRandomNumberGenerator()
    for round in 1...30 {
      let peer = try ConnectionPeer(port: bench.port)
      // The client's own field counts for nothing.
      let text = Bench.request(["X-Forwarded-For": "6.6.6.6"])
      var bytes = try Self.header("203.0.113.\(round)") + Array(text.utf8) + ConnectionPeer.frame(1, Array("\(round)".utf8))
      while !bytes.isEmpty {
        let count = Int.random(in: 1...min(40, bytes.count), using: &random)
        peer.send(Array(bytes.prefix(count)))
        bytes.removeFirst(count)
        bench.front.loop.turn(patience: 0)
      }
      await bench.turn { bench.chat.room.texts.count == round }
    }
    #expect(bench.gatekeeper.asked.map(\.1) == (1...30).map { "203.0.113.\($0)" })
    #expect(bench.chat.room.texts == (1...30).map(String.init))
  }

  @Test func tellsRestAPIWhatTheProxyHasSaid() async throws {
    let bench = try Self.bench()
    let peer = try ConnectionPeer(port: bench.port)
    let get = Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
    let header = try Self.header("203.0.113.9", isSecure: true)
    peer.send(header + get)
    await bench.turn { bench.upstream.bytes == header + get }
  }

  @Test func refusesTheHeaderOfAStranger() async throws {
    for expects in [true, false] {
      let bench = try Self.bench(listed: ["10.0.0.1"]) { $0.expectsProxyHeader = expects }
      let answer = try await bench.answer(to: Self.header("203.0.113.9") + Array(Bench.request().utf8))
      #expect(answer.hasPrefix("HTTP/1.1 400 "))
      #expect(bench.gatekeeper.asked.isEmpty && bench.upstream.open.isEmpty)
    }
    // Listed, but not expected to send one.
    let bench = try Self.bench { $0.expectsProxyHeader = false }
    let answer = try await bench.answer(to: Self.header("203.0.113.9") + Array(Bench.request().utf8))
    #expect(answer.hasPrefix("HTTP/1.1 400 "))
  }

  @Test func aStrangerNeedsNone() async throws {
    let bench = try Self.bench(listed: ["10.0.0.1"])
    let peer = try ConnectionPeer(port: bench.port)
    peer.send(Bench.request(["X-Forwarded-For": "6.6.6.6"]))
    await bench.turn { bench.chat.room.opened.count == 1 }
    #expect(bench.gatekeeper.asked.map(\.1) == ["127.0.0.1"])
  }

  @Test(arguments: ["GET /ws HTTP/1.1\r\nHost: a\r\n\r\n", "PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r\n"])
  func aListedProxyWithoutTheHeaderIsClosed(text: String) async throws {
    let bench = try Self.bench()
    #expect(try await bench.answer(to: text).isEmpty)
    #expect(bench.front.counters.badProxyHeaders == 1)
    #expect(bench.front.pendingCount == 0)
  }

  @Test func aHeaderThatNeverEndsIsNotWaitedFor() async throws {
    let bench = try Self.bench()
    let peer = try ConnectionPeer(port: bench.port)
    peer.send(Array(try Self.header("203.0.113.9").dropLast()))
    await bench.turn { bench.front.pendingCount == 1 }
    bench.pass(10_000)
    await bench.turn {
      peer.poll()
      return peer.hasEnded
    }
    #expect(peer.text.isEmpty && bench.front.pendingCount == 0)
  }

  @Test func aHealthCheckIsTheProxysOwn() async throws {
    let bench = try Self.bench()
    let peer = try ConnectionPeer(port: bench.port)
    // LOCAL, unspecified, no addresses.
    var local = ProxyHeader(client: nil, server: nil).encoded
    local[12] = 0x20
    peer.send(local + Array("GET /ws/healthz HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
    await bench.turn {
      peer.poll()
      return peer.hasEnded
    }
    #expect(peer.text.hasSuffix("ok for 127.0.0.1"))
  }

  @Test func aProxyBehindAProxyIsFollowed() async throws {
    let bench = try Self.bench(listed: ["127.0.0.1", "10.0.0.2"])
    let peer = try ConnectionPeer(port: bench.port)
    peer.send(try Self.header("10.0.0.2") + Array(Bench.request(["X-Forwarded-For": "6.6.6.6, 2001:DB8::7"]).utf8))
    await bench.turn { bench.chat.room.opened.count == 1 }
    #expect(bench.gatekeeper.asked.map(\.1) == ["2001:db8::7"])
  }

  @Test func boundsTheClientsAndNotTheProxy() async throws {
    let bench = try Self.bench { ($0.addressLimit, $0.boundsLoopback) = (2, true) }
    var peers: [ConnectionPeer] = []
    // Two of each of three addresses, those of IPv6 in one /64.
    for client in ["203.0.113.1", "203.0.113.1", "203.0.113.2", "203.0.113.2", "2001:db8::1", "2001:db8::2"] {
      let peer = try ConnectionPeer(port: bench.port)
      peer.send(try Self.header(client))
      peers.append(peer)
    }
    await bench.turn { bench.front.pendingCount == 6 }
    for client in ["203.0.113.1", "2001:db8::3"] {
      let peer = try ConnectionPeer(port: bench.port)
      peer.send(try Self.header(client))
      await bench.turn {
        peer.poll()
        return peer.hasEnded
      }
      #expect(peer.text.hasPrefix("HTTP/1.1 503 "))
    }
    peers[0].close()
    await bench.turn { bench.front.pendingCount == 5 }
    let next = try ConnectionPeer(port: bench.port)
    next.send(try Self.header("203.0.113.1") + Array("GET /ws/healthz HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
    await bench.turn {
      next.poll()
      return next.hasEnded
    }
    #expect(next.text.hasSuffix("ok for 203.0.113.1"))
  }

  @Test func theHeaderComesBeforeTLS() async throws {
    let fixture = try TLSFixture()
    let tls = try fixture.context()
    let bench = try Self.bench { $0.tls = tls }
    for (round, isApart) in [false, true].enumerated() {
      let peer = try TLSPeer(port: bench.port)
      peer.peer.send(try Self.header("203.0.113.\(round)"))
      if isApart { await bench.turn { bench.front.pendingCount == 1 } }
      await bench.turn {
        peer.step()
        return peer.isDone
      }
      peer.send(Array(Bench.request().utf8))
      await bench.turn {
        peer.step()
        return bench.chat.room.opened.count == round + 1
      }
    }
    #expect(bench.gatekeeper.asked.map(\.1) == ["203.0.113.0", "203.0.113.1"])
    // TLS of a listed proxy that sends no header.
    let bare = try TLSPeer(port: bench.port)
    await bench.turn {
      bare.step()
      return bare.hasEnded
    }
    #expect(bench.front.counters.badProxyHeaders == 1)
  }
}
