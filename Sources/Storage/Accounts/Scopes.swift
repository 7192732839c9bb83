public import Domain

/// How far an account reaches, as conditions of SQL: the same `Reach` that judges single objects, so a list shows what opening one would.
public struct Viewer: Sendable, Hashable {
  /// Who asks.
  public let account: AccountID
  /// How far this account reaches with the permission at hand.
  public let reach: Reach

  /// Pairs them.
  public init(account: AccountID, reach: Reach) {
    self.account = account
    self.reach = reach
  }

  /// The dates for which an assignment `s` counts today.
  static let assignmentCounts: SQL = """
    s.ended_at IS NULL AND (now() AT TIME ZONE 'Asia/Tashkent')::date BETWEEN s.starts_on AND coalesce(s.ends_on, 'infinity')
    """

  /// For a query with `organisation o`.
  var organisations: SQL {
    var ways = common
    if reach.assigned {
      ways.append(
        """
        EXISTS (SELECT FROM assignment s WHERE s.organisation_id = o.id AND s.account_id = \(account) AND \(Self.assignmentCounts))
        """)
    }
    return Self.any(ways)
  }

  /// For a query with `topic t` joined to `organisation o`: of what is assigned only the topics that the assignment names.
  var topics: SQL {
    var ways = common
    if reach.assigned {
      ways.append(
        """
        EXISTS (SELECT FROM assignment s WHERE s.organisation_id = t.organisation_id AND s.account_id = \(account)
                 AND t.kind = ANY (s.topics) AND \(Self.assignmentCounts))
        """)
    }
    return Self.any(ways)
  }

  /// For a query with `assignment s` joined to `organisation o`.
  var assignments: SQL {
    var ways = common
    if reach.own { ways.append("s.account_id = \(account)") }
    return Self.any(ways)
  }

  /// For a query with `account a`: oneself, and whoever has a membership in sight.
  var accounts: SQL {
    let sight = memberships
    let everybody: SQL = reach.all ? "TRUE" : "FALSE"
    return """
      (a.id = \(account) OR \(everybody) OR EXISTS (
        SELECT FROM membership m LEFT JOIN organisation o ON o.id = m.organisation_id
         WHERE m.account_id = a.id AND m.ended_at IS NULL AND \(sight)))
      """
  }

  /// For a query with `membership m` left-joined to `organisation o`: which memberships of others one may know of. A client who sees a colleague
  /// must not learn which other companies that person works for.
  var memberships: SQL {
    var ways: [SQL] = ["m.account_id = \(account)"]
    if reach.all { ways.append("TRUE") }
    if !reach.departments.isEmpty {
      let departments = reach.departments.sorted()
      ways.append("m.department_id = ANY (\(departments))")
      ways.append("o.department_id = ANY (\(departments))")
    }
    if !reach.organisations.isEmpty { ways.append("m.organisation_id = ANY (\(reach.organisations.sorted()))") }
    if reach.assigned {
      ways.append(
        """
        m.organisation_id IN (SELECT s.organisation_id FROM assignment s WHERE s.account_id = \(account) AND \(Self.assignmentCounts))
        """)
    }
    return Self.any(ways)
  }

  /// For a query with `department d`.
  var departments: SQL {
    if reach.all { return "TRUE" }
    return "d.id = ANY (\(reach.departments.sorted()))"
  }

  private var common: [SQL] {
    if reach.all { return ["TRUE"] }
    var ways: [SQL] = []
    if !reach.departments.isEmpty { ways.append("o.department_id = ANY (\(reach.departments.sorted()))") }
    if !reach.organisations.isEmpty { ways.append("o.id = ANY (\(reach.organisations.sorted()))") }
    return ways
  }

  private static func any(_ ways: [SQL]) -> SQL { ways.isEmpty ? "FALSE" : "(" + ways.joined(separator: " OR ") + ")" }
}

/// One page of a list by id.
public struct Page<Item: Sendable>: Sendable {
  /// The items, by ascending id.
  public let items: [Item]
  /// What to pass as `after` for the next page; nil on the last one.
  public let next: Int64?

  /// Makes a page of up to `limit` of the items, of which one more than that was fetched.
  init(_ fetched: [Item], limit: Int, id: (Item) -> Int64) {
    items = Array(fetched.prefix(limit))
    next = fetched.count > limit ? items.last.map(id) : nil
  }

  init(items: [Item], next: Int64?) {
    self.items = items
    self.next = next
  }
}
