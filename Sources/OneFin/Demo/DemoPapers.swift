/// The papers of the demo, each made anew by code.
enum DemoPapers {
  /// An invoice of three pages: the sums, and what was delivered.
  static func invoice(number: Int, quantity: Int) -> DemoPDF {
    var pdf = DemoPDF()
    let price = 90_000
    let (net, tax) = (quantity * price, quantity * price * 12 / 100)
    pdf.page()
    pdf.text("Hisob-faktura № \(number)", x: 56, y: 764, size: 20, face: .bold)
    pdf.text("21-noyabr 2026-yil, 14-sonli shartnoma boʻyicha", x: 56, y: 742)
    for (x, lines) in [
      (56.0, ["Yetkazib beruvchi", "Baraka Savdo MChJ", "STIR 301 482 967", "Toshkent, Chilonzor, 9-kvartal"]),
      (320.0, ["Xaridor", "Mega Market MChJ", "STIR 305 119 842", "Samarqand, Registon koʻchasi, 4"]),
    ] {
      for (row, line) in lines.enumerated() {
        pdf.text(line, x: x, y: 700 - Double(row) * 15, size: row == 0 ? 9 : 11, face: row == 1 ? .bold : .plain)
      }
    }
    table(
      in: &pdf, top: 610, columns: [56, 84, 300, 360, 440],
      rows: [
        ["№", "Nomi", "Soni", "Narxi", "Summasi"],
        ["1", "Kungaboqar yogʻi, 5 l, quti", "\(quantity)", sum(price), sum(net)],
        ["", "QQS 12 %", "", "", sum(tax)],
        ["", "Jami toʻlovga", "", "", sum(net + tax)],
      ])
    pdf.text("Rahbar ____________________ S. Aliyev", x: 56, y: 440)
    pdf.text("Bosh buxgalter ____________________ N. Tosheva", x: 56, y: 410)
    for page in 2...3 {
      pdf.page()
      pdf.text("№ \(number) hisob-fakturaga ilova, \(page)-bet", x: 56, y: 764, size: 14, face: .bold)
      let rows = (1...26).map { row in
        let box = (page - 2) * 26 + row
        return [
          "\(box)", "Tokcha \((box - 1) / 8 + 1), partiya \(2600 + box * 7)", "\(6 + box % 7)", sum(price),
          sum((6 + box % 7) * price),
        ]
      }
      table(in: &pdf, top: 730, columns: [56, 84, 300, 360, 440], rows: [["№", "Joyi", "Soni", "Narxi", "Summasi"]] + rows)
    }
    return pdf
  }

  /// A contract of two pages.
  static var lease: DemoPDF {
    var pdf = DemoPDF()
    let clauses = [
      "1. Shartnoma predmeti", "1.1. Ijaraga beruvchi Chilonzor, 9-kvartaldagi 84 kv.m xonani topshiradi.",
      "1.2. Xona savdo zali va ombor sifatida ishlatiladi.", "2. Ijara haqi", "2.1. Oyiga 12 000 000 soʻm, QQS bilan.",
      "2.2. Toʻlov har oyning 5-kunigacha oʻtkaziladi.", "3. Muddat", "3.1. 2026-yil 1-dekabrdan 11 oyga.",
      "4. Tomonlarning majburiyatlari", "4.1. Kommunal toʻlovlar ijarachi zimmasida.",
      "4.2. Joriy taʼmir ijarachi, kapital taʼmir ijaraga beruvchi zimmasida.", "5. Tomonlarning rekvizitlari",
      "Ijarachi: Baraka Savdo MChJ, STIR 301 482 967",
    ]
    for (page, part) in [clauses.prefix(8), clauses.suffix(5)].enumerated() {
      pdf.page()
      if page == 0 { pdf.text("Ijara shartnomasi № 2026-14", x: 56, y: 764, size: 18, face: .bold) }
      for (row, clause) in part.enumerated() {
        let isHead = clause.dropFirst(2).first == " "
        pdf.text(clause, x: 56, y: 716 - Double(row) * 26, size: isHead ? 12 : 11, face: isHead ? .bold : .plain)
      }
    }
    pdf.text("Ijaraga beruvchi ________________      Ijarachi ________________", x: 56, y: 520)
    return pdf
  }

