import Domain
import HTTPTypes

/// docs/permissions.md, made from what the servers decide by.
enum PermissionDocs {
  /// The whole file, with the routes of this table.
  static func document(_ routes: [RouteTable.Entry]) -> String {
    """
    # Who may do what

    Made from the code, from the table that both servers decide through (`Sources/Domain/Permissions`) and the rules that routes and verbs are registered with; `PermissionDocsTests` holds that it is
    so, and rewrites it when it runs with `ONEFIN_UPDATE_DOCS=1`. There is no way to add a route or a verb without a rule.

    A cell says how far a role reaches: *all*; *department*: organisations and staff of the own department; *assigned*: what is assigned to the account today; *organisation*: the own one; *own*: what the
    account is, made or is named in; – not at all. A person may have several memberships and then reaches what they give together. What is out of reach answers as what doesn't exist. Rules that hang on the state of a
    thing (only while the case is open, only inside an observation) come on top.

    ## Permissions

    \(PermissionTable.markdown())
    ## Verbs of the chat

    \(ChatVerb.markdown())
    ## Routes

    \(table(routes))
    """
  }

  private static func table(_ routes: [RouteTable.Entry]) -> String {
    var lines = ["| route | asks for |", "|---|---|"]
    for entry in routes.sorted(by: { ($0.template, $0.method.rawValue) < ($1.template, $1.method.rawValue) }) {
      let rule =
        switch entry.rule {
        case .open: "nothing"
        case .signedIn: "a session; own things only"
        case .needs(let permission): "`\(permission)`"
        }
      lines.append("| `\(entry.method.rawValue) \(entry.template)` | \(rule) |")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
