import Glibc
import Reactor

/// The other end of a connection: a plain blocking socket, non-blocking where a test says so.
package final class Peer {
  package private(set) var descriptor: Int32

  package init(descriptor: Int32) { self.descriptor = descriptor }

  /// Connects to a listener of this process; the kernel answers without the loop.
  package init(port: UInt16, receiveBuffer: Int32? = nil) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    if var size = receiveBuffer { setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, 4) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, 16) }
    }
    guard result == 0 else { throw SystemError("connect") }
  }

  /// Two connected sockets.
  package static func pair() -> (Peer, Int32) {
    var descriptors: [Int32] = [0, 0]
    socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &descriptors)
    return (Peer(descriptor: descriptors[0]), descriptors[1])
  }

  package func send(_ bytes: [UInt8]) { _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }
  package func send(_ text: String) { send(Array(text.utf8)) }
  package func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// What has come so far; nil when the other side has ended.
  package func receive() -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
    return count == 0 ? nil : Array(buffer.prefix(max(0, count)))
  }

  /// Closes with RST instead of FIN.
  package func reset() {
    var option = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    close()
  }

  package func close() {
    if descriptor >= 0 { _ = Glibc.close(descriptor) }
    descriptor = -1
  }

  deinit { close() }
}
