import Domain
import Foundation
import HTTPTypes
import Storage
import TestSupport
import Testing

@testable import RestAPI

/// Takes every request of the access matrix that a role may make about its own things, puts ids of the other side into each of its fields, and
/// filters and cursors into each list: nobody but the admin reaches anything by that, and what is foreign answers as what is missing does.
@Suite struct AccessSubstitutionTests {
  /// The id that nothing has.
  static let missing: Int64 = 987_654_321

  /// Which of the other side's ids belong into a field of this name; nil for fields that are no ids.
  static func foreign(_ field: String, _ world: AccessWorld, document: DocumentID) -> Int64? {
    switch field {
    case "account", "accountant", "user", "person", "to", "holder": world.foreignAccountant.account.rawValue
    case "organisation", "organisations": world.there.id.rawValue
    case "department": world.there.department.rawValue
    case "topic", "topics": world.there.topic(.bank).rawValue
    case "document", "documents", "replaces": document.rawValue
    case "session": world.foreignClient.session.rawValue
    default: nil
    }
  }

  /// Every way of putting the other side's id, and a missing one, into one field of a body.
  static func variants(
    _ value: JSONValue, _ ids: (String) -> Int64?
  ) -> [(field: String, foreign: JSONValue, missing: JSONValue)] {
    guard case .object(let object) = value else { return [] }
    var found: [(String, JSONValue, JSONValue)] = []
    for (name, member) in object.sorted(by: { $0.key < $1.key }) {
      var changes: [(String, JSONValue, JSONValue)] = []
      switch member {
      case .integer:
        if let id = ids(name) { changes.append((name, .integer(id), .integer(missing))) }
      case .list(let list):
        if case .integer? = list.first, let id = ids(name) {
          changes.append((name, .list([.integer(id)]), .list([.integer(missing)])))
          changes.append((name + " beside own ones", .list(list + [.integer(id)]), .list(list + [.integer(missing)])))
        }
        for (index, item) in list.enumerated() {
          for inner in variants(item, ids) {
            var (foreign, absent) = (list, list)
            (foreign[index], absent[index]) = (inner.foreign, inner.missing)
            changes.append(("\(name).\(inner.field)", .list(foreign), .list(absent)))
          }
        }
      case .object:
        changes = variants(member, ids).map { ("\(name).\($0.field)", $0.foreign, $0.missing) }
      default: break
      }
      for (field, foreign, absent) in changes {
        var (first, second) = (object, object)
        (first[name], second[name]) = (foreign, absent)
        found.append((field, .object(first), .object(second)))
      }
    }
    return found
  }

  /// What answers for those ids that it may, and leaves the others out.
  static let leavingOut: Set<String> = ["/api/v1/topics/{id}/documents/links"]

  @Test("An id of the other side in a body is as unknown as one that nothing has", arguments: AccessCase.cases)
  func bodies(_ matrix: AccessCase) async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let document = try await world.newDocument(own: false)
      for role in AccessWorld.roles where role != .admin {
        let caller = world.person(role)
        let (path, body) = try await matrix.make(world, caller, true)
        guard let body, let value = Self.value(body) else { continue }
        for variant in Self.variants(value, { Self.foreign($0, world, document: document) }) {
          let place = "\(role.rawValue) \(matrix.method) \(path), \(variant.field)"
          let told = try await caller.send(matrix.method, path, variant.foreign.json, headers: matrix.headers)
          let missed = try await caller.send(matrix.method, path, variant.missing.json, headers: matrix.headers)
          let isRefused = !(200...299).contains(told.status)
          #expect(isRefused || Self.leavingOut.contains(matrix.template), "\(place): \(told.text)")
          #expect(
            told.status == missed.status && Self.steady(told.text) == Self.steady(missed.text),
            "\(place): \(told.text), \(missed.text)")
        }
      }
    }
  }

  /// What lists are narrowed by; a list that knows no such filter leaves it alone or refuses it, whatever the id is.
  private static let filters = [
    "account", "organisation", "department", "topic", "person", "document", "session", "cursor", "before", "ids",
  ]

  @Test("A filter or cursor of the other side shows nothing of it", arguments: AccessCase.cases.filter { $0.method == .get })
  func filters(_ matrix: AccessCase) async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let document = try await world.newDocument(own: false)
      for role in AccessWorld.roles where role != .admin {
        let caller = world.person(role)
        let (path, _) = try await matrix.make(world, caller, true)
        for filter in Self.filters where !path.contains("\(filter)=") {
          let field = filter == "ids" ? "document" : filter
          let id = Self.foreign(field, world, document: document) ?? document.rawValue
          let separator = path.contains("?") ? "&" : "?"
          let told = try await caller.send(.get, "\(path)\(separator)\(filter)=\(id)", headers: matrix.headers)
          let place = "\(role.rawValue) \(path), \(filter)"
          for secret in ["foreign-", "\"There\"", "\"Second\""] { #expect(!told.text.contains(secret), "\(place): \(told.text)") }
          guard filter != "cursor", filter != "before" else { continue }
          let missed = try await caller.send(.get, "\(path)\(separator)\(filter)=\(Self.missing)", headers: matrix.headers)
          #expect(told.status == missed.status, "\(place): \(told.text), \(missed.text)")
          #expect(Self.steady(told.text) == Self.steady(missed.text), "\(place)")
        }
      }
    }
  }

  /// Without what differs between two answers to the same question: times to the second, signatures, and of a file, which carries the time of its
  /// making in packed form, all but its beginning.
  private static func steady(_ text: String) -> String {
    if text.hasPrefix("PK") || text.hasPrefix("%PDF") { return String(text.prefix(2)) }
    return text.replacing(#/\d{4}-\d\d-\d\dT[0-9:.]+Z/#, with: "T").replacing(#/"(expires|signature|address)":[^,}]+/#, with: "S")
  }

  private static func value(_ body: String) -> JSONValue? {
    do { return try JSONDecoder().decode(JSONValue.self, from: Data(body.utf8)) } catch { return nil }
  }
}

extension JSONValue {
  /// As a request's body.
  var json: String {
    switch self {
    case .object(let object):
      "{" + object.sorted { $0.key < $1.key }.map { "\(JSONValue.text($0.key).json):\($0.value.json)" }.joined(separator: ",")
        + "}"
    case .list(let list): "[" + list.map(\.json).joined(separator: ",") + "]"
    case .text(let text): Self.quoted(text)
    case .integer(let number): String(number)
    case .number(let number): String(number)
    case .flag(let flag): flag ? "true" : "false"
    case .null: "null"
    }
  }

  private static func quoted(_ text: String) -> String {
    do { return String(decoding: try JSONEncoder().encode(text), as: UTF8.self) } catch { return "\"\"" }
  }
}
