/// One byte socket of a loop: plain memory, reached by pointer.
struct Connection {
  struct Flags: OptionSet {
    let rawValue: UInt16
    /// The slot is in use.
    static let isOpen = Flags(rawValue: 1)
    /// A connect is on the way.
    static let isConnecting = Flags(rawValue: 2)
    /// The owner wants bytes.
    static let isReading = Flags(rawValue: 4)
    /// The peer has sent FIN.
    static let inputEnded = Flags(rawValue: 8)
    /// FIN is to follow the queue.
    static let finishes = Flags(rawValue: 16)
    /// FIN is out.
    static let outputEnded = Flags(rawValue: 32)
    /// The kernel would not take all; EPOLLOUT tells when it does.
    static let isBacklogged = Flags(rawValue: 64)
    /// To be closed at the end of the tick.
    static let isClosing = Flags(rawValue: 128)
    /// In the list of what the end of the tick looks at.
    static let isDirty = Flags(rawValue: 256)
    /// Known to epoll.
    static let isRegistered = Flags(rawValue: 512)
    /// TLS: the handshake isn't done; nothing is sent or handed on.
    static let isHandshaking = Flags(rawValue: 1_024)
    /// TLS: reading, or the handshake, goes on when the kernel takes bytes.
    static let inputWaitsForOutput = Flags(rawValue: 2_048)
    /// TLS: bytes have gone in or out since buffers were looked at.
    static let isWarm = Flags(rawValue: 4_096)
    /// TLS: in the list of those that may have bytes which epoll doesn't know of.
    static let isUnread = Flags(rawValue: 8_192)
  }

  var descriptor: Int32 = -1
  var generation: UInt32 = 0
  var interest: UInt32 = 0
  var flags: Flags = []
  var queue = OutboundQueue()
  var reason = Disconnect.local
  /// OpenSSL's side of the connection; nil when it is plain.
  var tls: OpaquePointer?
}
