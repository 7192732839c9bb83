import Domain
import Storage

/// Live news as text on the channel `onefin_live`: a JSON object each, below the 8000 bytes that NOTIFY takes.
enum LiveNewsCodec {
  /// The most accounts of one part of a roster.
  static let rosterPart = 400

  /// `number` makes payloads differ: Postgres drops a notification that equals another of its transaction.
  static func encode(_ news: LiveNews, node: Key, number: Int64) -> String {
    var json = JSONWriter()
    json.openObject()
    json.name("node")
    json.value(node)
    json.name("n")
    json.value(number)
    json.name("is")
    func field(_ name: StaticString, _ value: Int64) {
      json.name(name)
      json.value(value)
    }
    switch news {
    case .typing(let topic, let account, let isOn):
      json.word("typing")
      field("topic", topic.rawValue)
      field("account", account.rawValue)
      field("on", isOn ? 1 : 0)
    case .read(let mark):
      json.word("read")
      field("topic", mark.topic.rawValue)
      field("account", mark.account.rawValue)
      field("seq", mark.seq)
      field("at", mark.at.microseconds)
      field("unread", Int64(mark.unread))
      field("head", mark.head)
    case .online(let account):
      json.word("online")
      field("account", account.rawValue)
    case .offline(let account, let seen):
      json.word("offline")
      field("account", account.rawValue)
      field("at", seen.microseconds)
    case .roster(let accounts, let isFirst, let isLast):
      json.word("roster")
      field("on", (isFirst ? 1 : 0) + (isLast ? 2 : 0))
      json.name("accounts")
      json.value(accounts.map { String($0.rawValue) }.joined(separator: " "))
    case .hello: json.word("hello")
    case .goodbye: json.word("goodbye")
    }
    json.closeObject()
    return String(decoding: json.bytes, as: UTF8.self)
  }

  /// What a payload says; nil for what no node of ours wrote.
  static func decode(_ payload: String) -> (node: Key, news: LiveNews)? {
    var payload = payload
    return payload.withUTF8 { text in
      let bytes = UnsafeRawBufferPointer(text)
      var strings: [String: String] = [:]
      var numbers: [String: Int64] = [:]
      var reader = JSONReader(bytes)
      do throws(JSONFault) {
        _ = try reader.document { name, value in
          guard let name = JSONString.decode(name, in: bytes) else { return }
          strings[name] = JSONString.decode(value, in: bytes)
          numbers[name] = JSONString.integer(value, in: bytes)
        }
      } catch {
        return nil
      }
      guard let node = strings["node"].flatMap({ Key($0) }), let news = news(strings, numbers) else { return nil }
      return (node, news)
    }
  }

  private static func news(_ strings: [String: String], _ numbers: [String: Int64]) -> LiveNews? {
    let topic = numbers["topic"].map { TopicID($0) }
    let account = numbers["account"].map { AccountID($0) }
    let at = numbers["at"].map { Timestamp(microseconds: $0) }
    switch strings["is"] {
    case "typing":
      guard let topic, let account, let on = numbers["on"] else { return nil }
      return .typing(topic, account, isOn: on == 1)
    case "read":
      guard let topic, let account, let seq = numbers["seq"], let at, let unread = numbers["unread"], let head = numbers["head"]
      else { return nil }
      return .read(
        ReadMark(topic: topic, account: account, seq: seq, at: at, unread: Int(unread), head: head, didMove: true))
    case "online": return account.map { .online($0) }
    case "offline":
      guard let account, let at else { return nil }
      return .offline(account, seen: at)
    case "roster":
      guard let list = strings["accounts"], let on = numbers["on"] else { return nil }
      let accounts = list.split(separator: " ").compactMap { Int64($0).map { AccountID($0) } }
      return .roster(accounts, isFirst: on & 1 != 0, isLast: on & 2 != 0)
    case "hello": return .hello
    case "goodbye": return .goodbye
    default: return nil
    }
  }
}
