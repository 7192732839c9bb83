import Domain
import Reactor
import ServerKit
import SocketSupport
import Storage
import TestSupport
import Testing

@testable import ChatServer

/// The whole server with a certificate, over real sockets.
@Suite struct LiveTLSTests {
  /// Moves a client's bytes until something has happened. It must not take a minute, nor may the connection end before.
  private static func pump(_ peer: TLSPeer, until isDone: () -> Bool) async throws {
    let deadline = MonotonicClock.milliseconds + 60_000
    while !isDone() {
      try #require(peer.failure == nil && !peer.hasEnded && MonotonicClock.milliseconds < deadline)
      peer.stepSoon()
      await Task.yield()
    }
  }

  /// A client that has shaken hands, after sending `first` in the clear.
  private static func connect(_ server: LiveServer, first: [UInt8] = []) async throws -> TLSPeer {
    let peer = try TLSPeer(port: server.port)
    if !first.isEmpty { peer.peer.send(first) }
    peer.step()
    try await pump(peer) { peer.isDone }
    return peer
  }

  /// Asks for the upgrade; the answer's first line.
  private static func upgrade(_ peer: TLSPeer, _ token: SessionToken) async throws -> String {
    peer.send(Array(ConnectionFrontBench.request(["Authorization": "Bearer \(token.text)"]).utf8))
    peer.step()
    try await pump(peer) { String(decoding: peer.received, as: UTF8.self).contains("\r\n\r\n") }
    return String(String(decoding: peer.received, as: UTF8.self).prefix { $0 != "\r\n" })
  }

  @Test func readsTheCertificateAnewUnderOpenSockets() async throws {
    let fixture = try TLSFixture()
    let files = ["CHAT_TLS_CERTIFICATE": fixture.certificate, "CHAT_TLS_KEY": fixture.key]
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let (token, _) = try await database.makeToken(world.client)
      let server = try LiveServer.start(database, environment: files)
      let peer = try await Self.connect(server)
      #expect(peer.name == "first")
      let answer = try await Self.upgrade(peer, token)
      #expect(answer == "HTTP/1.1 101 Switching Protocols")
      try fixture.write(name: "second")
      server.application.reloadCertificate()
      var next = try await Self.connect(server)
      #expect(next.name == "second")
      try fixture.spoil(fixture.certificate, with: "no certificate")
      server.application.reloadCertificate()
      next = try await Self.connect(server)
      #expect(next.name == "second")
      // The socket has noticed nothing.
      peer.received = []
      peer.send(ConnectionPeer.frame(1, Array(#"{"id":1,"do":"inbox"}"#.utf8)))
      peer.step()
      try await Self.pump(peer) { String(decoding: peer.received, as: UTF8.self).contains(#""ok""#) }
      await server.application.stop()
      try await Self.pump(peer) { peer.hasNotified }
      #expect(peer.hasNotified)
    }
  }

  @Test func theClientsAddressReachesItsSession() async throws {
    let fixture = try TLSFixture()
    let environment = [
      "CHAT_TLS_CERTIFICATE": fixture.certificate, "CHAT_TLS_KEY": fixture.key, "CHAT_PROXY_PROTOCOL": "true",
      "ONEFIN_TRUSTED_PROXIES": "127.0.0.1",
    ]
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let (token, session) = try await database.makeToken(world.client)
      // A session's address is written down once a minute at most.
      try await database.owner.run { database in
        try database.execute("UPDATE session SET last_used_at = last_used_at - interval '1 hour' WHERE id = \(session)")
      }
      let server = try LiveServer.start(database, environment: environment)
      let client = ProxyHeader.Endpoint(try #require(IPAddress("203.0.113.77")), port: 4_660)
      let peer = try await Self.connect(server, first: ProxyHeader(client: client, server: client).encoded)
      let answer = try await Self.upgrade(peer, token)
      #expect(answer == "HTTP/1.1 101 Switching Protocols")
      let addresses: [String] = try await database.app.run { database in
        try database.rows("SELECT address FROM session WHERE id = \(session)").map { try $0["address"] }
      }
      #expect(addresses == ["203.0.113.77"])
      await server.application.stop()
    }
  }

  @Test func saysWhichFileCannotBeUsed() async throws {
    let fixture = try TLSFixture()
    try fixture.spoil(fixture.key, with: "no key")
    let files = ["CHAT_TLS_CERTIFICATE": fixture.certificate, "CHAT_TLS_KEY": fixture.key]
    try await withTestDatabase { database in
      let error = failure { _ = try LiveServer.start(database, environment: files) }
      let told = (error as? TLSContext.Failure)?.description ?? ""
      #expect(told.hasPrefix("the key \(fixture.key) cannot be used: "), "\(told)")
    }
  }
}
