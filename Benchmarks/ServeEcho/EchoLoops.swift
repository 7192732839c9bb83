import Reactor
import Synchronization
import WebSocketServer

/// The loops of the echo server, as they see each other.
final class EchoLoops: Sendable {
  typealias Loop = LoopThread<SocketDriver<EchoCrowd>>

  private let loops = Mutex<[Loop]>([])

  /// Starts `count` loops.
  ///
  /// - Throws: `SystemError` when the kernel has no descriptor or thread left.
  static func start(_ count: Int, limits: SocketLimits) throws -> EchoLoops {
    let all = EchoLoops()
    for index in 0..<count {
      let loop = try Loop(name: "echo-\(index)", index: UInt8(index + 1)) { loop in
        SocketDriver(loop: loop, limits: limits) { EchoCrowd($0, all, index: index) }
      }
      all.loops.withLock { $0.append(loop) }
    }
    return all
  }

  /// The doors of all loops.
  var entrances: [SocketEntrance<EchoPath>] { loops.withLock { $0.map { SocketEntrance($0.remote) } } }

  /// Sends a frame to the room's members on the other loops.
  func deliver(_ frame: Frame, from index: Int) {
    loops.withLock { loops in
      for place in loops.indices where place != index { loops[place].execute { $0.handler.deliver(frame) } }
    }
  }
}
