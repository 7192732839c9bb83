import Reactor
import Testing

@testable import ChatServer

@Suite struct ConnectionTunnelTests {
  typealias Bench = ConnectionFrontBench
  private let get = "GET /api/v1/config HTTP/1.1\r\nHost: a\r\n\r\n"

  @Test func startsWithTheClientsAddress() async throws {
    let bench = try Bench()
    let peer = try ConnectionPeer(port: bench.port)
    peer.send(get)
    await bench.turn { bench.upstream.text == get }
    let header = Array(bench.upstream.bytes.prefix(28))
    #expect(Array(header.prefix(12)) == [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A])
    #expect(Array(header[12..<24]) == [0x21, 0x11, 0, 12, 127, 0, 0, 1, 127, 0, 0, 1])
    #expect(UInt16(header[26]) << 8 | UInt16(header[27]) == bench.port)
    #expect(UInt16(header[24]) << 8 | UInt16(header[25]) > 1_023)
  }

  @Test func boundsTunnels() async throws {
    let bench = try Bench { $0.tunnelLimit = 1 }
    let first = try ConnectionPeer(port: bench.port)
    first.send(get)
    await bench.turn { bench.upstream.text == get }
    let refused = try await bench.answer(to: get)
    #expect(refused.hasPrefix("HTTP/1.1 503 ") && refused.contains("\r\nRetry-After: "))
    bench.upstream.loop.close(bench.upstream.open[0])
    await bench.turn { bench.front.tunnelCount == 0 }
    let second = try ConnectionPeer(port: bench.port)
    second.send(get)
    await bench.turn { bench.front.counters.tunnels == 2 }
  }

  @Test func doesNotWaitForAnAnswerForEver() async throws {
    let bench = try Bench()
    let peer = try ConnectionPeer(port: bench.port)
    peer.send(get)
    await bench.turn { bench.upstream.text == get }
    bench.pass(59_000)
    peer.poll()
    #expect(!peer.hasEnded && peer.text.isEmpty)
    bench.pass(2_000)
    await bench.turn {
      peer.poll()
      return peer.hasEnded
    }
    #expect(peer.text.hasPrefix("HTTP/1.1 502 "))
  }

  @Test func carriesSeveralRequestsAndTheirAnswers() async throws {
    let bench = try Bench { $0.sendsProxyHeader = false }
    let peer = try ConnectionPeer(port: bench.port)
    for round in 1...3 {
      peer.send("POST /\(round) HTTP/1.1\r\nContent-Length: 2\r\n\r\nok")
      await bench.turn {
        String(decoding: bench.upstream.bytes, as: UTF8.self).hasSuffix("/\(round) HTTP/1.1\r\nContent-Length: 2\r\n\r\nok")
      }
      bench.upstream.loop.send(Array("answer \(round)".utf8), to: bench.upstream.open[0])
      await bench.turn {
        peer.poll()
        return peer.text.hasSuffix("answer \(round)")
      }
    }
    #expect(bench.upstream.open.count == 1)
    #expect(bench.front.counters.tunnels == 1)
  }

  @Test func passesHalfClosesOnBothWays() async throws {
    let bench = try Bench()
    let peer = try ConnectionPeer(port: bench.port)
    peer.send(get)
    peer.finish()
    await bench.turn { bench.upstream.events == ["ended"] }
    #expect(bench.upstream.text == get)
    // The client has said all, and still gets its answer.
    bench.upstream.loop.send([UInt8](repeating: 65, count: 300_000), to: bench.upstream.open[0])
    bench.upstream.loop.finishWriting(bench.upstream.open[0])
    await bench.turn {
      peer.poll()
      return peer.hasEnded
    }
    #expect(peer.received.count == 300_000)
    await bench.turn { bench.front.loop.connectionCount == 0 }
  }

  @Test func passesTheUpstreamsEndOnFirst() async throws {
    let bench = try Bench()
    let peer = try ConnectionPeer(port: bench.port)
    peer.send(get)
    await bench.turn { bench.upstream.text == get }
    bench.upstream.loop.send(Array("bye".utf8), to: bench.upstream.open[0])
    bench.upstream.loop.finishWriting(bench.upstream.open[0])
    await bench.turn {
      peer.poll()
      return peer.hasEnded
    }
    #expect(peer.text == "bye")
    peer.send("late")
    await bench.turn { bench.upstream.text == get + "late" }
    peer.finish()
    await bench.turn { bench.upstream.events == ["ended", "closed"] && bench.front.loop.connectionCount == 0 }
  }

