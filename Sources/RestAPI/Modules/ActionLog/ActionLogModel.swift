import Domain
import Hummingbird
import Storage

/// All names of actions, as answers carry them.
struct ActionNamesAnswer: Encodable {
  let names: [String]
  /// Whether a signed bundle can be made here.
  let signs: Bool
}

extension ActionFilter {
  /// Reads it from an address. Throws: 422 for what can't be a filter.
  init(_ call: Call) throws(Problem) {
    self.init(
      account: try call.query("account").map { AccountID($0) }, action: call.word("action"),
      subject: try call.query("subject").map { AccountID($0) },
      organisation: try call.query("organisation").map { OrganisationID($0) },
      address: call.word("address"), from: try call.day("from")?.startInTashkent,
      until: try call.day("until")?.advanced(by: 1).startInTashkent)
    if let action, !ActionName.all.contains(action) { throw .invalid(["action": "invalid"]) }
    if let address, address.utf8.count > 64 { throw .invalid(["address": "invalid"]) }
  }
}

extension Call {
  /// A text of the query; nil when it is absent or empty.
  fileprivate func word(_ name: String) -> String? {
    guard let text = request.uri.queryParameters[Substring(name)], !text.isEmpty else { return nil }
    return String(text)
  }

  /// A day of the query. Throws: 422 when it is there and isn't YYYY-MM-DD.
  fileprivate func day(_ name: String) throws(Problem) -> LocalDate? {
    guard let text = word(name) else { return nil }
    guard let day = LocalDate(text) else { throw .invalid([name: "invalid"]) }
    return day
  }

  /// The place where the page begins. Throws: 422 when it isn't one that a page gave.
  func actionCursor() throws(Problem) -> ActionCursor? {
    guard let text = word("cursor") else { return nil }
    guard let cursor = ActionCursor(text) else { throw .invalid(["cursor": "invalid"]) }
    return cursor
  }

  /// How many rows: 1 to 500, 100 when nothing is said. Throws: 422.
  func actionLimit() throws(Problem) -> Int {
    let limit = try query("limit") ?? 100
    guard limit <= ActionLog.maximumPage else { throw .invalid(["limit": "invalid"]) }
    return Int(limit)
  }
}
