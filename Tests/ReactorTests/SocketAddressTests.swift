import Glibc
import Reactor
import SocketSupport
import Testing

@Suite struct SocketAddressTests {
  @Test(arguments: ["127.0.0.1:8080", "[::1]:80", "[2001:db8::5]:65535", "unix:/run/onefin.sock", "0.0.0.0:0"])
  func readsAndPrints(text: String) throws { #expect(try SocketAddress(parsing: text).description == text) }

  @Test(arguments: ["", ":80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:70000", "127.0.0.1:-1", "unix:"])
  func refuses(text: String) { #expect(throws: SystemError.self) { try SocketAddress(parsing: text) } }

  @Test func printsMappedAddressesAsIPv4() {
    let mapped = SocketAddress(.v6([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 1, 2, 3], port: 5))
    #expect(mapped.host == "10.1.2.3")
    #expect(mapped.description == "10.1.2.3:5")
  }

  @Test func saysWhereAListenerIs() throws {
    let recorder = try Recorder()
    let (peer, connection) = try recorder.connectPeer()
    #expect(recorder.loop.localAddress(connection)?.description == "127.0.0.1:\(recorder.port)")
    #expect(recorder.loop.peerAddress(connection)?.host == "127.0.0.1")
    peer.close()
  }
}
