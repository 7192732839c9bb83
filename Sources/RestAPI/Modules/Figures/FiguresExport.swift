import Domain
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Reports
import Storage

/// Figures and the payroll as files.
enum FiguresExport {
  /// As what a table is taken away.
  enum Format: String {
    case xlsx, pdf

    /// Reads `format` off the address. Throws: 422.
    init(_ call: Call) throws(Problem) {
      guard let format = Format(rawValue: call.text("format") ?? "xlsx") else { throw .invalid(["format": "invalid"]) }
      self = format
    }

    fileprivate var type: String {
      switch self {
      case .xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
      case .pdf: "application/pdf"
      }
    }
  }

  /// A table before it has a format.
  private struct Table: Sendable {
    var title: String
    var notes: [String]
    var columns: [ReportColumn]
    var rows: [[ReportCell]]
    /// Beneath the rows; nil where they don't add up to anything.
    var sum: [ReportCell]?
  }

  /// The figures of a month by a grouping, within reach.
  static func figures(
    _ month: Month, by grouping: FiguresGrouping, _ filter: FiguresFilter, format: Format, _ call: SignedCall
  ) async throws -> Response {
    let answer = try await FiguresActions.figures(month, by: grouping, filter, call)
    let words = FiguresWords(call.caller.live.account.language)
    func cells(_ name: String, _ figures: FiguresAnswer) -> [ReportCell] {
      func time(_ seconds: Int64?) -> ReportCell { seconds.map { .duration(.seconds($0)) } ?? .empty }
      let ratings = figures.stars.reduce(0, +)
      return [
        .text(name), time(figures.first.median), time(figures.responses.median), time(figures.responses.p90),
        time(figures.responses.mean), .number(Int64(figures.responses.count)), .number(Int64(figures.hits)),
        .number(Int64(figures.misses)),
        figures.share.map { .share(Double($0) / 10_000) } ?? .empty, .number(Int64(figures.documents)), .number(Int64(ratings)),
        .number(Int64(figures.stars[3] + figures.stars[4])), .number(Int64(figures.dismissed)),
      ]
    }
    let columns =
      [ReportColumn(words.grouping(grouping), width: 24)] + words.figures.map { ReportColumn($0, width: 11) }
    let table = Table(
      title: words.title(month), notes: [], columns: columns,
      rows: answer.groups.map {
        cells(
          grouping == .topic ? words.topic($0.name) : $0.id == nil && grouping == .person ? words.nobody : $0.name, $0.figures)
      },
      sum: grouping == .month ? nil : cells(words.total, answer.total))
    return try await file(
      table, name: "kpi-\(month)", format, action: "kpi.export",
      detail: ["month": .text(month.description), "by": .text(grouping.rawValue)], call)
  }

  /// The payroll of a month: salary, bonus and its lines.
  static func payroll(_ month: Month, format: Format, _ call: SignedCall) async throws -> Response {
    let shown = try await FiguresActions.shown(month, call.services)
    let (pays, rules) = try await BonusActions.pays(shown, call.services)
    let names = try await FiguresActions.names(of: pays.map(\.account), call.services)
    let words = FiguresWords(call.caller.live.account.language)
    func cells(_ name: String, _ sums: [Int64]) -> [ReportCell] { [.text(name)] + sums.map { .number($0) } }
    func sums(_ pay: MonthPay) -> [Int64] {
      let bonus = pay.bonus
      return [
        pay.salary, bonus.documents.sum, bonus.positive.sum, bonus.negative.sum, bonus.sla,
        bonus.total - bonus.documents.sum - bonus.positive.sum - bonus.negative.sum - bonus.sla, pay.carried + pay.brought,
        -pay.rest, pay.paid, pay.salary + pay.paid,
      ]
    }
    let lines = pays.map { (names[$0.account] ?? "", sums($0)) }.sorted { $0.0 < $1.0 }
    var total = [Int64](repeating: 0, count: words.payroll.count)
    for line in lines { for (index, sum) in line.1.enumerated() { total[index] += sum } }
    let state = shown.closed.map { words.closed(Hex.string($0.hash)) } ?? words.open
    let table = Table(
      title: words.payroll(month), notes: [state, words.rules(rules?.version)],
      columns: [ReportColumn(words.grouping(.person), width: 26)] + words.payroll.map { ReportColumn($0, width: 13) },
      rows: lines.map { cells($0.0, $0.1) }, sum: cells(words.total, total))
    return try await file(
      table, name: "payroll-\(month)", format, action: "month.export",
      detail: ["month": .text(month.description), "closed": .flag(shown.closed != nil)], call)
  }

