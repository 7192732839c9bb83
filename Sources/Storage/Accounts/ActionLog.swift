public import Domain

/// The append-only list of who did what, when and from where.
public enum ActionLog {
  /// A value in a row's details.
  public enum Value: Sendable, Hashable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    /// Text.
    case text(String)
    /// A number or id.
    case number(Int64)
    /// Yes or no.
    case flag(Bool)
    /// Texts.
    case texts([String])
    /// Values by name, such as what something was before a change and after it.
    case object([String: Value])

    /// Text.
    public init(stringLiteral value: String) { self = .text(value) }
    /// A number.
    public init(integerLiteral value: Int64) { self = .number(value) }
    /// Yes or no.
    public init(booleanLiteral value: Bool) { self = .flag(value) }

    /// As JSON.
    var json: String {
      switch self {
      case .text(let text): JSONText.quoted(text)
      case .number(let number): String(number)
      case .flag(let flag): flag ? "true" : "false"
      case .texts(let texts): "[" + texts.map(JSONText.quoted).joined(separator: ",") + "]"
      case .object(let members): Self.json(members)
      }
    }

    /// A JSON object.
    static func json(_ members: [String: Value]) -> String {
      let members = members.sorted { $0.key < $1.key }.map { "\(JSONText.quoted($0.key)):\($0.value.json)" }
      return "{\(members.joined(separator: ","))}"
    }
  }

  /// Who acts, and from where.
  public struct Actor: Sendable, Hashable {
    /// The account; nil when nobody is signed in.
    public var account: AccountID?
    /// The session.
    public var session: SessionID?
    /// The client's address.
    public var address: String

    /// Describes an actor.
    public init(account: AccountID?, session: SessionID?, address: String) {
      self.account = account
      self.session = session
      self.address = address
    }
  }

  /// Adds a row, in the transaction of what it tells of.
  ///
  /// - Parameters:
  ///   - action: what was done, as `thing.verb`.
  ///   - organisation: the organisation that it concerns, if any.
  ///   - detail: what else there is to know; never a secret.
  ///   - written: rows that the action has made or changed, as they are now; they become `written` of the details.
  /// - Throws: `DatabaseError`.
  public static func append(
    _ action: String, by actor: Actor, organisation: OrganisationID? = nil, detail: [String: Value] = [:],
    written: WrittenRows..., in session: Session
  ) throws {
    let json = Value.json(detail)
    let selects = written.flatMap(\.selects)
    let images: SQL =
      selects.isEmpty
      ? ""
      : " || jsonb_build_object('written', (SELECT coalesce(jsonb_object_agg(w.place, w.image), '{}') FROM (\(selects.union)) w))"
    try session.execute(
      """
      INSERT INTO action_log (account_id, session_id, organisation_id, action, address, detail)
      VALUES (\(actor.account), \(actor.session), \(organisation), \(action), \(actor.address), \(json: json)\(images))
      """)
  }

  /// Adds the row of refusals that were counted together; nil: of so many that they were not told apart. Throws: `DatabaseError`.
  public static func append(_ refused: RefusedAccess?, count: Int, in session: Session) throws {
    let actor = Actor(account: refused?.account, session: refused?.session, address: refused?.address ?? "")
    let detail: [String: Value] = [
      "what": .text(refused?.what ?? ""), "code": .text(refused?.code ?? ""), "count": .number(Int64(count)),
    ]
    try append("access.refuse", by: actor, detail: detail, in: session)
  }
}
