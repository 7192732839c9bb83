import Domain
import Logging
import ServerKit
import Storage

/// Trying on what isn't one's own is seen by the admin: it is counted per session, and written down at most once a minute.
extension Hub {
  /// Tells somebody that a request is refused.
  func refuse(_ id: Int64?, _ error: DomainError, _ socket: HubSocket) {
    send(Answer.refusal(id, error), socket)
    guard error.code == .notFound || error.code == .forbidden else { return }
    let refused = RefusedAccess(
      account: socket.account, session: socket.identity.session, address: AddressGroup.name(of: socket.identity.address),
      what: "chat: \(error.message)",
      code: error.code.rawValue)
    if let row = refusals.note(refused, at: clock.now()) { writeDown([row]) }
  }

  /// Writes down what was only counted so far and whose minute is over.
  func writeRefusals() {
    let rows = refusals.due(at: clock.now())
    if !rows.isEmpty { writeDown(rows) }
  }

  private func writeDown(_ rows: [RefusalTally<RefusedAccess>.Row]) {
    services.database.submit(
      { session in
        try session.transaction { for row in rows { try ActionLog.append(row.key, count: row.count, in: session) } }
      },
      completion: { [services] result in
        // Whoever was refused has been told so all the same.
        if case .failure(let error) = result {
          services.logger.warning("A refusal could not be written down", metadata: ["error": "\(error)"])
        }
      })
  }
}