  /// Makes the file, and writes down that it was taken.
  private static func file(
    _ table: Table, name: String, _ format: Format, action: String, detail: [String: ActionLog.Value], _ call: SignedCall
  ) async throws -> Response {
    var detail = detail
    detail["format"] = .text(format.rawValue)
    detail["rows"] = .number(Int64(table.rows.count))
    let written = detail
    try await call.write { call, session in try ActionLog.append(action, by: call.actor, detail: written, in: session) }
    let file = try await ExportFile.scratch(call.services.uploads)
    try await TableThreads.run { try make(table, format, at: file.path) }
    return Response(
      status: .ok,
      headers: [
        .contentType: format.type, .cacheControl: "no-store",
        .contentDisposition: "attachment; filename=\"\(name).\(format.rawValue)\"",
      ], body: try file.body())
  }

  private static func make(_ table: Table, _ format: Format, at path: String) throws {
    switch format {
    case .xlsx:
      let writer = try XLSXWriter(path: path, sheet: table.title, columns: table.columns)
      for row in table.rows { try writer.append(row) }
      if let sum = table.sum { try writer.append(sum, isBold: true) }
      try writer.finish()
    case .pdf:
      var pdf = PDFTable(title: table.title, notes: table.notes, columns: table.columns)
      for row in table.rows { try pdf.append(row) }
      if let sum = table.sum { try pdf.append(sum, isBold: true) }
      try pdf.write(to: path)
    }
  }
}

/// The words of the files, in the reader's language.
private struct FiguresWords {
  private let language: Int

  init(_ language: String) { self.language = ["uz", "ru", "en"].firstIndex(of: language) ?? 0 }

  private func say(_ uz: String, _ ru: String, _ en: String) -> String { [uz, ru, en][language] }

  func title(_ month: Month) -> String { say("KPI, \(month)", "KPI, \(month)", "KPI, \(month)") }
  func payroll(_ month: Month) -> String {
    say("Ish haqi va bonus, \(month)", "Зарплата и бонус, \(month)", "Salary and bonus, \(month)")
  }
  func closed(_ hash: String) -> String { say("Oy yopilgan: ", "Месяц закрыт: ", "The month is closed: ") + hash }
  var open: String {
    say(
      "Oy hali ochiq: raqamlar oʻzgarishi mumkin", "Месяц ещё открыт: цифры могут измениться",
      "The month is open: figures may change")
  }
  func rules(_ version: Int32?) -> String {
    guard let version else { return say("Bonus qoidalari yoʻq", "Правил бонуса нет", "There are no bonus rules") }
    return say("Bonus qoidalari: v\(version)", "Правила бонуса: v\(version)", "Bonus rules: v\(version)")
  }
  var total: String { say("Jami", "Итого", "Total") }
  var nobody: String { say("Hech kim", "Никто", "Nobody") }

  func grouping(_ grouping: FiguresGrouping) -> String {
    switch grouping {
    case .person: say("Buxgalter", "Бухгалтер", "Accountant")
    case .department: say("Boʻlim", "Отдел", "Department")
    case .topic: say("Mavzu", "Тема", "Topic")
    case .organisation: say("Mijoz", "Клиент", "Client")
    case .day: say("Kun", "День", "Day")
    case .month: say("Oy", "Месяц", "Month")
    }
  }

  func topic(_ slug: String) -> String {
    switch TopicKind(slug: slug) {
    case .bank: "Bank oplata"
    case .dogovor: "Dogovor"
    case .faktura: "Shot-faktura"
    case .dovernost: "Dovernost"
    case .ttn: "TTN"
    case nil: slug
    }
  }

  var figures: [String] {
    [
      say("Birinchi javob, mediana", "Первый ответ, медиана", "First response, median"),
      say("Javob, mediana", "Ответ, медиана", "Response, median"),
      say("10 javobdan 9 tasi", "9 из 10 ответов за", "9 of 10 responses within"),
      say("Javob, oʻrtacha", "Ответ, среднее", "Response, mean"), say("Javoblar", "Ответы", "Responses"),
      say("Vaqtida", "Вовремя", "In time"), say("Kechikkan", "С опозданием", "Late"), say("SLA", "SLA", "SLA"),
      say("Hujjatlar", "Документы", "Documents"), say("Baholar", "Оценки", "Ratings"), say("Ijobiy", "Положительные", "Positive"),
      say("Javobsiz yopilgan", "Закрыто без ответа", "Closed unanswered"),
    ]
  }

  var payroll: [String] {
    [
      say("Oylik", "Оклад", "Salary"), say("Hujjatlar", "Документы", "Documents"),
      say("Ijobiy baholar", "Положительные оценки", "Positive ratings"),
      say("Salbiy baholar", "Отрицательные оценки", "Negative ratings"),
      say("SLA", "SLA", "SLA"), say("Chegara", "Предел", "Limits"),
      say("Oʻtgan oydan", "С прошлого месяца", "From the month before"),
      say("Keyingi oyga", "На следующий месяц", "To the next month"),
      say("Bonus", "Бонус", "Bonus"),
      say("Jami, soʻm", "Итого, сум", "Total, soʻm"),
    ]
  }
}
