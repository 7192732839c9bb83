import HummingbirdCore
import Logging
import NIOCore

/// Hummingbird's HTTP/1.1 channel with the PROXY handler before it.
struct ProxyChannel: ServerChildChannel {
  /// A connection and where its client's address is kept.
  struct Value: ServerChildChannelValue {
    let http: HTTP1Channel.Value
    let address: ClientAddress

    var channel: any Channel { http.channel }
  }

  let http: HTTP1Channel

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    let address = ClientAddress()
    return channel.eventLoop.makeCompletedFuture {
      try channel.pipeline.syncOperations.addHandler(ProxyHandler(address: address, logger: logger), position: .first)
    }.flatMap {
      http.setup(channel: channel, logger: logger)
    }.map { Value(http: $0, address: address) }
  }

  func handle(value: Value, logger: Logger) async {
    await ClientAddress.$current.withValue(value.address) {
      await http.handle(value: value.http, logger: logger)
    }
  }
}
