public import Domain

extension Sessions {
  /// Somebody who shows a token and wants in.
  public struct Arrival: Sendable {
    /// SHA-256 of the token.
    public var tokenHash: [UInt8]
    /// Where the client is, for the list of devices.
    public var address: String

    /// An arrival.
    public init(tokenHash: [UInt8], address: String) { (self.tokenHash, self.address) = (tokenHash, address) }
  }

  /// Whose session a token belongs to.
  public struct Admission: Sendable, Hashable {
    /// The session, which is alive.
    public var session: SessionID
    /// Its account, which is not disabled.
    public var account: AccountID
  }

  /// Finds the sessions of many at once, after a restart of a server that everybody comes back to, and writes down that they are used.
  ///
  /// - Returns: an answer for each, in order; `DomainError.notFound` when the session ended, expired or never was, or the account is disabled; `.forbidden` when
  ///   its owner has to enrol a second factor or to confirm the notice about oversight first.
  /// - Throws: `DatabaseError`.
  public static func admit(
    _ arrivals: [Arrival], at now: Timestamp, in session: Session
  ) throws -> [Result<Admission, DomainError>] {
    let rows = try session.result(
      """
      SELECT u.n - 1, s.id, s.account_id, s.last_used_at, \(SecondFactors.owed) OR NOT \(Acknowledgements.hasReadOversight)
        FROM unnest(\(arrivals.map(\.tokenHash))) WITH ORDINALITY AS u (hash, n)
        JOIN session s ON s.token_hash = u.hash AND s.ended_at IS NULL AND s.expires_at > now()
        JOIN account a ON a.id = s.account_id AND a.disabled_at IS NULL
      """)
    var answers = [Result<Admission, DomainError>](repeating: .failure(.notFound), count: arrivals.count)
    var used: [(id: SessionID, lastUsed: Timestamp, address: String)] = []
    for row in rows {
      let (place, id): (Int, SessionID) = (try row.decode(at: 0), try row.decode(at: 1))
      if try row.decode(at: 4) {
        answers[place] = .failure(DomainError(.forbidden, "Something is to be done first, on a page."))
        continue
      }
      answers[place] = .success(Admission(session: id, account: try row.decode(at: 2)))
      used.append((id, try row.decode(at: 3), arrivals[place].address))
    }
    _ = try touch(used, at: now, in: session)
    return answers
  }
}
