import Storage

/// Work on tables that people bring or take away: unpacking, drawing, packing. It computes for seconds, on threads of its own.
enum TableThreads {
  /// Runs `body` on one of them. Throws: what `body` throws.
  static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    let result: Result<Value, any Error> = try await BlobThreads.tables.run { () throws(BlobError) in Result { try body() } }
    return try result.get()
  }
}
