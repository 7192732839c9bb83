import NIOCore
import NIOHTTP1

/// Closes a connection that owes the head of a request for too long: a new one that says nothing or dribbles, and a kept one that isn't used. The
/// time runs from the connection's beginning or its last answer, and a byte now and then doesn't move it.
final class HeadTimer: ChannelDuplexHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart
  typealias OutboundOut = HTTPServerResponsePart

  private let first: TimeAmount
  private let next: TimeAmount
  private var unanswered = 0
  private var timer: Scheduled<Void>?

  /// - Parameters:
  ///   - first: the time for the first head.
  ///   - next: the time from an answer to the next head.
  init(first: TimeAmount, next: TimeAmount) {
    self.first = first
    self.next = next
  }

  func handlerAdded(context: ChannelHandlerContext) { start(first, context) }
  func handlerRemoved(context: ChannelHandlerContext) { timer?.cancel() }

  func channelInactive(context: ChannelHandlerContext) {
    timer?.cancel()
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if case .head = unwrapInboundIn(data) {
      unanswered += 1
      timer?.cancel()
    }
    context.fireChannelRead(data)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    if case .end = unwrapOutboundIn(data) {
      unanswered -= 1
      if unanswered <= 0 { start(next, context) }
    }
    context.write(data, promise: promise)
  }

  private func start(_ time: TimeAmount, _ context: ChannelHandlerContext) {
    timer?.cancel()
    let context = NIOLoopBound(context, eventLoop: context.eventLoop)
    timer = context.value.eventLoop.scheduleTask(in: time) { context.value.close(promise: nil) }
  }
}
