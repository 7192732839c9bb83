/// Something that every machine has was missing: memory, a file, a descriptor.
package struct SocketSupportError: Error {}

/// The value, which must be there.
func needed<Value>(_ value: Value?) throws -> Value {
  guard let value else { throw SocketSupportError() }
  return value
}
