import Domain
import Storage

/// Makes a `Request` of a frame's bytes.
struct CommandDecoder {
  /// The largest integer that every client can hold: 2^53 − 1.
  static let maximumInteger: Int64 = 9_007_199_254_740_991

  private let bytes: UnsafeRawBufferPointer
  private var fields = CommandFields()

  /// Decodes a frame of valid UTF-8; never fails otherwise than by its answer.
  static func decode(_ bytes: UnsafeRawBufferPointer) -> Request {
    var decoder = CommandDecoder(bytes: bytes)
    return decoder.request()
  }

  private init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  private mutating func request() -> Request {
    var reader = JSONReader(bytes)
    do throws(JSONFault) {
      let bytes = bytes
      var fields = fields
      let kind = try reader.document { name, value in
        if let field = CommandField.named(name, in: bytes) { fields.set(field, value) }
      }
      self.fields = fields
      guard kind == .object else { return .refused(id: nil, DomainError(.malformed, "A request is a JSON object.")) }
    } catch {
      guard error == .tooDeep else { return .noJSON }
      return .refused(id: nil, DomainError(.malformed, "The request is nested too deeply."))
    }
    var id: Int64?
    do throws(DomainError) {
      if fields.repeated == .id { throw .malformed(.id, "stands there twice") }
      id = try optionalInteger(.id, 0...Self.maximumInteger)
      if let repeated = fields.repeated { throw .malformed(repeated, "stands there twice") }
      return .command(id: id, try command())
    } catch {
      return .refused(id: id, error)
    }
  }

  private func command() throws(DomainError) -> Command {
    guard let verb = ChatVerb(rawValue: try text(.do)) else { throw DomainError(.unknownVerb, "There is no such verb.") }
    switch verb {
    case .send:
      let documents = try documents()
      // What is attached may say everything.
      let body =
        documents.isEmpty
        ? try longText(.body, limit: LogAction.maximumBody) : try optionalText(.body, limit: LogAction.maximumBody) ?? ""
      let action = LogAction.send(
        body: body, reply: try optionalInteger(.reply, 1...Self.maximumInteger) ?? 0,
        holding: try optionalFlag(.holding) ?? false,
        documents: documents)
      return .append(topic: try topic(), key: try key(), action: action)
    case .edit:
      let body = try longText(.body, limit: LogAction.maximumBody)
      return .append(topic: try topic(), key: try key(), action: .edit(message: try message(), body: body))
    case .delete: return .append(topic: try topic(), key: try key(), action: .delete(message: try message()))
    case .redact:
      let reason = try reason()
      return .append(topic: try topic(), key: try key(), action: .redact(message: try message(), reason: reason))
    case .close:
      let answer = try optionalText(.answer, limit: 16)
      guard answer == nil || answer == "none" else { throw .malformed(.answer, "must be none or absent") }
      return .append(topic: try topic(), key: try key(), action: answer == nil ? .close : .dismiss)
    case .pause:
      return .append(
        topic: try topic(), key: try key(), action: .pause(wanted: try longText(.body, limit: LogAction.maximumComment)))
    case .resume:
      let reason = try optionalText(.reason, limit: LogAction.maximumComment)
      return .append(topic: try topic(), key: try key(), action: .resume(reason: reason))
    case .reopen: return .append(topic: try topic(), key: try key(), action: .reopen)
    case .rate:
      let number = Int32(truncatingIfNeeded: try integer(.caseNumber, 1...Int64(Int32.max)))
      let stars = Int16(truncatingIfNeeded: try integer(.stars, 1...5))
      let comment = try optionalText(.comment, limit: LogAction.maximumComment)
      return .append(topic: try topic(), key: try key(), action: .rate(caseNumber: number, stars: stars, comment: comment))
    case .mark:
      guard let state = DocumentState(rawValue: try text(.state)), state != .received else {
        throw .malformed(.state, "must be inWork, processed or returned")
      }
      let reason = try optionalText(.reason, limit: LogAction.maximumComment)
      guard reason == nil || state == .returned else { throw .malformed(.reason, "belongs to a document that is sent back") }
      let document = DocumentID(try integer(.document, 1...Self.maximumInteger))
      return .append(topic: try topic(), key: try key(), action: .mark(document: document, state: state, reason: reason))
    case .read: return .read(topic: try topic(), seq: try integer(.seq, 0...Self.maximumInteger))
    case .typing: return .typing(topic: try topic(), isOn: try flag(.on))
    case .inbox: return .inbox
    case .subscribe:
      return .subscribe(
        topic: try topic(), epoch: try optionalKey(.epoch), after: try optionalInteger(.after, 0...Self.maximumInteger))
    case .unsubscribe: return .unsubscribe(topic: try topic())
    case .history:
      let before = try optionalInteger(.before, 1...Self.maximumInteger)
      let after = try optionalInteger(.after, 0...Self.maximumInteger)
      guard (before == nil) != (after == nil) else { throw .malformed(.before, "or after must be given, and not both") }
      let limit = Int(try optionalInteger(.limit, 1...Int64(TopicLog.maximumPage)) ?? 50)
      return .history(topic: try topic(), before: before, after: after, limit: limit)
    case .versions: return .versions(topic: try topic(), message: try message())
    case .observe:
      let reason = try reason()
      return .observe(topic: try topic(), reason: reason)
    case .unobserve: return .unobserve(topic: try topic())
    case .ping: return .ping
    }
  }

