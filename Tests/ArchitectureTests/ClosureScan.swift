/// Reads one Swift source and finds the closures that Swift 6.3.1 may mistake for one another.
///
/// In a closure the compiler numbers the closures that the macros `#expect` and `#require` bring and those written beside them apart from each
/// other, and so may give two of the same type one symbol; then one of them runs in place of the other, or the compiler crashes. What was tried
/// with thousands of generated functions: it takes a closure inside the macro (its trailing closure and its comment included) and another one
/// outside of any macro, both directly in the same closure, in either order, with any statements around them. Safe are: closures of macros only,
/// whatever stands directly in a function (a local one too), autoclosures (`&&`, `??`) and key paths. The types are not compared: nobody can
/// without compiling.
struct ClosureScan {
  /// A closure inside a macro with a sibling outside of it.
  struct Finding: Equatable {
    /// The line that the closure inside the macro begins in, from 1.
    let line: Int
    /// The line of the first sibling.
    let sibling: Int
  }

  /// What a brace belongs to.
  private enum Owner { case closure, body, block, loop }

  /// The closures that stand directly in one function, closure or type.
  private struct Room {
    let isClosure: Bool
    var inMacros: [Int] = []
    var sibling: Int?
  }

  /// What is open: a brace, a bracket of the other kinds, or a string that an interpolation interrupts.
  private enum Open {
    case brace(Owner)
    case bracket(isMacro: Bool)
    case string(pounds: Int, isMultiline: Bool)
  }

  /// Keywords whose next brace is no closure.
  private static let headers: [String: Owner] = [
    "if": .block, "else": .block, "guard": .block, "for": .block, "while": .block, "switch": .block, "do": .block,
    "catch": .block,
    "defer": .block, "repeat": .loop, "func": .body, "init": .body, "deinit": .body, "subscript": .body, "var": .body,
    "struct": .body,
    "class": .body, "enum": .body, "extension": .body, "protocol": .body,
  ]
  private static let accessors: Set<String> = ["get", "set", "willSet", "didSet"]

  private let text: [UInt8]
  private var at = 0
  private var line = 1
  private var open: [Open] = []
  private var rooms = [Room(isClosure: false)]
  private var findings: [Finding] = []
  /// What the next brace at this depth belongs to, and the word that says so; one for each open brace.
  private var headers: [(owner: Owner, word: String)?] = [nil]
  /// The token before: a word, a punctuation mark, or "macro" after a macro's name or its arguments, "repeat" after such a loop's brace.
  private var before = ""

  private init(_ source: String) { text = Array(source.utf8) }

  /// The findings in `source`, by line.
  static func findings(in source: String) -> [Finding] {
    var scan = ClosureScan(source)
    while scan.at < scan.text.count { scan.token() }
    return scan.findings.sorted { $0.line < $1.line }
  }

  // MARK: Tokens

  private func peek(_ distance: Int = 0) -> UInt8 { at + distance < text.count ? text[at + distance] : 0 }

