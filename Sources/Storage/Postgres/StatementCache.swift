/// The prepared statements of one connection by their text and parameter types; the one used longest ago makes room.
struct StatementCache {
  private struct Entry {
    var name: String
    var types: [SQLType]
    var lastUse: UInt64
  }

  /// The same text with parameters of other types is another statement.
  private var entries: [String: [Entry]] = [:]
  private var uses: UInt64 = 0
  private var names: UInt64 = 0
  /// How many statements are kept.
  private(set) var count = 0
  let limit: Int

  init(limit: Int) { self.limit = max(1, limit) }

  /// The name of the prepared statement, or nil.
  mutating func name(of sql: SQL) -> String? {
    uses += 1
    guard let index = entries.index(forKey: sql.text) else { return nil }
    guard let place = entries.values[index].firstIndex(where: { $0.types.elementsEqual(sql.parameters, by: { $0 == $1.type }) })
    else {
      return nil
    }
    entries.values[index][place].lastUse = uses
    return entries.values[index][place].name
  }

  /// A name that no statement of this connection had before.
  mutating func newName() -> String {
    names += 1
    return "s\(names)"
  }

  /// Keeps `name`; returns the name of a statement that has to go for it.
  mutating func insert(_ sql: SQL, name: String) -> String? {
    uses += 1
    let evicted = count >= limit ? removeOldest() : nil
    entries[sql.text, default: []].append(Entry(name: name, types: sql.parameters.map(\.type), lastUse: uses))
    count += 1
    return evicted
  }

  /// Forgets a statement that Postgres no longer accepts.
  mutating func remove(_ sql: SQL) {
    guard let gone = entries.removeValue(forKey: sql.text) else { return }
    count -= gone.count
  }

  private mutating func removeOldest() -> String? {
    var oldest: (text: String, entry: Entry)?
    for (text, shapes) in entries {
      for entry in shapes where entry.lastUse < oldest?.entry.lastUse ?? .max { oldest = (text, entry) }
    }
    guard let oldest else { return nil }
    entries[oldest.text]?.removeAll { $0.name == oldest.entry.name }
    if entries[oldest.text]?.isEmpty == true { entries[oldest.text] = nil }
    count -= 1
    return oldest.entry.name
  }
}
