import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1

/// Hummingbird's HTTP/1.1 channel with the PROXY handler before it and the head's timer in it.
struct ClientChannel: ServerChildChannel {
  /// A connection and where its client's address is kept.
  struct Value: ServerChildChannelValue {
    let http: HTTP1Channel.Value
    let address: ClientAddress

    var channel: any Channel { http.channel }
  }

  let http: HTTP1Channel
  /// Whether connections begin with a PROXY header.
  let isProxied: Bool
  /// How long a new connection may take for its first head.
  let firstHead: TimeAmount
  /// How long an open one may take for the next.
  let nextHead: TimeAmount

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    let address = ClientAddress()
    return channel.eventLoop.makeCompletedFuture {
      guard isProxied else { return }
      try channel.pipeline.syncOperations.addHandler(ProxyHandler(address: address, logger: logger), position: .first)
    }.flatMap {
      http.setup(channel: channel, logger: logger)
    }.flatMapThrowing { value in
      let pipeline = channel.pipeline.syncOperations
      let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
      try pipeline.addHandler(HeadTimer(first: firstHead, next: nextHead), position: .after(decoder))
      return Value(http: value, address: address)
    }
  }

  func handle(value: Value, logger: Logger) async {
    await ClientAddress.$current.withValue(value.address) {
      await http.handle(value: value.http, logger: logger)
    }
  }
}
