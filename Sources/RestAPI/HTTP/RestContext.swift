import Foundation
import Hummingbird
import Logging
import NIOCore
import ServerKit

/// What is known of a request apart from the request itself.
struct RestContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  /// Where the connection comes from: the PROXY header's word when there is one, else the socket's. Never a header of the client.
  let peer: String
  /// The client's address: the peer, or what a trusted proxy says of it. Set by `EnvelopeMiddleware`.
  var address: String
  /// Whether the browser spoke HTTPS, as the PROXY header or a trusted proxy says. Set by `EnvelopeMiddleware`.
  var isSecure: Bool
  /// The request's name in the logs. Set by `EnvelopeMiddleware`.
  var requestID: ServerKit.RequestID

  init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    peer = ClientAddress.current?.text ?? source.channel.remoteAddress?.ipAddress ?? ""
    isSecure = ClientAddress.current?.isSecure ?? false
    address = peer
    requestID = ServerKit.RequestID()
  }

  /// JSON bodies are small; uploads have a door of their own (`RouteTable.streams`).
  var maxUploadSize: Int { 64 << 10 }
}
