import COpenSSL
import Glibc
import Reactor
import SocketSupport
import Testing

@Suite struct TLSTests {
  /// A loop that expects TLS, and a client's end that has shaken hands.
  private static func connect(
    _ recorder: Recorder, version: Int32? = nil, receiveBuffer: Int32? = nil, resume: OpaquePointer? = nil
  ) throws -> (TLSPeer, ConnectionID) {
    let before = recorder.open.count
    let peer = try TLSPeer(port: recorder.port, receiveBuffer: receiveBuffer, version: version, resume: resume)
    recorder.turn {
      peer.step()
      return peer.hasTicket && recorder.open.count > before
    }
    return (peer, try #require(recorder.open.last))
  }

  private static func make(clock: (() -> Int64)? = nil) throws -> (TLSFixture, Recorder) {
    let fixture = try TLSFixture()
    let recorder = try Recorder(clock: clock)
    recorder.tls = try fixture.context()
    return (fixture, recorder)
  }

  @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
  func carriesBytesBothWays(version: Int32) throws {
    let (_, recorder) = try Self.make()
    let (peer, connection) = try Self.connect(recorder, version: version)
    #expect(peer.version == version)
    #expect(peer.agreed == "http/1.1")
    #expect(peer.cipher.contains("GCM"))
    #expect(recorder.loop.isTLS(connection))
    peer.send(Array("question".utf8))
    recorder.turn {
      peer.step()
      return recorder.bytes.count == 8
    }
    #expect(recorder.bytes == Array("question".utf8))
    recorder.loop.send(Array("answer".utf8), to: connection)
    recorder.turn {
      peer.step()
      return peer.received.count == 6
    }
    #expect(peer.received == Array("answer".utf8))
  }

  @Test(arguments: [TLS1_VERSION, TLS1_1_VERSION])
  func refusesOldVersions(version: Int32) throws {
    let (_, recorder) = try Self.make()
    let peer = try TLSPeer(port: recorder.port, version: version)
    recorder.turn {
      peer.step()
      return recorder.events.contains("closed") && peer.failure != nil
    }
    #expect(!peer.isDone)
    #expect(peer.failure?.contains("protocol version") == true)
    #expect(recorder.reasons == [.failed(EPROTO)])
  }

  @Test func refusesOtherProtocols() throws {
    let (_, recorder) = try Self.make()
    let peer = try TLSPeer(port: recorder.port, protocols: ["h2"])
    recorder.turn {
      peer.step()
      return recorder.events.contains("closed") && peer.failure != nil
    }
    #expect(peer.failure?.contains("no application protocol") == true)
    let other = try TLSPeer(port: recorder.port, protocols: ["h2", "http/1.1"])
    recorder.turn {
      other.step()
      return other.isDone
    }
    #expect(other.agreed == "http/1.1")
    let silent = try TLSPeer(port: recorder.port, protocols: [])
    recorder.turn {
      silent.step()
      return silent.isDone
    }
    #expect(silent.agreed.isEmpty)
  }

  @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
  func takesTheHandshakeInAnySplits(version: Int32) throws {
    let (_, recorder) = try Self.make()
    var random = SystemRandomNumberGenerator()
    for most in [1, 7, 100, 1_500] {
      let peer = try TLSPeer(port: recorder.port, version: version)
      peer.chunk = { Int.random(in: 1...most, using: &random) }
      let before = recorder.bytes.count
      recorder.turn {
        peer.step()
        return peer.isDone
      }
      let text = (0..<500).map { UInt8(truncatingIfNeeded: $0) }
      peer.send(text)
      recorder.turn {
        peer.step()
        return recorder.bytes.count == before + text.count
      }
      #expect(Array(recorder.bytes.suffix(text.count)) == text)
    }
  }

  @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
  func resumesByTicket(version: Int32) throws {
    let (fixture, recorder) = try Self.make()
    let tls = try #require(recorder.tls)
    let (first, _) = try Self.connect(recorder, version: version)
    #expect(!first.isResumed)
    let session = try #require(first.session)
    #expect(try Self.connect(recorder, version: version, resume: session).0.isResumed)
    // The last key still opens, the one before it doesn't.
    try tls.renewTicketKey()
    #expect(try Self.connect(recorder, version: version, resume: session).0.isResumed)
    try fixture.write(name: "second")
    try tls.reload()
    let late = try Self.connect(recorder, version: version, resume: session).0
    #expect(!late.isResumed)
    #expect(late.name == "second")
  }

  @Test func reloadsUnderLiveConnections() throws {
    let (fixture, recorder) = try Self.make()
    let tls = try #require(recorder.tls)
    let (old, connection) = try Self.connect(recorder)
    #expect(old.name == "first")
    try fixture.write(name: "second")
    try tls.reload()
    #expect(try Self.connect(recorder).0.name == "second")
    recorder.loop.send([1, 2, 3], to: connection)
    recorder.turn {
      old.step()
      return old.received.count == 3
    }
    try fixture.spoil(fixture.certificate, with: "no certificate")
    var told = ""
    do throws(TLSContext.Failure) { try tls.reload() } catch { told = error.description }
    #expect(told.contains(fixture.certificate) && told.contains("cannot be used"))
    #expect(try Self.connect(recorder).0.name == "second")
    try fixture.write(name: "third")
    try fixture.spoil(fixture.key, with: "no key")
    #expect(throws: TLSContext.Failure.self) { try tls.reload() }
    let other = try TLSFixture()
    #expect(throws: TLSContext.Failure.self) { _ = try TLSContext(certificate: other.certificate, key: "/nowhere") }
    #expect(throws: TLSContext.Failure.self) { _ = try TLSContext(certificate: other.certificate, key: TLSFixture().key) }
    #expect(try Self.connect(recorder).0.name == "second")
  }

  @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
  func echoesMuchThroughSmallBuffers(version: Int32) throws {
    let (_, recorder) = try Self.make()
    let (peer, _) = try Self.connect(recorder, version: version, receiveBuffer: 4_096)
    let loop = recorder.loop
    recorder.onReceive = { id, bytes in loop.send(copying: UnsafeRawBufferPointer(bytes), to: id) }
    let text = (0..<2_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    peer.send(text)
    recorder.turn {
      peer.step()
      return peer.received.count == text.count
    }
    #expect(peer.received == text)
    #expect(recorder.bytes == text)
    recorder.turn { loop.queuedBytes(recorder.open[0]) == 0 }
    #expect(recorder.reasons.isEmpty)
  }

  @Test func putsThePiecesOfATickIntoOneRecord() throws {
    let (_, recorder) = try Self.make()
    let (peer, connection) = try Self.connect(recorder)
    var expected: [UInt8] = []
    final class Owner { let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 3_000, alignment: 1) }
    let owner = Owner()
    defer { owner.bytes.deallocate() }
    for place in owner.bytes.indices { owner.bytes[place] = UInt8(truncatingIfNeeded: place) }
    for round in 0..<40 {
      recorder.loop.send([UInt8(round)], to: connection)
      recorder.loop.send(UnsafeRawBufferPointer(owner.bytes), owner: owner, to: connection)
      expected += [UInt8(round)] + Array(owner.bytes)
    }
    recorder.turn {
      peer.step()
      return peer.received.count == expected.count
    }
    #expect(peer.received == expected)
  }

  @Test func bothSidesFinish() throws {
    let (_, recorder) = try Self.make()
    let (peer, connection) = try Self.connect(recorder)
    peer.send(Array("last".utf8))
    peer.finish()
    recorder.turn {
      peer.step()
      return recorder.events.contains("ended")
    }
    #expect(recorder.bytes == Array("last".utf8))
    recorder.loop.send(Array("late answer".utf8), to: connection)
    recorder.loop.finishWriting(connection)
    recorder.turn {
      peer.step()
      return recorder.events.contains("closed") && peer.hasNotified && peer.hasEnded
    }
    #expect(peer.received == Array("late answer".utf8))
    #expect(recorder.reasons == [.finished])
  }

  @Test func ourFinishComesFirst() throws {
    let (_, recorder) = try Self.make()
    let (peer, connection) = try Self.connect(recorder)
    recorder.loop.finishWriting(connection)
    recorder.turn {
      peer.step()
      return peer.hasNotified
    }
    peer.send(Array("still read".utf8))
    recorder.turn {
      peer.step()
      return recorder.bytes.count == 10
    }
    // Without close_notify: it has ours, so that is an end like another.
    peer.peer.finish()
    recorder.turn { recorder.events.contains("closed") }
    #expect(recorder.reasons == [.finished])
  }

  @Test func closingTellsThePeer() throws {
    let (_, recorder) = try Self.make()
    let (peer, connection) = try Self.connect(recorder)
    recorder.loop.close(connection)
    recorder.turn {
      peer.step()
      return peer.hasEnded
    }
    #expect(peer.hasNotified)
    #expect(recorder.reasons == [.local])
  }

  @Test func abruptEndsAreFailures() throws {
    let (_, recorder) = try Self.make()
    let (cut, _) = try Self.connect(recorder)
    cut.peer.finish()
    recorder.turn { recorder.reasons.count == 1 }
    let (reset, _) = try Self.connect(recorder)
    reset.peer.reset()
    recorder.turn { recorder.reasons.count == 2 }
    #expect(recorder.reasons == [.failed(ECONNRESET), .failed(ECONNRESET)])
    #expect(!recorder.events.contains("ended"))
  }

  @Test func garbageIsRefusedAndPlainHTTPIsTold() throws {
    let (_, recorder) = try Self.make()
    recorder.loop.plainAnswer = Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8)
    let (garbage, _) = try recorder.connectPeer()
    garbage.send([UInt8](repeating: 0xA5, count: 100))
    recorder.turn { recorder.reasons.count == 1 }
    let (browser, _) = try recorder.connectPeer()
    browser.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    recorder.turn { recorder.reasons.count == 2 }
    #expect(recorder.reasons == [.failed(EPROTO), .failed(EPROTO)])
    #expect(browser.receive() == Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8))
    #expect(recorder.bytes.isEmpty)
    // Garbage inside a connection that was good.
    let (peer, _) = try Self.connect(recorder)
    peer.peer.send([23, 3, 3, 0, 32] + [UInt8](repeating: 7, count: 32))
    recorder.turn { recorder.reasons.count == 3 }
    #expect(recorder.reasons[2] == .failed(EPROTO))
  }

