import Domain
public import Logging

/// A log handler that makes one line of each event and hands it to a closure.
public struct LineLogHandler: LogHandler {
  /// The least severe level that passes.
  public var logLevel: Logger.Level
  /// What is on every line of this logger.
  public var metadata: Logger.Metadata = [:]
  /// What is on every line of the process.
  public var metadataProvider: Logger.MetadataProvider?

  private let program: String
  private let label: String
  private let format: LogFormat
  private let sink: @Sendable (String) -> Void

  /// Makes a handler; `sink` gets each line with its newline and may be called from any thread.
  public init(
    program: String, label: String, level: Logger.Level, format: LogFormat, provider: Logger.MetadataProvider? = nil,
    sink: @escaping @Sendable (String) -> Void
  ) {
    self.program = program
    self.label = label
    self.logLevel = level
    self.format = format
    self.metadataProvider = provider
    self.sink = sink
  }

  /// One piece of the metadata.
  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  /// Makes the line.
  public func log(event: LogEvent) {
    var all = metadata
    if let provided = metadataProvider?.get() { all.merge(provided) { _, new in new } }
    if let own = event.metadata { all.merge(own) { _, new in new } }
    if let error = event.error { all["error"] = "\(error)" }
    switch format {
    case .json: sink(json(event, all))
    case .human: sink(human(event, all))
    }
  }

  private func json(_ event: LogEvent, _ metadata: Logger.Metadata) -> String {
    var line = "{\"at\":\"\(Timestamp.now.rfc3339)\",\"level\":\"\(event.level.rawValue)\",\"program\":"
    Self.quote(program, into: &line)
    line += ",\"label\":"
    Self.quote(label, into: &line)
    line += ",\"message\":"
    Self.quote(event.message.description, into: &line)
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      line += ","
      // What the line says of itself wins over metadata of the same name.
      Self.quote(["at", "level", "program", "label", "message"].contains(key) ? "_" + key : key, into: &line)
      line += ":"
      Self.append(value, into: &line)
    }
    return line + "}\n"
  }

  private func human(_ event: LogEvent, _ metadata: Logger.Metadata) -> String {
    let day = Timestamp.now.rfc3339
    let time = day.dropFirst(11).prefix(12)
    var line = "\(time) \(event.level.rawValue.uppercased()) \(program): \(Self.oneLine(event.message.description))"
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) { line += " \(key)=\(Self.oneLine("\(value)"))" }
    return line + "\n"
  }

  /// Metadata comes from clients too: control characters must neither break the line nor move the terminal's cursor.
  private static func oneLine(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      if isControl(scalar) { result += "\\u{\(String(scalar.value, radix: 16))}" } else { result.unicodeScalars.append(scalar) }
    }
    return result
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool { scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value) }

  private static func append(_ value: Logger.Metadata.Value, into line: inout String) {
    switch value {
    case .string(let text): quote(text, into: &line)
    case .stringConvertible(let number as any BinaryInteger): line += "\(number)"
    case .stringConvertible(let flag as Bool): line += flag ? "true" : "false"
    case .stringConvertible(let other): quote(other.description, into: &line)
    case .array(let values):
      line += "["
      for (index, element) in values.enumerated() {
        if index > 0 { line += "," }
        append(element, into: &line)
      }
      line += "]"
    case .dictionary(let values):
      line += "{"
      for (index, element) in values.sorted(by: { $0.key < $1.key }).enumerated() {
        if index > 0 { line += "," }
        quote(element.key, into: &line)
        line += ":"
        append(element.value, into: &line)
      }
      line += "}"
    }
  }

  private static func quote(_ text: String, into line: inout String) {
    line += "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": line += "\\\""
      case "\\": line += "\\\\"
      case "\n": line += "\\n"
      case "\r": line += "\\r"
      case "\t": line += "\\t"
      default:
        if isControl(scalar) {
          let digits = String(scalar.value, radix: 16)
          line += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        } else {
          line.unicodeScalars.append(scalar)
        }
      }
    }
    line += "\""
  }
}
