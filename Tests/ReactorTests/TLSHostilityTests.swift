import COpenSSL
import Reactor
import SocketSupport
import Testing

/// What a peer may do to an encrypted connection that costs more than it should.
@Suite struct TLSHostilityTests {
  private let fixture: TLSFixture
  private let recorder: Recorder

  init() throws {
    fixture = try TLSFixture()
    recorder = try Recorder()
    recorder.tls = try fixture.context()
  }

  private func connect(version: Int32 = TLS1_3_VERSION, receiveBuffer: Int32? = nil) throws -> (TLSPeer, ConnectionID) {
    let before = recorder.open.count
    let peer = try TLSPeer(port: recorder.port, receiveBuffer: receiveBuffer, version: version)
    recorder.turn {
      peer.step()
      return peer.hasTicket && recorder.open.count > before
    }
    return (peer, try #require(recorder.open.last))
  }

  /// Whether the loop sleeps: with nothing to do a turn takes as long as it may. Never shorter, however busy the machine is.
  private func sleeps(_ location: SourceLocation = #_sourceLocation) {
    // What is on the way arrives first.
    for _ in 0..<10 { recorder.loop.turn(patience: 1) }
    let before = MonotonicClock.milliseconds
    recorder.loop.turn(patience: 50)
    let slept = MonotonicClock.milliseconds - before
    #expect(slept >= 49, "a turn without work ended early", sourceLocation: location)
  }

  @Test func refusesRenegotiation() throws {
    let (peer, _) = try connect(version: TLS1_2_VERSION)
    let (other, _) = try connect(version: TLS1_2_VERSION)
    #expect(SSL_renegotiate(peer.ssl) == 1)
    peer.shakeHands()
    recorder.turn {
      peer.step()
      return peer.failure != nil
    }
    #expect(peer.failure?.contains("no renegotiation") == true)
    other.send(Array("still here".utf8))
    recorder.turn {
      other.step()
      return recorder.bytes == Array("still here".utf8)
    }
  }

  @Test func followsNewKeysOfThePeer() throws {
    let (peer, connection) = try connect()
    recorder.onReceive = { [loop = recorder.loop] id, bytes in loop.send(copying: UnsafeRawBufferPointer(bytes), to: id) }
    for round in 0..<20 {
      #expect(SSL_key_update(peer.ssl, SSL_KEY_UPDATE_REQUESTED) == 1)
      peer.send([UInt8(round)])
      recorder.turn {
        peer.step()
        return peer.received.count == round + 1
      }
    }
    #expect(peer.received == (0..<20).map { UInt8($0) })
    #expect(recorder.loop.isOpen(connection))
  }

  @Test func recordsWithoutDataHoldNobodyUp() throws {
    let (flood, _) = try connect()
    let (other, _) = try connect()
    for _ in 0..<5_000 {
      try #require(SSL_key_update(flood.ssl, SSL_KEY_UPDATE_NOT_REQUESTED) == 1)
      flood.shakeHands()
    }
    flood.send(Array("after".utf8))
    other.send(Array("meanwhile".utf8))
    recorder.turn {
      flood.step()
      other.step()
      return recorder.bytes.count == 14
    }
    #expect(recorder.bytes.starts(with: Array("meanwhile".utf8)))
    #expect(recorder.reasons.isEmpty)
    sleeps()
  }

  @Test func halfAHandshakeDoesNotSpin() throws {
    let peer = try TLSPeer(port: recorder.port)
    peer.chunk = { 20 }
    peer.step()
    recorder.turn { recorder.open.count == 1 }
    sleeps()
    #expect(recorder.reasons.isEmpty)
  }

  @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
  func halfARecordDoesNotSpin(version: Int32) throws {
    let (peer, _) = try connect(version: version)
    peer.send(Array("whole".utf8))
    peer.send([UInt8](repeating: 7, count: 10_000))
    peer.chunk = { 2_000 }
    peer.step()
    recorder.turn { recorder.bytes.count == 5 }
    sleeps()
    peer.chunk = { .max }
    recorder.turn {
      peer.step()
      return recorder.bytes.count == 10_005
    }
    sleeps()
  }

  @Test func aPauseDoesNotSpin() throws {
    let (peer, connection) = try connect()
    recorder.onReceive = { [loop = recorder.loop] id, _ in loop.pauseReading(id) }
    peer.send([UInt8](repeating: 7, count: 200_000))
    while !peer.isSent { peer.step() }
    recorder.turn { recorder.readCount == 1 }
    sleeps()
    // The peer goes away while nobody reads.
    peer.peer.close()
    sleeps()
    recorder.loop.close(connection)
    recorder.turn { recorder.reasons.count == 1 }
  }

  @Test func aPeerThatStopsReadingDoesNotSpin() throws {
    let (peer, connection) = try connect(receiveBuffer: 4_096)
    let text = [UInt8](repeating: 5, count: 8 << 20)
    recorder.loop.send(text, to: connection)
    var waiting = text.count + 1
    while recorder.loop.queuedBytes(connection) < waiting {
      waiting = recorder.loop.queuedBytes(connection)
      for _ in 0..<5 { recorder.loop.turn(patience: 20) }
    }
    #expect(waiting > 0)
    sleeps()
    // What it sends is read all the same.
    peer.send(Array("question".utf8))
    while !peer.isSent { peer.step() }
    recorder.turn { recorder.bytes.count == 8 }
    recorder.turn {
      peer.step()
      return peer.received.count == text.count
    }
    #expect(peer.received == text)
  }
}
