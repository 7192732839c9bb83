import Domain

/// The firm that `./onefin run` shows: who works in it, who its clients are, and what they said to each other.
struct DemoFirm {
  /// A person who signs in. Everybody's password is `DemoFirm.password`.
  struct Person {
    var login: String
    var name: String
    var language: String
    var role: Role
    /// The department of staff, the organisation of a client, empty for the administrator.
    var place: String
  }

  /// A client company.
  struct Company {
    var name: String
    var stir: String
    var department: String
    var scripts: [TopicKind: String]
  }

  /// Who is assigned to which topics of a company.
  struct Duty {
    var accountant: String
    var company: String
    var topics: [TopicKind]
  }

  /// What every person of the demo signs in with.
  static let password = "birfin2026"

  static let trade = "Savdo boʻlimi"
  static let production = "Ishlab chiqarish boʻlimi"
  static let baraka = "Baraka Savdo MChJ"
  static let non = "Samarqand Non MChJ"
  static let mebel = "ООО «Art Mebel»"
  static let tekstil = "Toshkent Tekstil QK"

  static let departments = [trade, production]

  static let people: [Person] = [
    Person(login: "admin", name: "Akmal Yusupov", language: "uz", role: .admin, place: ""),
    Person(login: "gulnora", name: "Gulnora Rahimova", language: "uz", role: .supervisor, place: trade),
    Person(login: "rustam", name: "Рустам Каримов", language: "ru", role: .supervisor, place: production),
    Person(login: "nodira", name: "Nodira Tosheva", language: "uz", role: .accountant, place: trade),
    Person(login: "olga", name: "Ольга Ким", language: "ru", role: .accountant, place: trade),
    Person(login: "jasur", name: "Jasur Qodirov", language: "uz", role: .accountant, place: production),
    Person(login: "sardor", name: "Sardor Aliyev", language: "uz", role: .client, place: baraka),
    Person(login: "malika", name: "Malika Aliyeva", language: "uz", role: .client, place: baraka),
    Person(login: "bahrom", name: "Bahrom Hamidov", language: "uz", role: .client, place: non),
    Person(login: "elena", name: "Елена Пак", language: "ru", role: .client, place: mebel),
    Person(login: "shoxruh", name: "Shoxruh Nazarov", language: "uz", role: .client, place: tekstil),
    Person(login: "irina", name: "Ирина Назарова", language: "ru", role: .client, place: tekstil),
  ]

  static let companies: [Company] = [
    Company(
      name: baraka, stir: "301482967", department: trade,
      scripts: [
        .bank: DemoBaraka.bank, .dogovor: DemoBaraka.dogovor, .faktura: DemoBaraka.faktura,
        .dovernost: DemoBaraka.dovernost, .ttn: DemoBaraka.ttn,
      ]),
    Company(
      name: mebel, stir: "304917255", department: trade,
      scripts: [
        .bank: DemoMebel.bank, .dogovor: DemoMebel.dogovor, .faktura: DemoMebel.faktura,
        .dovernost: DemoMebel.dovernost, .ttn: DemoMebel.ttn,
      ]),
    Company(
      name: non, stir: "306220841", department: production,
      scripts: [
        .bank: DemoNon.bank, .dogovor: DemoNon.dogovor, .faktura: DemoNon.faktura,
        .dovernost: DemoNon.dovernost, .ttn: DemoNon.ttn,
      ]),
    Company(
      name: tekstil, stir: "302551679", department: production,
      scripts: [
        .bank: DemoTekstil.bank, .dogovor: DemoTekstil.dogovor, .faktura: DemoTekstil.faktura,
        .dovernost: DemoTekstil.dovernost, .ttn: DemoTekstil.ttn,
      ]),
  ]

  static let duties: [Duty] = [
    Duty(accountant: "nodira", company: baraka, topics: [.bank, .dogovor, .faktura]),
    Duty(accountant: "olga", company: baraka, topics: [.dovernost, .ttn]),
    Duty(accountant: "olga", company: mebel, topics: TopicKind.allCases),
    Duty(accountant: "jasur", company: non, topics: TopicKind.allCases),
    Duty(accountant: "jasur", company: tekstil, topics: TopicKind.allCases),
  ]

  /// The sign-ins as a table for a terminal: a line each, and the password of all.
  static var signIns: String {
    let rows = [("login", "who", "where")] + people.map { ($0.login, $0.role.rawValue, $0.place.isEmpty ? "the firm" : $0.place) }
    let lines = rows.map { login, who, place in
      login + String(repeating: " ", count: 10 - login.count) + who + String(repeating: " ", count: 12 - who.count) + place
    }
    return lines.joined(separator: "\n") + "\n\nEverybody's password: \(password)\n"
  }
}
