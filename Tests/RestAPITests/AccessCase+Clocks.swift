import Domain
import HTTPTypes
import Storage
import TestSupport

@testable import RestAPI

extension AccessCase {
  static let clockCases: [AccessCase] = [
    AccessCase(.get, "/api/v1/notifications", own: all(200)) { _, _, _ in ("/api/v1/notifications", nil) },
    // Another's line is passed over like one that doesn't exist.
    AccessCase(.post, "/api/v1/notifications/read", own: all(200), foreign: all(200)) { world, caller, own in
      let account = own ? caller.account : world.foreignClient.account
      let id = try await world.bench.database.app.transaction { try Notifications.add(to: account, kind: .caseSilent, in: $0) }
      return ("/api/v1/notifications/read", #"{"ids":[\#(id)]}"#)
    },
    AccessCase(.get, "/api/v1/queue", own: only(200, 0, 1, 2)) { _, _, _ in ("/api/v1/queue", nil) },
    AccessCase(.get, "/api/v1/unanswered", own: only(200, 0, 1, 2)) { _, _, _ in ("/api/v1/unanswered", nil) },
    AccessCase(.get, "/api/v1/settings/calendar", own: only(200, 0)) { _, _, _ in ("/api/v1/settings/calendar?year=2026", nil) },
    AccessCase(.put, "/api/v1/settings/calendar/week", own: only(200, 0)) { _, _, _ in
      ("/api/v1/settings/calendar/week", #"{"version":0,"weekly":[["09:00-13:00","14:00-18:00"],[],[],[],[],[],[]]}"#)
    },
    AccessCase(.put, "/api/v1/settings/calendar/years/{year}", own: only(200, 0)) { _, _, _ in
      (
        "/api/v1/settings/calendar/years/2027",
        #"{"version":0,"days":[{"date":"2027-03-21","name":"navruz","shifts":[]},{"date":"2027-03-27","shifts":["09:00-14:00"]}]}"#
      )
    },
    AccessCase(.get, "/api/v1/settings/targets", own: only(200, 0)) { _, _, _ in ("/api/v1/settings/targets", nil) },
    AccessCase(.put, "/api/v1/settings/targets/warning", own: only(200, 0)) { _, _, _ in
      ("/api/v1/settings/targets/warning", #"{"version":0,"percent":40}"#)
    },
    AccessCase(.put, "/api/v1/settings/targets/topics/{kind}", own: only(200, 0)) { _, _, _ in
      ("/api/v1/settings/targets/topics/bank", #"{"minutes":60}"#)
    },
    AccessCase(.put, "/api/v1/settings/targets/clients/{id}", own: only(200, 0), foreign: only(200, 0)) { world, _, own in
      ("/api/v1/settings/targets/clients/\(own ? world.here.id : world.there.id)", #"{"minutes":30}"#)
    },
    AccessCase(
      .post, "/api/v1/assignments/{id}/reassign", own: only(201, 0, 1), foreign: [201, 404, 403, 403, 403, 403, 403, 403, 403]
    ) { world, _, own in
      let place = own ? world.here : world.there
      let old = try await world.bench.database.makeAccount("old\(fresh())")
      let id = try await world.bench.database.makeAssignment(old, organisation: place.id)
      let next = own ? world.person(.accountant).account : world.foreignAccountant.account
      return ("/api/v1/assignments/\(id)/reassign", #"{"account":\#(next)}"#)
    },
  ]
}
