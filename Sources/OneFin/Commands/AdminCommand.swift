import ArgumentParser
import Domain
import ServerKit
import Storage

/// `admin create`: an administrator, for the first start and for a firm that has locked itself out.
struct AdminCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "admin", abstract: "Make administrators.", subcommands: [Create.self])

  struct Create: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "create", abstract: "Make an administrator. The password is read from standard input, one line.")

    @Option(help: "What the administrator signs in as.")
    var login: String
    @Option(help: "The person's name.")
    var name: String
    @Option(help: "The language of the interface: uz, ru or en.")
    var language = "uz"

    func run() throws {
      guard let password = readLine(strippingNewline: true) else {
        throw Sentence(description: "the password is expected on standard input.")
      }
      let id = try Self.create(
        login: login, name: name, language: language, password: password, in: CommandDatabase.session())
      print("made administrator \(id)")
    }

    /// Makes the account. Throws: `Sentence` about what is wrong with the answers; `DatabaseError`.
    static func create(
      login: String, name: String, language: String, password: String, cost: Argon2.Cost = .standard, in session: Session
    ) throws -> AccountID {
      let typed = Accounts.normalised(login: login)
      // A phone number is its digits, as the pages send it however it is grouped (web/src/shared/account.ts).
      let isPhone = typed.wholeMatch(of: #/\+?[0-9\s()\-]{7,}/#) != nil
      let login = isPhone ? typed.filter { "0"..."9" ~= $0 } : typed
      guard login.wholeMatch(of: #/[a-z0-9][a-z0-9._@+\-]{1,99}/#) != nil else {
        throw Sentence(description: "a login has 2 to 100 characters: letters without marks, digits and . _ @ + -")
      }
      guard name.contains(where: { !$0.isWhitespace }), name.unicodeScalars.count <= 200 else {
        throw Sentence(description: "a name has 1 to 200 characters.")
      }
      guard ["uz", "ru", "en"].contains(language) else { throw Sentence(description: "the language is uz, ru or en.") }
      if let problem = PasswordRules.problem(with: password, login: login) { throw Sentence(description: problem) }
      let hash = try Argon2.hash(password, cost: cost)
      do {
        return try AccessChange.run(in: session) {
          let id = try Accounts.create(name: name, login: login, language: language, passwordHash: hash, in: session)
          let membership = try Accounts.addMembership(id, role: .admin, organisation: nil, department: nil, in: session)
          let operatorAtTheMachine = ActionLog.Actor(account: nil, session: nil, address: "")
          try ActionLog.append(
            "user.create", by: operatorAtTheMachine, detail: ["user": .number(id.rawValue), "role": "admin"],
            written: .account(id), .membership(membership), in: session)
          return id
        }
      } catch let error as DatabaseError where error.constraint == "account_login_key" {
        throw Sentence(description: "the login \(login) is taken.")
      }
    }
  }
}
