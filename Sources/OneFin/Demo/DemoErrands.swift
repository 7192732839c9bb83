import Domain

/// What people of the demo hand in: which papers, in which topic, with what words, and what becomes of them.
struct DemoErrand {
  /// A file.
  struct Paper {
    var name: String
    var make: @Sendable () -> [UInt8]
  }

  /// A step of the work on the papers, by whom.
  struct Step {
    var login: String
    var state: DocumentState
    var reason: String?
  }

  var company: String
  var topic: TopicKind
  var login: String
  var text: String
  var papers: [Paper]
  /// The name of the same person's earlier paper of this topic that the first of these takes the place of.
  var replaces: String?
  var steps: [Step] = []

  static let all: [DemoErrand] = [
    DemoErrand(
      company: DemoFirm.baraka, topic: .bank, login: "sardor", text: "Mana chek, kecha kassaga tushgan pul.",
      papers: [Paper(name: "Chek 87.png") { DemoPapers.till.bytes }],
      steps: [
        Step(login: "nodira", state: .inWork), Step(login: "nodira", state: .processed),
        Step(login: "sardor", state: .returned, reason: "Bu boshqa kunning cheki ekan, yangisini yuboraman."),
      ]),
    DemoErrand(
      company: DemoFirm.baraka, topic: .bank, login: "sardor", text: "Toʻgʻrisi mana bu.",
      papers: [Paper(name: "Chek 88.png") { DemoPapers.till2.bytes }]),
    DemoErrand(
      company: DemoFirm.baraka, topic: .dogovor, login: "malika", text: "Ijara shartnomasining imzolangan nusxasi.",
      papers: [Paper(name: "Ijara shartnomasi 2026-14.pdf") { DemoPapers.lease.bytes }],
      steps: [Step(login: "nodira", state: .inWork)]),
    DemoErrand(
      company: DemoFirm.baraka, topic: .faktura, login: "nodira", text: "Hisob-faktura № 421 tayyor, tekshirib koʻring.",
      papers: [Paper(name: "Hisob-faktura 421.pdf") { DemoPapers.invoice(number: 421, quantity: 320).bytes }]),
    DemoErrand(
      company: DemoFirm.baraka, topic: .faktura, login: "nodira", text: "Miqdorini tuzatdim: 320 emas, 312 quti.",
      papers: [Paper(name: "Hisob-faktura 421.pdf") { DemoPapers.invoice(number: 421, quantity: 312).bytes }],
      replaces: "Hisob-faktura 421.pdf"),
    DemoErrand(
      company: DemoFirm.baraka, topic: .faktura, login: "malika",
      text: "Solishtirma dalolatnomaning imzolangani va qoldiqlar jadvali.",
      papers: [
        Paper(name: "Dalolatnoma, oktabr.pdf") { DemoPapers.reconciliation.bytes },
        Paper(name: "Qoldiqlar.xlsx") { DemoPapers.balances.bytes },
      ],
      steps: [Step(login: "nodira", state: .inWork), Step(login: "nodira", state: .processed)]),
    DemoErrand(
      company: DemoFirm.baraka, topic: .ttn, login: "sardor", text: "Ertangi reys uchun yuk roʻyxati.",
      papers: [Paper(name: "Yuk roʻyxati, 280 quti.xlsx") { DemoPapers.load.bytes }]),
    DemoErrand(
      company: DemoFirm.mebel, topic: .faktura, login: "elena", text: "Реестр накладных за неделю и чек за доставку.",
      papers: [
        Paper(name: "Реестр накладных.xlsx") { DemoPapers.register.bytes },
        Paper(name: "Чек за доставку.png") { DemoPapers.delivery.bytes },
      ],
      steps: [Step(login: "olga", state: .inWork)]),
    DemoErrand(
      company: DemoFirm.non, topic: .bank, login: "bahrom", text: "Un uchun toʻlov cheki.",
      papers: [Paper(name: "Un cheki.png") { DemoPapers.flour.bytes }],
      steps: [Step(login: "jasur", state: .inWork), Step(login: "jasur", state: .processed)]),
    DemoErrand(
      company: DemoFirm.tekstil, topic: .faktura, login: "jasur", text: "Noyabr uchun hisob-faktura, ilovasi bilan.",
      papers: [Paper(name: "Hisob-faktura 1184.pdf") { DemoPapers.invoice(number: 1184, quantity: 1250).bytes }]),
  ]
}