  /// What two companies owe each other.
  static var reconciliation: DemoPDF {
    var pdf = DemoPDF()
    pdf.text("Oʻzaro hisob-kitoblarni solishtirish dalolatnomasi", x: 56, y: 764, size: 16, face: .bold)
    pdf.text("Baraka Savdo MChJ va Mega Market MChJ, oktabr 2026", x: 56, y: 742)
    table(
      in: &pdf, top: 706, columns: [56, 130, 330, 430],
      rows: [
        ["Sana", "Hujjat", "Debet", "Kredit"], ["01.10", "Boshlangʻich qoldiq", sum(9_400_000), ""],
        ["06.10", "Hisob-faktura № 402", sum(18_900_000), ""], ["12.10", "Toʻlov № 118", "", sum(20_000_000)],
        ["20.10", "Hisob-faktura № 411", sum(25_960_000), ""], ["29.10", "Toʻlov № 131", "", sum(20_000_000)],
        ["31.10", "Yakuniy qoldiq", sum(14_260_000), ""],
      ])
    return pdf
  }

  static let balances = DemoSheet(rows: [
    ["Mahsulot", "Ombor", "Qoldiq", "Narxi"], ["Kungaboqar yogʻi, 5 l", "Asosiy", "418", "90000"],
    ["Shakar, 50 kg", "Asosiy", "64", "610000"], ["Un, oliy nav, 50 kg", "Chilonzor", "120", "310000"],
  ])
  static let load = DemoSheet(rows: [
    ["Quti", "Mahsulot", "Ogʻirligi, kg"], ["1-140", "Kungaboqar yogʻi, 5 l", "1680"], ["141-280", "Guruch, lazer", "1400"],
  ])
  static let register = DemoSheet(rows: [
    ["Дата", "Накладная", "Покупатель", "Сумма"], ["16.11", "ТН-211", "ООО «Интерьер»", "18400000"],
    ["17.11", "ТН-212", "ООО «Мебель Плюс»", "9750000"], ["19.11", "ТН-213", "ИП Саидов", "4120000"],
  ])

  static let till = DemoPhoto(
    lines: receipt(
      "BARAKA SAVDO MCHJ", "CHEK N 0087", "19.11.2026 18:42", [("YOG' 5L * 140", 12_600_000), ("GURUCH 25KG * 20", 9_400_000)]),
    seed: 3)
  static let till2 = DemoPhoto(
    lines: receipt(
      "BARAKA SAVDO MCHJ", "CHEK N 0088", "20.11.2026 19:05", [("YOG' 5L * 180", 16_200_000), ("SHAKAR 50KG * 10", 5_800_000)]),
    seed: 7)
  static let delivery = DemoPhoto(
    lines: receipt("EXPRESS CARGO", "CHEK N 5521", "20.11.2026 11:30", [("YETKAZISH 14 KM", 180_000), ("YUK ORTISH", 60_000)]),
    seed: 4)
  static let flour = DemoPhoto(
    lines: receipt("SAMARQAND UN", "CHEK N 1203", "20.11.2026 09:12", [("UN OLIY NAV * 60", 18_600_000)]), seed: 6)

  private static func receipt(_ shop: String, _ number: String, _ time: String, _ items: [(String, Int)]) -> [String] {
    func line(_ left: String, _ right: String) -> String {
      left + String(repeating: " ", count: max(1, 28 - left.count - right.count)) + right
    }
    let total = items.reduce(0) { $0 + $1.1 }
    let ruler = String(repeating: "-", count: 28)
    return [shop, "STIR 301482967", "TOSHKENT, CHILONZOR 9", ruler, line(number, time), ruler]
      + items.flatMap { [$0.0, line("", sum($0.1))] }
      + [
        ruler, line("JAMI", sum(total)), line("SHUNDAN QQS 12%", sum(total * 12 / 112)), line("NAQD", sum(total)), ruler,
        "XARIDINGIZ UCHUN RAHMAT!",
      ]
  }

  /// 28 800 000
  private static func sum(_ value: Int) -> String {
    let digits = String(value)
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { text.append(" ") }
      text.append(digit)
    }
    return text
  }

  /// Rows under each other, the first one bold, lines between them.
  private static func table(in pdf: inout DemoPDF, top: Double, columns: [Double], rows: [[String]]) {
    for (index, cells) in rows.enumerated() {
      let y = top - Double(index) * 22
      for (x, cell) in zip(columns, cells) { pdf.text(cell, x: x + 4, y: y - 15, face: index == 0 ? .bold : .plain) }
      pdf.rule(fromX: 56, fromY: y, toX: 540, toY: y)
    }
    let bottom = top - Double(rows.count) * 22
    pdf.rule(fromX: 56, fromY: bottom, toX: 540, toY: bottom)
  }
}
