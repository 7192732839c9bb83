import Domain
import Storage

/// A table of companies against those that there are.
struct OrganisationImport: Sendable {
  static let columns: [String: Set<String>] = [
    "name": ["name", "nomi", "korxona", "tashkilot", "название", "организация", "наименование", "company", "organisation"],
    "stir": ["stir", "inn", "стир", "инн", "tin"],
    "department": ["department", "bolim", "отдел", "бўлим", "bölim"],
  ]
  static let required = ["name", "department"]

  private enum Step: Sendable {
    case create(name: String, stir: String?, department: DepartmentID)
    case update(Organisations.Record, name: String?, stir: String?, department: DepartmentID?)
  }

  let lines: [JudgedLine]
  private let steps: [Step]

  /// Judges every line. A company is known by its STIR, and without one by its name.
  ///
  /// Throws: `DatabaseError`.
  init(_ table: ImportTable, for viewer: Viewer, in session: Session) throws {
    var (departments, byName) = (ImportNames<Int>(), ImportNames<Int>())
    let named = try Organisations.departments(for: viewer, in: session)
    for (index, department) in named.enumerated() { departments.add(index, as: department.name) }
    let known = try Organisations.list(for: viewer, limit: 100_000, in: session).items
    for (index, record) in known.enumerated() { byName.add(index, as: record.name) }
    let bySTIR = Dictionary(
      known.compactMap { record in record.stir.map { ($0, record) } }, uniquingKeysWith: { first, _ in first })
    var lines: [JudgedLine] = []
    var steps: [Step] = []
    var (names, stirs): (Set<String>, Set<String>) = ([], [])
    for line in table.lines {
      let name = line.cells["name"] ?? ""
      let stir = line.cells["stir"].map { $0.filter { !$0.isWhitespace } } ?? ""
      var problems: [String: String] = [:]
      if name.isEmpty { problems["name"] = "required" }
      if name.unicodeScalars.count > 200 { problems["name"] = "too_long" }
      if name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) { problems["name"] = "invalid" }
      if !stir.isEmpty && !NewOrganisation.isSTIR(stir) { problems["stir"] = "stir" }
      let place = departments.find(line.cells["department"] ?? "")
      let department = place.value.map { named[$0] }
      problems["department"] = place.problem
      if !name.isEmpty && !names.insert(ImportTable.folded(name)).inserted { problems["name"] = "twice" }
      if !stir.isEmpty && !stirs.insert(stir).inserted { problems["stir"] = "twice" }
      let (same, sameProblem) = byName.find(name)
      let namesake = same.map { known[$0] }
      let found = stir.isEmpty ? namesake : bySTIR[stir] ?? (namesake?.stir == nil ? namesake : nil)
      if let namesake, namesake.id != found?.id { problems["name"] = "taken" }
      // A tax number tells which of several is meant, as long as its name is no other's.
      if sameProblem == "ambiguous" && found?.name != name { problems["name"] = "ambiguous" }
      if found?.closedAt != nil { problems["name"] = "closed" }
      guard problems.isEmpty, let department else {
        lines.append(JudgedLine(number: line.number, effect: .error, title: name, problems: problems))
        continue
      }
      guard let found else {
        steps.append(.create(name: name, stir: stir.isEmpty ? nil : stir, department: department.id))
        lines.append(JudgedLine(number: line.number, effect: .create, title: name, about: [department.id.rawValue]))
        continue
      }
      var changes: [String] = []
      if found.name != name { changes.append("name: \(found.name) → \(name)") }
      if !stir.isEmpty && found.stir != stir { changes.append("stir: \(found.stir ?? "–") → \(stir)") }
      if found.department.id != department.id { changes.append("department: \(found.department.name) → \(department.name)") }
      if !changes.isEmpty {
        steps.append(
          .update(
            found, name: found.name == name ? nil : name, stir: stir.isEmpty || found.stir == stir ? nil : stir,
            department: found.department.id == department.id ? nil : department.id))
      }
      lines.append(
        JudgedLine(
          number: line.number, effect: changes.isEmpty ? .same : .update, title: name, changes: changes,
          about: [found.id.rawValue, department.id.rawValue]))
    }
    (self.lines, self.steps) = (lines, steps)
  }

  /// Does what the lines say. Inside `AccessChange.run`. Throws: `DatabaseError`.
  func apply(_ call: SignedCall, in session: Session) throws {
    for step in steps {
      switch step {
      case .create(let name, let stir, let department):
        let id = try Organisations.create(name: name, stir: stir, department: department, in: session)
        try ActionLog.append(
          "organisation.create", by: call.actor, organisation: id, detail: try change(of: id, from: nil, call, session),
          written: .organisation(id), in: session)
      case .update(let before, let name, let stir, let department):
        try Organisations.update(before.id, name: name, stir: stir, department: department, in: session)
        try ActionLog.append(
          "organisation.update", by: call.actor, organisation: before.id,
          detail: try change(of: before.id, from: before, call, session), written: .organisation(before.id), in: session)
      }
    }
  }

  private func change(
    of id: OrganisationID, from before: Organisations.Record?, _ call: SignedCall, _ session: Session
  ) throws -> [String: ActionLog.Value] {
    let after = try Organisations.find(id, for: call.viewer(.organisation, .read), in: session)
    var detail = ActionLog.change(from: before?.logged, to: after?.logged)
    detail["import"] = true
    return detail
  }
}