  @Test func sendingWaitsForTheHandshake() throws {
    let (_, recorder) = try Self.make()
    let peer = try TLSPeer(port: recorder.port)
    recorder.turn { recorder.open.count == 1 }
    recorder.loop.send(Array("first words".utf8), to: recorder.open[0])
    recorder.loop.finishWriting(recorder.open[0])
    #expect(recorder.loop.detach(recorder.open[0]) == nil)
    recorder.turn {
      peer.step()
      return peer.hasNotified
    }
    #expect(peer.received == Array("first words".utf8))
  }

  @Test func aPausedConnectionKeepsWhatWasDecrypted() throws {
    let (_, recorder) = try Self.make()
    let (peer, connection) = try Self.connect(recorder)
    recorder.onReceive = { [loop = recorder.loop] id, _ in loop.pauseReading(id) }
    // Twelve records and the end in one packet: more than the loop's receive buffer takes at once.
    let text = [UInt8](repeating: 9, count: 12 * 16_384)
    peer.send(text)
    peer.finish()
    recorder.turn {
      peer.step()
      return peer.isSent
    }
    var rounds = 0
    while recorder.bytes.count < text.count {
      let before = recorder.bytes.count
      recorder.loop.resumeReading(connection)
      recorder.turn { recorder.bytes.count > before }
      for _ in 0..<3 { recorder.loop.turn(patience: 0) }
      #expect(!recorder.events.contains("ended"))
      rounds += 1
    }
    #expect(rounds > 2)
    recorder.loop.resumeReading(connection)
    recorder.turn { recorder.events.contains("ended") }
    #expect(recorder.bytes == text)
  }