  private func starts(_ word: StaticString) -> Bool {
    word.withUTF8Buffer { at + $0.count <= text.count && text[at..<at + $0.count].elementsEqual($0) }
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
    default: byte == UInt8(ascii: "_") || byte >= 0x80
    }
  }

  private mutating func step(_ count: Int = 1) {
    for _ in 0..<count where at < text.count {
      if text[at] == UInt8(ascii: "\n") { line += 1 }
      at += 1
    }
  }

  private mutating func skip(until isEnd: (UInt8) -> Bool) { while at < text.count, !isEnd(text[at]) { step() } }

  private mutating func token() {
    let byte = peek()
    if starts("//") { return skip { $0 == UInt8(ascii: "\n") } }
    if starts("/*") { return comment() }
    if let pounds = quote() { return string(pounds) }
    if let pounds = slash() { return regex(pounds) }
    if Self.isWord(byte) || byte == UInt8(ascii: "`") { return word() }
    switch byte {
    case UInt8(ascii: "\n"):
      // Of all that may go on in the next line, a declared variable and an accessor do not.
      if ["var", "accessor"].contains(headers.last??.word) { headers[headers.count - 1] = nil }
      return step()
    case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): return step()
    case UInt8(ascii: "{"): openBrace()
    case UInt8(ascii: "("), UInt8(ascii: "["): open.append(.bracket(isMacro: before == "macro"))
    case UInt8(ascii: "}"): return closeBrace()
    case UInt8(ascii: ")"), UInt8(ascii: "]"): return closeBracket()
    case UInt8(ascii: "#") where starts("#expect") || starts("#require"):
      step()
      skip { !Self.isWord($0) }
      before = "macro"
      return
    case UInt8(ascii: "#"), UInt8(ascii: "@"):
      // Another macro, `#if`, an attribute: no keyword.
      step()
      skip { !Self.isWord($0) }
      before = "#"
      return
    case UInt8(ascii: "=") where isAtStatement && headers.last??.word == "var": headers[headers.count - 1] = nil
    default: break
    }
    before = String(decoding: [byte], as: UTF8.self)
    step()
  }

  private mutating func word() {
    let start = at
    step()
    skip { !Self.isWord($0) && $0 != UInt8(ascii: "`") }
    let word = String(decoding: text[start..<at], as: UTF8.self)
    defer { before = word }
    guard isAtStatement, before != ".", before != "import" else { return }
    let header = headers[headers.count - 1]
    if word == "while", before == "repeat" { return }
    if let owner = Self.headers[word] {
      // `if var` is an `if`.
      if word != "var" || header == nil { headers[headers.count - 1] = (owner, word) }
    } else if word == "actor", peek() == UInt8(ascii: " "), Self.isWord(peek(1)) {
      headers[headers.count - 1] = (.body, word)
    } else if Self.accessors.contains(word), ["{", "}"].contains(before), case .brace(.body) = open.last {
      headers[headers.count - 1] = (.body, "accessor")
    }
  }

  private mutating func comment() {
    var depth = 0
    repeat {
      if starts("/*") {
        depth += 1
        step(2)
      } else if starts("*/") {
        depth -= 1
        step(2)
      } else {
        step()
      }
    } while depth > 0 && at < text.count
  }

  // MARK: Literals

  /// How many `#` stand before the quote that begins here; nil when none begins.
  private func quote() -> Int? { literal(UInt8(ascii: "\"")) }

  /// How many `#` stand before the regular expression that begins here; nil when none begins.
  private func slash() -> Int? {
    guard let pounds = literal(UInt8(ascii: "/")) else { return nil }
    // A bare one begins where a value may, and not with a space.
    let isValue = ["(", "[", "{", ",", "=", ":", "return", "in", "try", "&", "|", "!"].contains(before)
    return pounds > 0 || (isValue && peek(1) != UInt8(ascii: " ")) ? pounds : nil
  }

  private func literal(_ mark: UInt8) -> Int? {
    var pounds = 0
    while peek(pounds) == UInt8(ascii: "#") { pounds += 1 }
    return peek(pounds) == mark ? pounds : nil
  }

  private func isPounds(_ count: Int, from distance: Int) -> Bool {
    (0..<count).allSatisfy { peek(distance + $0) == UInt8(ascii: "#") }
  }

  private mutating func string(_ pounds: Int) {
    step(pounds)
    // `""` is empty, `"""` begins one of several lines.
    let isMultiline = starts("\"\"\"")
    step(isMultiline ? 3 : 1)
    restOfString(pounds, isMultiline)
  }

  private mutating func restOfString(_ pounds: Int, _ isMultiline: Bool) {
    before = "string"
    while at < text.count {
      if peek() == UInt8(ascii: "\\"), isPounds(pounds, from: 1) {
        if peek(1 + pounds) == UInt8(ascii: "(") {
          step(2 + pounds)
          open.append(.string(pounds: pounds, isMultiline: isMultiline))
          before = "("
          return
        }
        step(2 + pounds)
      } else if isMultiline
        ? starts("\"\"\"") && isPounds(pounds, from: 3) : peek() == UInt8(ascii: "\"") && isPounds(pounds, from: 1)
      {
        return step((isMultiline ? 3 : 1) + pounds)
      } else {
        step()
      }
    }
  }

  private mutating func regex(_ pounds: Int) {
    before = "regex"
    step(pounds + 1)
    while at < text.count, !(peek() == UInt8(ascii: "/") && isPounds(pounds, from: 1)) {
      step(peek() == UInt8(ascii: "\\") ? 2 : 1)
    }
    step(pounds + 1)
  }

  // MARK: Brackets

  /// Whether what is read stands in no bracket of the innermost brace.
  private var isAtStatement: Bool {
    switch open.last {
    case .brace, nil: true
    case .bracket, .string: false
    }
  }

  /// Whether a closure here is an argument of a macro that stands in the innermost brace.
  private var isInMacro: Bool {
    for item in open.reversed() {
      switch item {
      case .brace: return before == "macro"
      case .bracket(isMacro: true): return true
      case .bracket, .string: continue
      }
    }
    return before == "macro"
  }

  private mutating func openBrace() {
    var owner = Owner.closure
    if isAtStatement, before != "macro", let header = headers[headers.count - 1] {
      owner = header.owner
      headers[headers.count - 1] = nil
    } else if isInMacro {
      rooms[rooms.count - 1].inMacros.append(line)
    } else if rooms[rooms.count - 1].sibling == nil {
      rooms[rooms.count - 1].sibling = line
    }
    open.append(.brace(owner))
    headers.append(nil)
    switch owner {
    case .closure: rooms.append(Room(isClosure: true))
    case .body: rooms.append(Room(isClosure: false))
    case .block, .loop: break
    }
  }

  private mutating func closeBrace() {
    step()
    before = "}"
    guard case .brace(let owner) = open.popLast() else { return }
    headers.removeLast()
    switch owner {
    case .closure, .body:
      let room = rooms.removeLast()
      if room.isClosure, let sibling = room.sibling {
        findings += Set(room.inMacros).map { Finding(line: $0, sibling: sibling) }
      }
    case .block: break
    case .loop: before = "repeat"
    }
  }

  private mutating func closeBracket() {
    step()
    before = ")"
    switch open.popLast() {
    case .bracket(isMacro: true): before = "macro"
    case .string(let pounds, let isMultiline): restOfString(pounds, isMultiline)
    case .bracket, .brace, nil: break
    }
  }
}
