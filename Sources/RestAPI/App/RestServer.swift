import Domain
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServerKit
import Storage

/// Puts RestAPI together.
enum RestServer {
  /// How long a connection may be idle between requests.
  private static let idleTime: TimeAmount = .seconds(75)
  /// How long a new connection may take to send its first request's head.
  static let headTime: TimeAmount = .seconds(15)
  /// Connections at once. Past it they wait unanswered, so it is well above what the front tunnels at most: that answers 503 at 1500.
  private static let maximumConnections = 4096

  /// The router with all routes, and the list of them.
  static func routes(_ services: RestServices) -> (router: Router<RestContext>, table: RouteTable) {
    let router = Router(context: RestContext.self, options: [.autoGenerateHeadEndpoints])
    router.add(
      middleware: EnvelopeMiddleware(
        proxies: TrustedProxies(services.configuration.shared.trustedProxies), metrics: services.metrics))
    router.add(middleware: PagesMiddleware(files: PageFiles(root: services.configuration.webRoot)))
    var table = RouteTable(router: router, services: services)
    SiteRoutes.add(to: &table)
    SessionRoutes.add(to: &table)
    MeRoutes.add(to: &table)
    NotificationRoutes.add(to: &table)
    ClockRoutes.add(to: &table)
    UnansweredRoutes.add(to: &table)
    DepartmentRoutes.add(to: &table)
    OrganisationRoutes.add(to: &table)
    UserRoutes.add(to: &table)
    AssignmentRoutes.add(to: &table)
    UploadRoutes.add(to: &table)
    DocumentRoutes.add(to: &table)
    VerificationRoutes.add(to: &table)
    SettingsRoutes.add(to: &table)
    PeopleRoutes.add(to: &table)
    ActionLogRoutes.add(to: &table)
    IntegrityRoutes.add(to: &table)
    GhostRoutes.add(to: &table)
    ErasureRoutes.add(to: &table)
    LegalHoldRoutes.add(to: &table)
    JoiningRoutes.add(to: &table)
    FiguresRoutes.add(to: &table)
    BonusRoutes.add(to: &table)
    table.refuseOtherMethods()
    return (router, table)
  }

  /// The application, ready to run.
  static func application(
    _ services: RestServices, headTime: TimeAmount = headTime,
    onRunning: @escaping @Sendable (any Channel) async -> Void = { _ in }
  ) -> Application<RouterResponder<RestContext>> {
    let configuration = services.configuration
    let http = HTTP1Channel.Configuration(
      idleTimeout: idleTime,
      httpDecoderConfiguration: .init(maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 100))
    let isProxied = configuration.proxyProtocol
    let server = HTTPServerBuilder { responder in
      ClientChannel(
        http: HTTP1Channel(responder: responder, configuration: http), isProxied: isProxied, firstHead: headTime,
        nextHead: idleTime)
    }
    return Application(
      router: routes(services).router, server: server,
      configuration: ApplicationConfiguration(
        address: .hostname(configuration.listen.host, port: configuration.listen.port), serverName: nil,
        availableConnectionsDelegate: MaximumAvailableConnections(maximumConnections)),
      onServerRunning: onRunning, logger: services.logger)
  }
}
