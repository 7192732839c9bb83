import Foundation
import NIOCore
import NIOPosix
import ServerKit
import Storage

/// Asks clamd whether a file holds a virus, by the command INSTREAM of its protocol (clamd(8)): the bytes go over the socket, so clamd needs no
/// access to our files.
struct VirusScanner: Sendable {
  /// Where clamd listens.
  enum Place: Sendable, Hashable {
    /// A socket of the file system.
    case path(String)
    /// A host and port.
    case host(HostPort)

    /// Reads `/run/clamav/clamd.ctl` or `HOST:PORT`; nil for anything else.
    init?(_ text: String) {
      if text.hasPrefix("/") {
        self = .path(text)
      } else if let host = HostPort(text) {
        self = .host(host)
      } else {
        return nil
      }
    }
  }

  /// What it found.
  enum Verdict: Sendable, Hashable {
    /// Nothing.
    case clean
    /// Something, by its name.
    case infected(String)
  }

  /// Why there is no verdict.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  let place: Place
  /// How long connecting may take.
  var connectTime: TimeAmount = .seconds(5)
  /// How long all of it may take.
  var time: Duration = .seconds(120)

  private static let piece = 65_536

  /// Throws: `Failure` when clamd is away, too slow, or refuses to look at a file of this size.
  func scan(_ file: UploadFile) async throws -> Verdict {
    let reply: String
    do {
      reply = try await withThrowingTaskGroup(of: String.self) { group in
        group.addTask { try await exchange(file) }
        group.addTask {
          try await Task.sleep(for: time)
          throw Failure(description: "clamd did not answer within \(time)")
        }
        defer { group.cancelAll() }
        guard let first = try await group.next() else { throw Failure(description: "no answer") }
        return first
      }
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure(description: "clamd is away: \(error)")
    }
    return try Self.verdict(reply)
  }

  /// `stream: OK`, `stream: NAME FOUND`, or a sentence that ends in ERROR. Throws: `Failure` for the last and for whatever else is said.
  static func verdict(_ reply: String) throws(Failure) -> Verdict {
    let text = reply.trimmingCharacters(in: CharacterSet(charactersIn: "\u{0}\n "))
    if text == "stream: OK" { return .clean }
    if text.hasPrefix("stream: "), text.hasSuffix(" FOUND") { return .infected(String(text.dropFirst(8).dropLast(6))) }
    throw Failure(description: "clamd says: \(text.prefix(200))")
  }

  private func exchange(_ file: UploadFile) async throws -> String {
    let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connectTimeout(connectTime)
    let prepare: @Sendable (any Channel) -> EventLoopFuture<NIOAsyncChannel<ByteBuffer, ByteBuffer>> = { channel in
      channel.eventLoop.makeCompletedFuture {
        try NIOAsyncChannel(wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
      }
    }
    let channel =
      switch place {
      case .path(let path): try await bootstrap.connect(unixDomainSocketPath: path, channelInitializer: prepare)
      case .host(let host): try await bootstrap.connect(host: host.host, port: host.port, channelInitializer: prepare)
      }
    return try await channel.executeThenClose { inbound, outbound in
      do {
        try await outbound.write(ByteBuffer(string: "zINSTREAM\u{0}"))
        var offset: Int64 = 0
        while true {
          let (start, count) = (offset, Self.piece)
          let bytes = try await BlobThreads.shared.run { () throws(BlobError) in try file.read(at: start, count: count) }
          var buffer = ByteBuffer()
          buffer.writeInteger(UInt32(bytes.count))
          buffer.writeBytes(bytes)
          try await outbound.write(buffer)
          // A piece of no bytes is the end.
          if bytes.isEmpty { break }
          offset += Int64(bytes.count)
        }
      } catch let error as BlobError {
        throw error
      } catch {
        // It may have said why it closed.
      }
      var reply = ByteBuffer()
      for try await part in inbound {
        guard reply.readableBytes + part.readableBytes <= 4096 else { break }
        reply.writeImmutableBuffer(part)
        if part.readableBytesView.contains(0) { break }
      }
      guard reply.readableBytes > 0 else { throw Failure(description: "clamd closed without an answer") }
      return String(buffer: reply)
    }
  }
}
