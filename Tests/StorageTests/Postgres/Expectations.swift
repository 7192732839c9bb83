import Storage
import TestSupport
import Testing

/// Expects `body` to throw a database error of that kind. A function, because closures do not go into `#expect` (see `failure(of:)`).
func expectFailure<T>(
  _ kind: DatabaseError.Kind, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> T
) {
  let found = databaseError(of: body)
  #expect(found?.kind == kind, sourceLocation: sourceLocation)
}

/// Expects `body`, run on a connection of `pool`, to return `value`. Throws: what `body` throws.
func expect<T: Equatable & Sendable>(
  _ value: T, on pool: Postgres, sourceLocation: SourceLocation = #_sourceLocation,
  _ body: @escaping @Sendable (Session) throws -> T
) async throws {
  let found = try await pool.run(body)
  #expect(found == value, sourceLocation: sourceLocation)
}
