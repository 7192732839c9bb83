import Domain
import Hummingbird
import ServerKit
import Storage

/// The routes about people that stand in files of their own.
enum PeopleRoutes {
  static func add(to table: inout RouteTable) {
    SecondFactorRoutes.add(to: &table)
    LinkRoutes.add(to: &table)
    SessionSettingsRoutes.add(to: &table)
    ClosingRoutes.add(to: &table)
    OrganisationBundleRoutes.add(to: &table)
    AssignmentPlanRoutes.add(to: &table)
    ImportRoutes.add(to: &table)
    // Once: what was confirmed stays, and confirming it again changes nothing.
    table.signedIn(.put, "/api/v1/me/notices/oversight", enrolling: true) { call in
      try await call.write { call, session in
        let isNew = try Acknowledgements.add(
          Acknowledgements.oversight, account: call.account, session: call.caller.live.id, in: session)
        if isNew {
          try ActionLog.append(
            "notice.acknowledge", by: call.actor, detail: ["notice": .text(Acknowledgements.oversight)], in: session)
        }
      }
      return .noContent
    }
  }
}