  @Test func holdsLittleWhenTheClientDoesNotRead() async throws {
    let bench = try Bench()
    let peer = try ConnectionPeer(port: bench.port, receiveBuffer: 65_536)
    peer.send(get)
    await bench.turn { bench.upstream.text == get }
    let block = (0..<1_000_003).map { UInt8(truncatingIfNeeded: $0 % 251) }
    let answer = (0..<30).flatMap { _ in block }
    bench.upstream.loop.send(answer, to: bench.upstream.open[0])
    var most = 0
    var steady = 0
    var last = -1
    // Until nothing moves any more: the client's and the kernel's buffers are full.
    await bench.turn {
      let waiting = bench.upstream.loop.queuedBytes(bench.upstream.open[0])
      most = max(most, bench.front.largestQueue)
      steady = waiting == last ? steady + 1 : 0
      last = waiting
      return steady > 50
    }
    #expect(last > 0)
    #expect(most >= 262_144)
    #expect(most <= 262_144 + 65_536)
    await bench.turn {
      peer.poll()
      return peer.received.count >= answer.count
    }
    #expect(peer.received == answer)
  }

  @Test func holdsLittleWhenRestDoesNotRead() async throws {
    let bench = try Bench { $0.sendsProxyHeader = false }
    let peer = try ConnectionPeer(port: bench.port)
    peer.send("GET / HTTP/1.1\r\n\r\n")
    await bench.turn { !bench.upstream.open.isEmpty && bench.upstream.bytes.count == 18 }
    bench.upstream.loop.pauseReading(bench.upstream.open[0])
    var rest = [UInt8](repeating: 66, count: 30_000_000)[...]
    var steady = 0
    var most = 0
    await bench.turn {
      let before = rest.count
      if !rest.isEmpty { peer.offer(&rest) }
      most = max(most, bench.front.largestQueue)
      steady = rest.count == before ? steady + 1 : 0
      return steady > 50
    }
    #expect(!rest.isEmpty)
    #expect(most <= 262_144 + 65_536)
    bench.upstream.loop.resumeReading(bench.upstream.open[0])
    await bench.turn {
      if !rest.isEmpty { peer.offer(&rest) }
      return bench.upstream.bytes.count == 30_000_018
    }
  }

  @Test func anAbruptEndIsPassedOn() async throws {
    let bench = try Bench()
    let peer = try ConnectionPeer(port: bench.port)
    peer.send(get)
    await bench.turn { bench.upstream.text == get }
    peer.reset()
    await bench.turn { bench.upstream.events.last == "ended" || bench.upstream.events.last == "closed" }
    #expect(bench.front.loop.connectionCount == 0)
  }

  @Test(arguments: [("/api/v1/x", "application/problem+json"), ("/", "text/html; charset=utf-8")])
  func answers502WhenNobodyListens(path: String, type: String) async throws {
    let bench = try Bench()
    bench.upstream.loop.closeListener(0)
    let answer = try await bench.answer(to: "GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(answer.hasPrefix("HTTP/1.1 502 "))
    #expect(answer.contains("\r\nContent-Type: \(type)\r\n"))
    #expect(bench.front.counters.upstreamFailures == 1)
  }

  @Test func answers502WhenRestGoesWithoutAWord() async throws {
    let bench = try Bench()
    let peer = try ConnectionPeer(port: bench.port)
    peer.send(get)
    await bench.turn { bench.upstream.text == get }
    bench.upstream.loop.close(bench.upstream.open[0])
    await bench.turn {
      peer.poll()
      return peer.hasEnded
    }
    #expect(peer.text.hasPrefix("HTTP/1.1 502 "))
  }

  @Test func is404WithoutARestAPI() async throws {
    let bench = try Bench { $0.upstream = nil }
    #expect(try await bench.answer(to: get).hasPrefix("HTTP/1.1 404 "))
  }
}
