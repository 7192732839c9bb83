import Foundation
import Glibc
import Synchronization

/// A server on loopback that sends everybody away; connecting to it works.
final class Door {
  let port: Int
  private let socket: Int32
  private let visitors = Visitors()

  private final class Visitors: Sendable {
    let count = Atomic(0)
  }

  init() throws {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isOpen = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, length) == 0 && listen(socket, 8) == 0 && getsockname(socket, $0, &length) == 0
      }
    }
    guard isOpen else { throw ChildBench.Failure("no server") }
    (self.socket, port) = (socket, Int(UInt16(bigEndian: address.sin_port)))
    let visitors = visitors
    Thread.detachNewThread {
      while true {
        let visitor = accept(socket, nil, nil)
        guard visitor >= 0 else { break }
        visitors.count.add(1, ordering: .relaxed)
        close(visitor)
      }
      close(socket)
    }
  }

  /// Its thread ends, and closes it.
  deinit { shutdown(socket, Int32(SHUT_RDWR)) }

  /// Whether somebody has connected.
  var hasVisitor: Bool { visitors.count.load(ordering: .relaxed) > 0 }
}

/// The same as a local socket that anybody may connect to.
final class LocalDoor {
  let path: String
  private let socket: Int32

  init(_ path: String) throws {
    self.path = path
    socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else { throw ChildBench.Failure("the path is too long") }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    let isOpen = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0 && chmod(path, 0o777) == 0 && listen(socket, 8) == 0
      }
    }
    guard isOpen else { throw ChildBench.Failure("no local server") }
  }

  deinit { close(socket) }
}
