import Glibc
import Reactor
import SocketSupport
import Testing

@Suite struct EventLoopTests {
  private final class Owned {
    let bytes: UnsafeRawBufferPointer
    init(_ count: Int) {
      let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
      for place in 0..<count { memory[place] = UInt8(truncatingIfNeeded: place) }
      bytes = UnsafeRawBufferPointer(memory)
    }
    deinit { bytes.deallocate() }
  }

  @Test func readsBytesInOrderAndAnswers() throws {
    let recorder = try Recorder()
    let (peer, connection) = try recorder.connectPeer()
    for byte in Array("one byte at a time".utf8) {
      let before = recorder.bytes.count
      peer.send([byte])
      recorder.turn { recorder.bytes.count > before }
    }
    #expect(recorder.bytes == Array("one byte at a time".utf8))
    recorder.loop.send(Array("answer".utf8), to: connection)
    recorder.loop.turn(patience: 0)
    #expect(peer.receive() == Array("answer".utf8))
  }

  @Test func readsOncePerTick() throws {
    let recorder = try Recorder()
    let (peer, _) = try recorder.connectPeer()
    peer.send([UInt8](repeating: 1, count: 10_000))
    recorder.turn { recorder.bytes.count == 10_000 }
    #expect(recorder.readCount == 1)
  }

  @Test func keepsTheOrderOfCopiesAndReferences() throws {
    let recorder = try Recorder()
    let (peer, connection) = try recorder.connectPeer()
    var expected: [UInt8] = []
    for round in 0..<200 {
      let owned = Owned(round * 7)
      recorder.loop.send([UInt8(round), 255], to: connection)
      recorder.loop.send(owned.bytes, owner: owned, to: connection)
      expected += [UInt8(round), 255] + Array(owned.bytes)
    }
    #expect(recorder.loop.queuedBytes(connection) == expected.count)
    var received: [UInt8] = []
    recorder.turn {
      received += peer.receive() ?? []
      return received.count >= expected.count
    }
    #expect(received == expected)
    #expect(recorder.loop.queuedBytes(connection) == 0)
  }

  @Test func aReaderThatStopsIsCountedAndThenDrained() throws {
    let recorder = try Recorder()
    let (peer, connection) = try recorder.connectPeer(receiveBuffer: 65_536)
    var total = 0
    var count = 0
    weak var last: Owned?
    while recorder.loop.queuedBytes(connection) < 1 << 20 {
      let owned = Owned(60_000)
      last = owned
      recorder.loop.send(owned.bytes, owner: owned, to: connection)
      total += 60_000
      recorder.loop.turn(patience: 0)
      count += 1
      try #require(count < 1_000)
    }
    #expect(last != nil)
    #expect(recorder.loop.queuedBytes(connection) >= 1 << 20)
    recorder.events = []
    var received = 0
    recorder.turn {
      received += peer.receive()?.count ?? 0
      return received >= total
    }
    recorder.turn { recorder.events.contains("drained") }
    #expect(received == total)
    #expect(last == nil)
    #expect(recorder.loop.queuedBytes(connection) == 0)
  }

  @Test func tellsWhenALargeQueueLeftAtOnce() throws {
    let recorder = try Recorder()
    let (peer, connection) = try recorder.connectPeer()
    recorder.loop.send([UInt8](repeating: 1, count: EventLoop.largeQueue - 1), to: connection)
    recorder.loop.turn(patience: 0)
    #expect(recorder.loop.queuedBytes(connection) > 0 || !recorder.events.contains("drained"))
    recorder.loop.send([UInt8](repeating: 1, count: EventLoop.largeQueue), to: connection)
    recorder.turn {
      _ = peer.receive()
      return recorder.events.contains("drained")
    }
    #expect(recorder.loop.queuedBytes(connection) == 0)
  }

  @Test func halfClosesBothWays() throws {
    let recorder = try Recorder()
    let (peer, connection) = try recorder.connectPeer()
    peer.send("request")
    peer.finish()
    recorder.turn { recorder.events.contains("ended") }
    #expect(recorder.bytes == Array("request".utf8))
    recorder.loop.send(Array("late answer".utf8), to: connection)
    recorder.loop.finishWriting(connection)
    recorder.turn { recorder.events.contains("closed") }
    #expect(recorder.reasons == [.finished])
    #expect(peer.receive() == Array("late answer".utf8))
    #expect(peer.receive() == nil)
  }

  @Test func ourFinishComesFirst() throws {
    let recorder = try Recorder()
    let (peer, connection) = try recorder.connectPeer()
    recorder.loop.finishWriting(connection)
    recorder.loop.send([1], to: connection)
    recorder.loop.turn(patience: 0)
    #expect(peer.receive() == nil)
    peer.send("still read")
    recorder.turn { recorder.bytes.count == 10 }
    peer.finish()
    recorder.turn { recorder.events.contains("closed") }
    #expect(recorder.reasons == [.finished])
  }

  @Test func aResetCloses() throws {
    let recorder = try Recorder()
    let (peer, connection) = try recorder.connectPeer()
    peer.reset()
    recorder.turn { recorder.events.contains("closed") }
    #expect(recorder.reasons == [.failed(ECONNRESET)])
    #expect(!recorder.loop.isOpen(connection))
  }

  @Test func aNameIsNeverReused() throws {
    let recorder = try Recorder()
    let (first, name) = try recorder.connectPeer()
    recorder.loop.close(name)
    #expect(!recorder.loop.isOpen(name))
    recorder.turn { recorder.events.contains("closed") }
    #expect(recorder.reasons == [.local])
    let (second, other) = try recorder.connectPeer()
    #expect(other.slot == name.slot)
    #expect(other != name)
    recorder.loop.send([1], to: name)
    recorder.loop.close(name)
    recorder.loop.send([2], to: other)
    recorder.loop.turn(patience: 0)
    #expect(second.receive() == [2])
    #expect(first.receive() == nil)
  }

