public import Domain

/// Names for figures. It asks nobody's permission: who may see a figure may see whose it is.
public enum WorkNames {
  /// The names of accounts. Throws: `DatabaseError`.
  public static func accounts(_ ids: [AccountID], in session: Session) throws -> [AccountID: String] {
    try names(try session.result("SELECT id, name FROM account WHERE id = ANY (\(ids))"))
  }

  /// The names of organisations. Throws: `DatabaseError`.
  public static func organisations(_ ids: [OrganisationID], in session: Session) throws -> [OrganisationID: String] {
    try names(try session.result("SELECT id, name FROM organisation WHERE id = ANY (\(ids))"))
  }

  /// The names of departments. Throws: `DatabaseError`.
  public static func departments(_ ids: [DepartmentID], in session: Session) throws -> [DepartmentID: String] {
    try names(try session.result("SELECT id, name FROM department WHERE id = ANY (\(ids))"))
  }

  private static func names<Table>(_ rows: Rows) throws -> [Identifier<Table>: String] {
    Dictionary(uniqueKeysWithValues: try rows.map { (try $0.decode(at: 0), try $0.decode(at: 1)) })
  }
}
