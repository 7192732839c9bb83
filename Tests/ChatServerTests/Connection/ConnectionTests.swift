import Reactor
import Testing
import WebSocketProtocol
import WebSocketServer

@testable import ChatServer

@Suite struct ConnectionTests {
  private func closeCode(_ peer: ConnectionPeer, _ bench: ConnectionBench) -> UInt16? {
    var code: UInt16?
    bench.turn {
      for frame in peer.takeFrames() where frame.first == 0x88 && frame.payload.count >= 2 {
        code = UInt16(frame.payload[0]) << 8 | UInt16(frame.payload[1])
      }
      return code != nil || peer.hasEnded
    }
    return code
  }

  @Test func carriesMessagesBothWays() throws {
    let bench = try ConnectionBench()
    bench.room.onText = { socket, text in bench.room.sockets.write(Frame(text: Array("re: \(text)".utf8)), to: socket) }
    let (peer, _) = try bench.connect()
    for byte in ConnectionPeer.frame(1, Array("салом".utf8)) {
      peer.send([byte])
      bench.loop.turn(patience: 0)
    }
    bench.turn { !bench.room.texts.isEmpty }
    #expect(bench.room.texts == ["салом"])
    let frames = peer.takeFrames()
    #expect(frames.map(\.first) == [0x81])
    #expect(frames.first?.payload == Array("re: салом".utf8))
    #expect(bench.room.events == ["opened 7"])
  }

  @Test func readsWhatCameWithTheHandoff() throws {
    let bench = try ConnectionBench()
    let frame = ConnectionPeer.frame(1, Array("early".utf8))
    let (peer, _) = try bench.connect(leftover: Array(frame.prefix(6)))
    #expect(bench.room.texts.isEmpty)
    peer.send(Array(frame.dropFirst(6)))
    bench.turn { bench.room.texts == ["early"] }
  }