  @Test func closingInsideACallbackEndsAfterIt() throws {
    let recorder = try Recorder()
    let (peer, connection) = try recorder.connectPeer()
    recorder.onReceive = { id, _ in
      recorder.loop.send([7], to: id)
      recorder.loop.close(id)
      recorder.loop.close(id)
      #expect(!recorder.events.contains("closed"))
    }
    peer.send("x")
    recorder.turn { recorder.events.contains("closed") }
    #expect(recorder.events.filter { $0 == "closed" }.count == 1)
    #expect(peer.receive() == [7])
    #expect(recorder.loop.peerAddress(connection) == nil)
  }

  @Test func pausedBytesWaitAndSurviveTheEnd() throws {
    let recorder = try Recorder()
    let (peer, connection) = try recorder.connectPeer()
    recorder.loop.pauseReading(connection)
    recorder.loop.finishWriting(connection)
    peer.send("kept")
    peer.finish()
    // Both directions have ended, which epoll can't be kept from saying: the bytes must not be lost for it.
    for _ in 0..<20 { recorder.loop.turn(patience: 1) }
    #expect(recorder.bytes.isEmpty)
    #expect(!recorder.events.contains("closed"))
    recorder.loop.resumeReading(connection)
    recorder.turn { recorder.events.contains("closed") }
    #expect(recorder.bytes == Array("kept".utf8))
    #expect(recorder.reasons == [.finished])
  }

  @Test func handsAConnectionOver() throws {
    let recorder = try Recorder()
    let (peer, connection) = try recorder.connectPeer()
    let detached = try #require(recorder.loop.detach(connection))
    #expect(recorder.loop.connectionCount == 0)
    #expect(!recorder.events.contains("closed"))
    let adopted = try #require(recorder.loop.adopt(detached))
    peer.send("again")
    recorder.turn { recorder.bytes.count == 5 }
    recorder.loop.send([1], to: adopted)
    #expect(recorder.loop.detach(adopted) == nil)
  }

  @Test func connects() throws {
    let recorder = try Recorder()
    let target = try Recorder()
    let connection = try recorder.loop.connect(to: SocketAddress(parsing: "127.0.0.1:\(target.port)"))
    recorder.loop.send(Array("hi".utf8), to: connection)
    recorder.turn { recorder.events.contains("connected") }
    target.turn {
      target.bytes.count == 2
        || recorder.loop.queuedBytes(connection) > 0
          && {
            recorder.loop.turn(patience: 0); return false
          }()
    }
    #expect(target.bytes == Array("hi".utf8))
  }

  @Test func saysWhenNobodyListens() throws {
    let recorder = try Recorder()
    let gone = try Recorder()
    gone.loop.closeListener(0)
    _ = try recorder.loop.connect(to: SocketAddress(parsing: "127.0.0.1:\(gone.port)"))
    recorder.turn { recorder.events.contains("closed") }
    #expect(recorder.reasons == [.failed(ECONNREFUSED)])
    #expect(!recorder.events.contains("connected"))
  }

  @Test func restsAtTheLimitAndAcceptsLater() throws {
    let recorder = try Recorder()
    recorder.loop.connectionLimit = 2
    let peers = try (0..<3).map { _ in try Peer(port: recorder.port) }
    recorder.turn { recorder.open.count == 2 }
    for _ in 0..<5 { recorder.loop.turn(patience: 1) }
    #expect(recorder.open.count == 2)
    peers[0].close()
    recorder.turn { recorder.events.contains("ended") }
    recorder.loop.close(recorder.open[0])
    recorder.turn { recorder.open.count == 3 }
  }

  @Test func survivesRunningOutOfDescriptors() async {
    await #expect(processExitsWith: .success) {
      var now: Int64 = 0
      let recorder = try Recorder(clock: { now })
      let peers = try (0..<4).map { _ in try Peer(port: recorder.port) }
      var limit = rlimit(rlim_cur: 0, rlim_max: 0)
      getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      let before = limit.rlim_cur
      // Use up what there is, then leave room for two.
      limit.rlim_cur = min(before, 512)
      setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      var used: [Int32] = []
      while true {
        let descriptor = dup(0)
        guard descriptor >= 0 else { break }
        used.append(descriptor)
      }
      for _ in 0..<2 { if let descriptor = used.popLast() { _ = Glibc.close(descriptor) } }
      recorder.turn { recorder.open.count == 2 }
      // The listener rests: with the clock standing still nothing more is accepted, and nothing spins.
      for _ in 0..<5 { recorder.loop.turn(patience: 1) }
      guard recorder.open.count == 2 else { exit(1) }
      limit.rlim_cur = before
      setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      now = 100
      recorder.turn { recorder.open.count == 4 }
      exit(recorder.open.count == peers.count ? 0 : 2)
    }
  }

  @Test func listensOnAUnixSocket() throws {
    let recorder = try Recorder()
    var template = Array("/tmp/onefin-XXXXXX".utf8CString)
    let folder = try #require(mkdtemp(&template)).withMemoryRebound(to: CChar.self, capacity: template.count) {
      String(cString: $0)
    }
    defer { rmdir(folder) }
    let path = folder + "/socket"
    defer { unlink(path) }
    for _ in 0..<2 { _ = try Recorder().loop.listen(on: SocketAddress(.unix(path))) }
    _ = try recorder.loop.listen(on: SocketAddress(.unix(path)))
    let client = try Recorder()
    _ = try client.loop.connect(to: SocketAddress(parsing: "unix:" + path))
    recorder.turn { recorder.events.contains("accepted") }
    client.turn { client.events.contains("connected") }
  }
}
