import Reactor
import WebSocketProtocol
import WebSocketServer

/// What a client asked for by its request's path.
enum EchoPath: String, Sendable {
  /// Each message comes back.
  case echo = "/echo"
  /// Each message goes to everybody who is connected to this path, over all loops.
  case room = "/room"
  /// Nothing is answered.
  case idle = "/idle"
}

/// The application of one loop: echoes, a room, and those who only hold their connection.
final class EchoCrowd: SocketHandler {
  private let sockets: SocketTable
  private let others: EchoLoops
  private let index: Int
  private var paths: [SocketID: EchoPath] = [:]
  private var members: [SocketID] = []

  /// - Parameters:
  ///   - sockets: the loop's sockets.
  ///   - others: the way to the other loops' crowds.
  ///   - index: this loop's place among them.
  init(_ sockets: SocketTable, _ others: EchoLoops, index: Int) {
    (self.sockets, self.others, self.index) = (sockets, others, index)
  }

  func opened(_ socket: SocketID, _ path: EchoPath) {
    // Whoever is in no table echoes: the case that is measured needs no look-up, and an idle connection costs what the engine costs.
    switch path {
    case .echo: break
    case .room:
      paths[socket] = .room
      members.append(socket)
    case .idle: paths[socket] = .idle
    }
  }

  func received(_ socket: SocketID, text: UnsafeRawBufferPointer) { answer(socket, .text, text) }

  func received(_ socket: SocketID, binary: UnsafeRawBufferPointer) -> Bool {
    answer(socket, .binary, binary)
    return true
  }

  func drained(_ socket: SocketID) {}

  func closed(_ socket: SocketID) {
    if paths.removeValue(forKey: socket) == .room { members.removeAll { $0 == socket } }
  }

  /// Sends a frame of the room to its members on this loop.
  func deliver(_ frame: Frame) {
    for member in members { sockets.write(frame, to: member) }
  }

  private func answer(_ socket: SocketID, _ opcode: Opcode, _ bytes: UnsafeRawBufferPointer) {
    guard !paths.isEmpty, let path = paths[socket] else { return sockets.write(opcode, copying: bytes, to: socket) }
    guard path == .room else { return }
    let frame = Frame(opcode, count: bytes.count) { $0.copyMemory(from: bytes) }
    deliver(frame)
    others.deliver(frame, from: index)
  }
}
