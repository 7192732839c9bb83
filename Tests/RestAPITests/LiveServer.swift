import Hummingbird
import NIOCore
import NIOPosix
import ServiceLifecycle
import Testing

@testable import RestAPI

/// RestAPI on a real socket, spoken to in bytes.
struct LiveServer: Sendable {
  let port: Int
  let group: ServiceGroup

  static func run<Value: Sendable>(
    _ services: RestServices, headTime: TimeAmount = RestServer.headTime,
    _ body: @escaping @Sendable (LiveServer) async throws -> Value
  ) async throws -> Value {
    let (ports, found) = AsyncStream.makeStream(of: Int.self)
    let application = RestServer.application(services, headTime: headTime) { channel in
      found.yield(channel.localAddress?.port ?? 0)
    }
    let group = ServiceGroup(configuration: ServiceGroupConfiguration(services: [application], logger: services.logger))
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await group.run() }
      var iterator = ports.makeAsyncIterator()
      let port = try #require(await iterator.next())
      do {
        let value = try await body(LiveServer(port: port, group: group))
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
        return value
      } catch {
        await group.triggerGracefulShutdown()
        throw error
      }
    }
  }

  /// Sends the pieces one after the other, then what `last` gives, and reads until the server closes, or what `enough` says has come.
  /// When it is `breaking`, nothing is read: the connection is closed instead.
  func exchange(
    _ pieces: [[UInt8]], last: (@Sendable () async throws -> [UInt8])? = nil,
    until enough: @escaping @Sendable (String) -> Bool = { _ in false }, breaking: Bool = false
  ) async throws -> String {
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(host: "127.0.0.1", port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    return try await channel.executeThenClose { inbound, outbound in
      for piece in pieces { try await outbound.write(ByteBuffer(bytes: piece)) }
      if let last { try await outbound.write(ByteBuffer(bytes: try await last())) }
      var text = ""
      if breaking { return text }
      for try await part in inbound {
        text += String(buffer: part)
        if enough(text) { break }
      }
      return text
    }
  }
}

/// A request in bytes, after which the server closes.
func request(_ head: String, _ headers: [String] = [], body: String = "") -> [UInt8] {
  let lines =
    [head, "Host: localhost", "Connection: close"] + headers + (body.isEmpty ? [] : ["Content-Length: \(body.utf8.count)"])
  return Array((lines.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8)
}
