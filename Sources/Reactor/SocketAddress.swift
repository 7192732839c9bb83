import Glibc

/// The address of one end of a connection: IPv4, IPv6 or the path of a Unix socket.
public struct SocketAddress: Sendable, Equatable, CustomStringConvertible {
  /// What an address is made of.
  public enum Kind: Sendable, Equatable {
    /// Four bytes and a port.
    case v4([UInt8], port: UInt16)
    /// Sixteen bytes and a port.
    case v6([UInt8], port: UInt16)
    /// A path; empty for the nameless end of a connection.
    case unix(String)
  }

  /// The parts.
  public let kind: Kind

  /// Puts an address together.
  public init(_ kind: Kind) { self.kind = kind }

  /// Reads `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080` (asks the resolver, so only at start) or `unix:/path`.
  ///
  /// - Throws: `SystemError` (EINVAL) when it is none of these or the name is unknown.
  public init(parsing text: String) throws(SystemError) {
    if text.hasPrefix("unix:") {
      guard (1...107).contains(text.utf8.count - 5) else { throw SystemError("address \(text)", code: EINVAL) }
      self.init(.unix(String(text.dropFirst(5))))
      return
    }
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
      throw SystemError("address \(text)", code: EINVAL)
    }
    var host = String(text[..<colon])
    if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    guard !host.isEmpty, getaddrinfo(host, nil, &hints, &list) == 0, let first = list else {
      throw SystemError("address \(text)", code: EINVAL)
    }
    defer { freeaddrinfo(first) }
    var storage = sockaddr_storage()
    memcpy(&storage, first.pointee.ai_addr, Int(first.pointee.ai_addrlen))
    switch SocketAddress(storage).kind {
    case .v4(let bytes, _): self.init(.v4(bytes, port: port))
    case .v6(let bytes, _): self.init(.v6(bytes, port: port))
    case .unix: throw SystemError("address \(text)", code: EINVAL)
    }
  }

  init(_ storage: sockaddr_storage) {
    var storage = storage
    self = withUnsafeBytes(of: &storage) { bytes in
      let port = UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
      switch Int32(bytes.load(as: sa_family_t.self)) {
      case AF_INET: return SocketAddress(.v4(Array(bytes[4..<8]), port: port))
      case AF_INET6: return SocketAddress(.v6(Array(bytes[8..<24]), port: port))
      default: return SocketAddress(.unix(String(decoding: bytes[2..<110].prefix { $0 != 0 }, as: UTF8.self)))
      }
    }
  }

  var family: Int32 {
    switch kind {
    case .v4: AF_INET
    case .v6: AF_INET6
    case .unix: AF_UNIX
    }
  }

  /// The port; 0 for a Unix socket.
  public var port: UInt16 {
    switch kind {
    case .v4(_, let port), .v6(_, let port): port
    case .unix: 0
    }
  }

  /// The address without the port, as text. IPv4 that came over an IPv6 socket is written as IPv4.
  public var host: String {
    switch kind {
    case .v4(let bytes, _): return bytes.map(String.init).joined(separator: ".")
    case .v6(let bytes, _):
      if bytes.prefix(12) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF] {
        return bytes.suffix(4).map(String.init).joined(separator: ".")
      }
      var text = [CChar](repeating: 0, count: 64)
      var bytes = bytes
      inet_ntop(AF_INET6, &bytes, &text, 64)
      return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    case .unix(let path): return path.isEmpty ? "unix" : path
    }
  }

  /// What `init(parsing:)` reads.
  public var description: String {
    switch kind {
    case .v4: "\(host):\(port)"
    case .v6: host.contains(".") && !host.contains(":") ? "\(host):\(port)" : "[\(host)]:\(port)"
    case .unix(let path): "unix:\(path)"
    }
  }

  /// Lends the kernel's form of the address.
  func withKernelForm<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    var storage = sockaddr_storage()
    storage.ss_family = sa_family_t(family)
    let size: Int
    switch kind {
    case .v4(let bytes, let port): size = Self.fill(&storage, bytes, at: 4, port: port, size: 16)
    case .v6(let bytes, let port): size = Self.fill(&storage, bytes, at: 8, port: port, size: 28)
    case .unix(let path):
      let bytes = Array(path.utf8.prefix(107))
      withUnsafeMutableBytes(of: &storage) { $0[2...].copyBytes(from: bytes) }
      size = 2 + bytes.count + 1
    }
    return withUnsafePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(size)) }
    }
  }

  private static func fill(_ storage: inout sockaddr_storage, _ bytes: [UInt8], at offset: Int, port: UInt16, size: Int) -> Int {
    withUnsafeMutableBytes(of: &storage) { target in
      target.storeBytes(of: port.bigEndian, toByteOffset: 2, as: UInt16.self)
      UnsafeMutableRawBufferPointer(rebasing: target[offset...]).copyBytes(from: bytes)
    }
    return size
  }

  /// Asks the kernel for an end of a socket.
  static func of(_ descriptor: Int32, _ call: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32)
    -> SocketAddress?
  {
    var storage = sockaddr_storage()
    var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let result = withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { call(descriptor, $0, &size) }
    }
    return result == 0 ? SocketAddress(storage) : nil
  }
}
