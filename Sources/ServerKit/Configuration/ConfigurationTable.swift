/// The keys of all programs as Markdown: the body of docs/configuration.md.
public func configurationTable() -> String {
  let parts: [(title: String, keys: [ConfigurationKey])] = [
    ("All programs", SharedConfiguration.keys), ("ChatServer", ChatConfiguration.keys), ("RestAPI", RestConfiguration.keys),
    ("MediaWorker", MediaConfiguration.keys),
    ("Files (RestAPI, MediaWorker, onefin-cli)", BlobConfiguration.keys),
  ]
  return parts.map { "## \($0.title)\n\n" + configurationTable(of: $0.keys) }.joined(separator: "\n")
}

/// One table of keys as Markdown, a line each.
public func configurationTable(of keys: [ConfigurationKey]) -> String {
  var lines = ["| variable | type | default | allowed | what for |", "|---|---|---|---|---|"]
  for key in keys {
    let fallback = key.defaultValue.isEmpty ? "empty" : "`\(key.defaultValue)`"
    lines.append(
      "| `\(key.name)` | \(key.kind.typeName)\(key.isSecret ? ", secret" : "") | \(fallback) | \(key.kind.allowed) | \(key.doc) |"
    )
  }
  return lines.joined(separator: "\n") + "\n"
}
