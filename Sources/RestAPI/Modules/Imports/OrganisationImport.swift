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
    let departments = Dictionary(
      try Organisations.departments(for: viewer, in: session).map { (ImportTable.folded($0.name), $0) },
      uniquingKeysWith: { first, _ in first })
    let known = try Organisations.list(for: viewer, limit: 100_000, in: session).items
    let byName = Dictionary(known.map { (ImportTable.folded($0.name), $0) }, uniquingKeysWith: { first, _ in first })
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
      let department = departments[ImportTable.folded(line.cells["department"] ?? "")]
      if department == nil { problems["department"] = (line.cells["department"] ?? "").isEmpty ? "required" : "unknown" }
      if !name.isEmpty && !names.insert(ImportTable.folded(name)).inserted { problems["name"] = "twice" }
      if !stir.isEmpty && !stirs.insert(stir).inserted { problems["stir"] = "twice" }
      let named = byName[ImportTable.folded(name)]
      let found = stir.isEmpty ? named : bySTIR[stir] ?? (named?.stir == nil ? named : nil)
      if let named, named.id != found?.id { problems["name"] = "taken" }
      if found?.closedAt != nil { problems["name"] = "closed" }
      guard problems.isEmpty, let department else {
        lines.append(JudgedLine(number: line.number, effect: .error, title: name, problems: problems, changes: []))
        continue
      }
      guard let found else {
        steps.append(.create(name: name, stir: stir.isEmpty ? nil : stir, department: department.id))
        lines.append(JudgedLine(number: line.number, effect: .create, title: name, problems: [:], changes: []))
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
        JudgedLine(number: line.number, effect: changes.isEmpty ? .same : .update, title: name, problems: [:], changes: changes))
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
          in: session)
      case .update(let before, let name, let stir, let department):
        try Organisations.update(before.id, name: name, stir: stir, department: department, in: session)
        try ActionLog.append(
          "organisation.update", by: call.actor, organisation: before.id,
          detail: try change(of: before.id, from: before, call, session), in: session)
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