  /// Characters between the first and the last that is no space, as Postgres' `btrim` counts them or fewer.
  private static func trimmedCount(_ text: String) -> Int {
    let scalars = text.unicodeScalars.drop { $0.properties.isWhitespace }
    return scalars.reversed().drop { $0.properties.isWhitespace }.count
  }

  // MARK: Fields

  private func topic() throws(DomainError) -> TopicID { TopicID(try integer(.topic, 1...Self.maximumInteger)) }

  /// Why somebody does what others may ask about.
  private func reason() throws(DomainError) -> String {
    let reason = try longText(.reason, limit: LogAction.maximumComment)
    guard Self.trimmedCount(reason) >= 3 else { throw .malformed(.reason, "must have 3 to 500 characters") }
    return reason
  }

  private func message() throws(DomainError) -> Int64 { try integer(.message, 1...Self.maximumInteger) }

  /// The documents of a message, in order and each once; empty when there are none.
  private func documents() throws(DomainError) -> [DocumentID] {
    guard let token = present(.documents) else { return [] }
    guard token.kind == .array, let numbers = JSONString.integers(token, in: bytes, atMost: LogAction.maximumDocuments),
      numbers.allSatisfy((1...Self.maximumInteger).contains), Set(numbers).count == numbers.count
    else {
      throw .malformed(.documents, "must be an array of at most \(LogAction.maximumDocuments) different documents")
    }
    return numbers.map { DocumentID($0) }
  }

  private func key() throws(DomainError) -> Key {
    guard let key = try optionalKey(.key) else { throw .malformed(.key, "is missing") }
    return key
  }

  private func optionalKey(_ field: CommandField) throws(DomainError) -> Key? {
    guard let token = present(field) else { return nil }
    let key: Key? =
      switch token.kind {
      case .plainString: Key(utf8: UnsafeRawBufferPointer(rebasing: bytes[token.start..<token.end]))
      case .escapedString: JSONString.decode(token, in: bytes).flatMap { Key($0) }
      default: nil
      }
    guard let key else { throw .malformed(field, "must be a UUID") }
    return key
  }

  private func integer(_ field: CommandField, _ range: ClosedRange<Int64>) throws(DomainError) -> Int64 {
    guard let value = try optionalInteger(field, range) else { throw .malformed(field, "is missing") }
    return value
  }

  private func optionalInteger(_ field: CommandField, _ range: ClosedRange<Int64>) throws(DomainError) -> Int64? {
    guard let token = present(field) else { return nil }
    guard let value = JSONString.integer(token, in: bytes), range.contains(value) else {
      throw .malformed(field, "must be an integer from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  private func flag(_ field: CommandField) throws(DomainError) -> Bool {
    guard let value = try optionalFlag(field) else { throw .malformed(field, "is missing") }
    return value
  }

  private func optionalFlag(_ field: CommandField) throws(DomainError) -> Bool? {
    guard let token = present(field) else { return nil }
    guard token.kind == .yes || token.kind == .no else { throw .malformed(field, "must be true or false") }
    return token.kind == .yes
  }

  private func text(_ field: CommandField) throws(DomainError) -> String {
    guard let token = present(field) else { throw .malformed(field, "is missing") }
    guard let text = JSONString.decode(token, in: bytes) else { throw .malformed(field, "must be a string of whole characters") }
    return text
  }

  /// A text that must not be empty and that Postgres can hold.
  private func longText(_ field: CommandField, limit: Int) throws(DomainError) -> String {
    let text = try text(field)
    guard !text.utf8.contains(0) else { throw .malformed(field, "must not hold U+0000") }
    guard text.unicodeScalars.contains(where: { !$0.properties.isWhitespace }) else {
      throw .malformed(field, "must not be empty")
    }
    // Bytes are a bound from above, so that short texts are not counted.
    guard text.utf8.count <= limit || text.unicodeScalars.count <= limit else {
      throw DomainError(.tooLarge, "\(field.name): must have at most \(limit) characters.")
    }
    return text
  }

  /// The same, where empty means none.
  private func optionalText(_ field: CommandField, limit: Int) throws(DomainError) -> String? {
    guard present(field) != nil, try !text(field).unicodeScalars.allSatisfy(\.properties.isWhitespace) else { return nil }
    return try longText(field, limit: limit)
  }

  /// null is as good as absent.
  private func present(_ field: CommandField) -> JSONToken? {
    let token = fields[field]
    return token.kind == .absent || token.kind == .null ? nil : token
  }
}

extension DomainError {
  fileprivate static func malformed(_ field: CommandField, _ what: String) -> DomainError {
    DomainError(.malformed, "\(field.name): \(what).")
  }
}