  @Test func handsOverWithWhatWasReadAlready() throws {
    let (_, recorder) = try Self.make()
    let other = try Recorder()
    let (peer, connection) = try Self.connect(recorder)
    var detached: DetachedConnection?
    recorder.onReceive = { [loop = recorder.loop] id, _ in
      loop.pauseReading(id)
      detached = loop.detach(id)
    }
    let text = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 >> 3) }
    peer.send(text)
    // All of it lies in the kernel before the loop looks.
    while !peer.isSent { peer.step() }
    recorder.turn { detached != nil }
    #expect(recorder.bytes.count < text.count)
    #expect(!recorder.loop.isOpen(connection))
    let taken = try #require(detached)
    let adopted = try #require(other.loop.adopt(taken))
    #expect(other.loop.adopt(taken) == nil)
    other.turn { recorder.bytes.count + other.bytes.count == text.count }
    #expect(recorder.bytes + other.bytes == text)
    other.loop.send(Array("from the other loop".utf8), to: adopted)
    other.turn {
      peer.step()
      return peer.received.count == 19
    }
    #expect(!recorder.events.contains("closed"))
  }

  /// The end was read by the loop that gave the connection away, and the kernel knows nothing of it any more.
  @Test func handsOverAnEndThatWasReadAlready() throws {
    let (_, recorder) = try Self.make()
    let other = try Recorder()
    let (peer, _) = try Self.connect(recorder)
    var detached: DetachedConnection?
    recorder.onReceive = { [loop = recorder.loop] id, _ in
      loop.pauseReading(id)
      detached = loop.detach(id)
    }
    peer.send([1, 2, 3])
    peer.finish()
    recorder.turn {
      peer.step()
      return detached != nil
    }
    let taken = try #require(detached)
    let adopted = try #require(other.loop.adopt(taken))
    other.turn { other.events.contains("ended") }
    #expect(other.loop.isOpen(adopted))
  }

  @Test func aConnectionThatNobodyTakesIsClosed() throws {
    let (_, recorder) = try Self.make()
    let (peer, connection) = try Self.connect(recorder)
    do { #expect(recorder.loop.detach(connection) != nil) }
    recorder.turn {
      peer.step()
      return peer.hasEnded
    }
    #expect(recorder.loop.connectionCount == 0)
  }

  @Test func startsWithBytesThatWereReadAlready() throws {
    let fixture = try TLSFixture()
    let tls = try fixture.context()
    let recorder = try Recorder()
    var isStarted = false
    recorder.onReceive = { [loop = recorder.loop] id, bytes in
      guard !isStarted else { return }
      isStarted = true
      loop.startTLS(id, tls, received: UnsafeRawBufferPointer(bytes))
    }
    let peer = try TLSPeer(port: recorder.port)
    peer.chunk = { 100 }
    recorder.turn {
      peer.step()
      return peer.isDone
    }
    peer.chunk = { .max }
    peer.send(Array("after".utf8))
    recorder.turn {
      peer.step()
      return recorder.bytes.suffix(5) == Array("after".utf8)
    }
  }

  @Test func idleConnectionsGiveTheirBuffersBack() throws {
    var now: Int64 = 0
    let (_, recorder) = try Self.make(clock: { now })
    let (peer, connection) = try Self.connect(recorder)
    for round in 0..<5 {
      now += 5_000
      recorder.loop.turn(patience: 0)
      now += 5_000
      recorder.loop.turn(patience: 0)
      recorder.loop.send([UInt8(round)], to: connection)
      peer.send([UInt8(round)])
      recorder.turn {
        peer.step()
        return peer.received.count == round + 1 && recorder.bytes.count == round + 1
      }
    }
    #expect(recorder.reasons.isEmpty)
  }
}
