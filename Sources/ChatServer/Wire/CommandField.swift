/// The fields that commands have. Everything else in a request is checked to be JSON and then ignored.
enum CommandField: Int, CaseIterable {
  case id, `do`, topic, key, body, reply, holding, message, before, after, limit, seq, on, caseNumber, stars, comment, reason,
    epoch, documents, document, state, answer

  /// The name on the wire.
  var name: StaticString {
    switch self {
    case .id: "id"
    case .do: "do"
    case .topic: "topic"
    case .key: "key"
    case .body: "body"
    case .reply: "reply"
    case .holding: "holding"
    case .message: "message"
    case .before: "before"
    case .after: "after"
    case .limit: "limit"
    case .seq: "seq"
    case .on: "on"
    case .caseNumber: "case"
    case .stars: "stars"
    case .comment: "comment"
    case .reason: "reason"
    case .epoch: "epoch"
    case .documents: "documents"
    case .document: "document"
    case .state: "state"
    case .answer: "answer"
    }
  }

  /// How many there are: the size of `CommandFields`.
  static let count = 22

  /// The field of that name, nil for one that no command has.
  static func named(_ name: JSONToken, in bytes: UnsafeRawBufferPointer) -> CommandField? {
    if name.kind == .escapedString {
      guard let text = JSONString.decode(name, in: bytes) else { return nil }
      return allCases.first { $0.name.description == text }
    }
    let length = name.end - name.start
    for place in 0..<count {
      guard let field = CommandField(rawValue: place), field.name.utf8CodeUnitCount == length else { continue }
      let word = UnsafeRawBufferPointer(start: field.name.utf8Start, count: length)
      if word.elementsEqual(UnsafeRawBufferPointer(rebasing: bytes[name.start..<name.end])) { return field }
    }
    return nil
  }
}

/// Where each known field of a request lies. A plain value without a heap allocation, filled by `JSONReader`.
struct CommandFields {
  private var tokens = InlineArray<22, JSONToken>(repeating: .absent)
  /// A field that stood there twice: nobody can tell which was meant.
  private(set) var repeated: CommandField?

  /// Where a field lies.
  subscript(_ field: CommandField) -> JSONToken { tokens[field.rawValue] }

  /// Notes a field.
  mutating func set(_ field: CommandField, _ token: JSONToken) {
    if tokens[field.rawValue].kind != .absent { repeated = repeated ?? field }
    tokens[field.rawValue] = token
  }
}