  @Test func sharesOneFrameAmongMany() throws {
    let bench = try ConnectionBench()
    let peers = try (0..<20).map { _ in try bench.connect() }
    var frame: Frame? = Frame(text: [UInt8](repeating: 65, count: 300))
    weak let watched = frame
    for (_, socket) in peers { if let frame { bench.room.sockets.write(frame, to: socket) } }
    frame = nil
    #expect(watched != nil)
    bench.loop.turn(patience: 0)
    #expect(watched == nil)
    for (peer, _) in peers { #expect(peer.takeFrames().first?.payload.count == 300) }
  }

  @Test(
    arguments: [
      (ConnectionPeer.frame(1, [UInt8](repeating: 65, count: 65_537)), 1009), (ConnectionPeer.frame(1, [0xFF]), 1007),
      (ConnectionPeer.frame(3, []), 1002), (ConnectionPeer.frame(2, [1]), 1003), (ConnectionPeer.frame(8, [3]), 1002),
      ([0x81, 0x01, 0x41], 1002),
      (ConnectionPeer.frame(8, [0x0F, 0xA0]), 4000),
    ] as [([UInt8], UInt16)])
  func closesWith(stream: [UInt8], code: UInt16) throws {
    let bench = try ConnectionBench()
    let (bystander, _) = try bench.connect()
    let (peer, _) = try bench.connect()
    var rest = stream[...]
    bench.turn {
      if !rest.isEmpty { peer.offer(&rest) }
      return rest.isEmpty
    }
    #expect(closeCode(peer, bench) == code)
    #expect(bench.room.texts.isEmpty)
    peer.finish()
    bench.turn { bench.room.events.contains("closed") }
    #expect(bench.room.events.filter { $0 == "closed" }.count == 1)
    // The other one notices nothing.
    bystander.sendFrame(1, Array("here".utf8))
    bench.turn { bench.room.texts == ["here"] }
    #expect(bystander.takeFrames().isEmpty)
  }

  @Test func answersPingsWithTheirPayload() throws {
    let bench = try ConnectionBench()
    let (peer, _) = try bench.connect()
    peer.sendFrame(9, [1, 2, 3])
    var frames: [(first: UInt8, payload: [UInt8])] = []
    bench.turn {
      frames += peer.takeFrames()
      return !frames.isEmpty
    }
    #expect(frames.first?.first == 0x8A)
    #expect(frames.first?.payload == [1, 2, 3])
  }

  @Test func pingsTheSilentAndDropsTheDead() throws {
    let bench = try ConnectionBench()
    let (alive, _) = try bench.connect()
    let (dead, _) = try bench.connect()
    bench.pass(25_000)
    #expect(alive.takeFrames().map(\.first) == [0x89])
    #expect(dead.takeFrames().map(\.first) == [0x89])
    alive.sendFrame(10, [])
    // The bytes are there already, so one turn reads them.
    bench.loop.turn(patience: 10)
    bench.pass(25_000)
    #expect(bench.room.events.filter { $0 == "closed" }.count == 1)
    dead.poll()
    #expect(dead.hasEnded)
    alive.poll()
    #expect(!alive.hasEnded)
  }

  @Test func ourCloseWaitsAndThenDrops() throws {
    let bench = try ConnectionBench()
    let (polite, first) = try bench.connect()
    let (rude, second) = try bench.connect()
    for socket in [first, second] {
      bench.room.sockets.write(Frame(text: [66]), to: socket)
      bench.room.sockets.close(socket, code: 4001, reason: "signed out")
      bench.room.sockets.write(Frame(text: [67]), to: socket)
    }
    bench.loop.turn(patience: 0)
    let frames = polite.takeFrames()
    #expect(frames.map(\.first) == [0x81, 0x88])
    #expect(frames.last?.payload == [0x0F, 0xA1] + Array("signed out".utf8))
    // What the peer had on the way is not for the chat any more.
    polite.sendFrame(1, [65])
    polite.sendFrame(8, [0x0F, 0xA1])
    polite.finish()
    bench.turn { bench.room.events.contains("closed") }
    #expect(bench.room.texts.isEmpty)
    bench.pass(4_000)
    #expect(bench.room.events.filter { $0 == "closed" }.count == 1)
    bench.pass(2_000)
    #expect(bench.room.events.filter { $0 == "closed" }.count == 2)
    rude.poll()
    #expect(rude.hasEnded)
  }

  @Test func closingInsideAMessageStopsTheRest() throws {
    let bench = try ConnectionBench()
    bench.room.onText = { socket, _ in bench.room.sockets.close(socket, code: 4001, reason: "") }
    let (peer, _) = try bench.connect()
    peer.send((0..<50).flatMap { ConnectionPeer.frame(1, Array(String($0).utf8)) })
    #expect(closeCode(peer, bench) == 4001)
    #expect(bench.room.texts == ["0"])
  }

  @Test func boundsRequests() throws {
    let bench = try ConnectionBench()
    let (peer, _) = try bench.connect()
    // 10,000 tiny frames, mostly in one read.
    var rest = (0..<10_000).flatMap { _ in ConnectionPeer.frame(1, [65]) }[...]
    bench.turn {
      if !rest.isEmpty { peer.offer(&rest) }
      return rest.isEmpty
    }
    #expect(closeCode(peer, bench) == 4029)
    #expect(bench.room.texts.count == 200)
  }

  @Test func letsASteadyRateThrough() throws {
    let bench = try ConnectionBench()
    let (peer, _) = try bench.connect()
    for second in 0..<20 {
      for _ in 0..<50 { peer.sendFrame(1, [65]) }
      bench.turn { bench.room.texts.count == (second + 1) * 50 }
      bench.pass(1_000)
    }
    #expect(!peer.takeFrames().contains { $0.first == 0x88 })
  }

  @Test func boundsWhatAReaderThatStopsCosts() throws {
    let bench = try ConnectionBench()
    let (peer, socket) = try bench.connect()
    let frame = Frame(text: [UInt8](repeating: 65, count: 10_000))
    var most = 0
    for _ in 0..<1_000 {
      bench.room.sockets.write(frame, to: socket)
      most = max(most, bench.room.sockets.queuedBytes(socket))
      bench.loop.turn(patience: 0)
    }
    #expect(most >= 1 << 20)
    #expect(most < 1 << 20 + 20_000)
    #expect(closeCode(peer, bench) == 1013)
    // What was queued before it came whole, then the connection goes.
    peer.sendFrame(8, [0x03, 0xF5])
    peer.finish()
    bench.turn { bench.room.events.contains("closed") }
  }

  @Test func tellsWhenASlowReaderHasCaughtUp() throws {
    let bench = try ConnectionBench()
    let (peer, socket) = try bench.connect()
    bench.room.sockets.write(Frame(text: [UInt8](repeating: 65, count: 900_000)), to: socket)
    bench.loop.turn(patience: 0)
    #expect(bench.room.sockets.queuedBytes(socket) > 0)
    bench.turn {
      peer.poll()
      return bench.room.events.contains("drained")
    }
    #expect(bench.room.sockets.queuedBytes(socket) == 0)
  }

  @Test func survivesAResetInsideAFrame() throws {
    let bench = try ConnectionBench()
    let (peer, socket) = try bench.connect()
    peer.send(Array(ConnectionPeer.frame(1, [UInt8](repeating: 65, count: 1_000)).prefix(500)))
    bench.loop.turn(patience: 10)
    peer.reset()
    bench.turn { bench.room.events.contains("closed") }
    #expect(bench.room.texts.isEmpty)
    // Late writes to a name that is gone go nowhere, also when its slot has another guest.
    let (other, _) = try bench.connect()
    bench.room.sockets.write(Frame(text: [65]), to: socket)
    bench.room.sockets.close(socket, code: 1000, reason: "")
    bench.loop.turn(patience: 0)
    #expect(other.takeFrames().isEmpty)
    // The new guest starts with a clean decoder.
    other.sendFrame(1, Array("fresh".utf8))
    bench.turn { bench.room.texts == ["fresh"] }
  }

  @Test func drainsWith1012() throws {
    let bench = try ConnectionBench()
    let (polite, _) = try bench.connect()
    let (rude, _) = try bench.connect()
    var isDone = false
    bench.driver.sockets.drain { isDone = true }
    #expect(closeCode(polite, bench) == 1012)
    #expect(closeCode(rude, bench) == 1012)
    polite.sendFrame(8, [0x03, 0xF4])
    polite.finish()
    bench.turn { bench.driver.sockets.count == 1 }
    let (late, _) = try bench.connect()
    #expect(closeCode(late, bench) == 1012)
    #expect(!isDone)
    bench.pass(9_000)
    #expect(isDone)
    #expect(bench.driver.sockets.count == 0)
    #expect(bench.room.events.filter { $0 == "closed" }.count == 3)
  }
}
