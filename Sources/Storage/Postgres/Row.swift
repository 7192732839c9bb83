internal import CLibPQ

/// What libpq returned for one statement; freed with the last row that refers to it.
///
/// Unchecked: a finished PGresult is only read, which libpq allows from any thread.
final class ResultStorage: @unchecked Sendable {
  let raw: OpaquePointer

  /// Takes `raw` over.
  init(_ raw: OpaquePointer) { self.raw = raw }

  deinit { PQclear(raw) }

  var count: Int { Int(PQntuples(raw)) }

  /// Rows that the statement changed, or returned for a SELECT.
  var affected: Int {
    guard let text = PQcmdTuples(raw) else { return 0 }
    return Int(String(cString: text)) ?? 0
  }

  /// What was done, such as `COMMIT` or `INSERT 0 1`.
  var commandTag: String { String(cString: PQcmdStatus(raw)) }
}

/// The rows of one result, read in place.
public struct Rows: RandomAccessCollection, Sendable {
  let storage: ResultStorage

  /// 0.
  public var startIndex: Int { 0 }
  /// The number of rows.
  public var endIndex: Int { storage.count }
  /// The row at `position`.
  public subscript(position: Int) -> Row {
    precondition(position >= 0 && position < storage.count, "no such row")
    return Row(storage: storage, index: Int32(position))
  }
  /// How many rows the statement changed, or returned for a SELECT.
  public var affected: Int { storage.affected }
}

/// A row of a result. Keeps the whole result alive.
public struct Row: Sendable {
  let storage: ResultStorage
  let index: Int32

  /// The column's value. Throws: `DatabaseError` of kind `.decoding`, naming the column, when there is no such column, its type does not
  /// fit, or it is NULL and `T` is not optional.
  public subscript<T: SQLValue>(_ column: String, as type: T.Type = T.self) -> T {
    get throws { try decode(column) }
  }

  /// The same as the subscript.
  public func decode<T: SQLValue>(_ column: String, as type: T.Type = T.self) throws -> T {
    let number = column.withCString { name in
      for number in 0..<PQnfields(storage.raw) where strcmpEqual(PQfname(storage.raw, number), name) { return number }
      return Int32(-1)
    }
    guard number >= 0 else {
      throw DatabaseError(.decoding, "the result has no column «\(column)»; it has \(columns.joined(separator: ", "))")
    }
    return try decode(at: Int(number))
  }

  /// The value of the column at `position`, counted from 0: for hot paths. Throws: as the subscript does.
  public func decode<T: SQLValue>(at position: Int, as type: T.Type = T.self) throws -> T {
    let raw = storage.raw
    let number = Int32(truncatingIfNeeded: position)
    guard position >= 0, number < PQnfields(raw) else {
      throw DatabaseError(.decoding, "the result has no column \(position); it has \(PQnfields(raw))")
    }
    do throws(SQLMismatch) {
      if PQgetisnull(raw, index, number) == 1 { return try T.readNull() }
      guard let start = PQgetvalue(raw, index, number) else { return try T.readNull() }
      let bytes = UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(raw, index, number)))
      return try T.read(SQLCell(type: SQLType(rawValue: PQftype(raw, number)), bytes: bytes))
    } catch {
      let name = PQfname(raw, number).map { String(cString: $0) } ?? String(position)
      let found = SQLType(rawValue: PQftype(raw, number))
      switch error {
      case .null: throw DatabaseError(.decoding, "column «\(name)» is NULL, expected \(T.self)")
      case .type: throw DatabaseError(.decoding, "column «\(name)» is \(found), which is not read as \(T.self)")
      case .value(let reason): throw DatabaseError(.decoding, "column «\(name)» (\(found)) is not read as \(T.self): \(reason)")
      }
    }
  }

  /// The names of the columns.
  public var columns: [String] {
    (0..<PQnfields(storage.raw)).map { PQfname(storage.raw, $0).map { String(cString: $0) } ?? "?" }
  }
}

private func strcmpEqual(_ left: UnsafePointer<CChar>?, _ right: UnsafePointer<CChar>) -> Bool {
  guard var left else { return false }
  var right = right
  while left.pointee == right.pointee {
    if left.pointee == 0 { return true }
    left += 1
    right += 1
  }
  return false
}
