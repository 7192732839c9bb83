import Domain
import Foundation
import Testing
import WebSocketServer

@testable import ChatServer

/// What the hub wrote, socket by socket, in order.
final class RecordingWriter: SocketWriter {
  private(set) var frames: [SocketID: [String]] = [:]
  private(set) var closes: [SocketID: UInt16] = [:]
  /// When each frame was written, by the monotonic clock.
  private(set) var times: [SocketID: [Int64]] = [:]
  private let clock: ChatClock

  init(_ clock: ChatClock) { self.clock = clock }

  /// What `queuedBytes` says; 0 unless a test makes a receiver slow.
  var queued: [SocketID: Int] = [:]

  func write(_ frame: Frame, to socket: SocketID) {
    frames[socket, default: []].append(String(decoding: frame.payload, as: UTF8.self))
    times[socket, default: []].append(clock.uptime())
  }

  func close(_ socket: SocketID, code: UInt16, reason: String) { closes[socket] = code }

  func queuedBytes(_ socket: SocketID) -> Int { queued[socket] ?? 0 }
}

/// JSON as tests look at it. Compares as JSON does, not as bytes do.
enum JSONValue: Hashable, Sendable {
  case null
  case flag(Bool)
  case number(Int64)
  case text(String)
  case list([JSONValue])
  case object([String: JSONValue])

  init(_ text: String) throws {
    self.init(any: try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed))
  }

  private init(any value: Any) {
    switch value {
    case let value as [String: Any]: self = .object(value.mapValues { JSONValue(any: $0) })
    case let value as [Any]: self = .list(value.map { JSONValue(any: $0) })
    case let value as String: self = .text(value)
    case let value as NSNumber:
      // On Linux a Bool is an NSNumber of its own kind.
      self = CFGetTypeIDIsBool(value) ? .flag(value.boolValue) : .number(value.int64Value)
    default: self = .null
    }
  }

  subscript(_ name: String) -> JSONValue? {
    get { if case .object(let members) = self { members[name] } else { nil } }
    set {
      guard case .object(var members) = self else { return }
      members[name] = newValue
      self = .object(members)
    }
  }

  var text: String? { if case .text(let text) = self { text } else { nil } }
  var number: Int64? { if case .number(let number) = self { number } else { nil } }
  var flag: Bool? { if case .flag(let flag) = self { flag } else { nil } }
  var list: [JSONValue] { if case .list(let list) = self { list } else { [] } }
}

private func CFGetTypeIDIsBool(_ value: NSNumber) -> Bool {
  String(cString: value.objCType) == "c" && (value == true || value == false)
}
