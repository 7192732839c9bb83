public import Storage

// Why these functions, and not `#expect(throws:)`: Swift 6.3.1 may give a closure inside `#expect` or `#require` the same symbol as a sibling
// closure of the same type when both stand in another closure (`withTestDatabase { … }`, `run { … }`), and then one of the two runs in place
// of the other. So there: first a `let`, then `#expect` without a closure. `ClosureTests` of ArchitectureTests finds what forgets it.

/// The error that `body` throws, nil when it returns.
public func failure<T>(of body: () throws -> T) -> (any Error)? {
  do {
    _ = try body()
    return nil
  } catch {
    return error
  }
}

/// The error that `body` throws, nil when it returns.
public func failure<T>(isolation: isolated (any Actor)? = #isolation, of body: () async throws -> T) async -> (any Error)? {
  do {
    _ = try await body()
    return nil
  } catch {
    return error
  }
}

/// The database error that `body` throws, nil when it returns or throws something else.
public func databaseError<T>(of body: () throws -> T) -> DatabaseError? { failure(of: body) as? DatabaseError }

/// The database error that `body` throws, nil when it returns or throws something else.
public func databaseError<T>(isolation: isolated (any Actor)? = #isolation, of body: () async throws -> T) async -> DatabaseError?
{
  await failure(of: body) as? DatabaseError
}
