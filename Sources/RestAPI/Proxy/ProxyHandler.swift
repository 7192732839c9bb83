import Logging
import NIOCore
import ServerKit

/// First in the pipeline: takes the PROXY header off the connection's first bytes and passes the rest on. A connection without a well-formed one
/// is closed without an answer, as the protocol demands.
final class ProxyHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private let address: ClientAddress
  private let logger: Logger
  private var waiting: ByteBuffer?
  private var isDone = false

  init(address: ClientAddress, logger: Logger) {
    self.address = address
    self.logger = logger
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isDone else {
      context.fireChannelRead(data)
      return
    }
    var buffer = unwrapInboundIn(data)
    if var waiting {
      waiting.writeBuffer(&buffer)
      buffer = waiting
    }
    switch ProxyHeader.read(buffer.readableBytesView) {
    case .incomplete:
      waiting = buffer
    case .malformed:
      isDone = true
      waiting = nil
      logger.warning("Connection without a PROXY header refused; REST_PROXY_PROTOCOL=false would take it")
      context.close(promise: nil)
    case .complete(let header, let length):
      isDone = true
      waiting = nil
      address.set(header.client?.address.description ?? context.remoteAddress?.ipAddress, isSecure: header.isSecure)
      buffer.moveReaderIndex(forwardBy: length)
      if buffer.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(buffer)) }
    }
  }
}
