import Domain
import Foundation

/// Holds ghosts' stays against the ledger that was written when they began, showed something and ended, as `GhostLedger.verify` does in the
/// database. Only bundles of everything have both.
struct BundleStays {
  /// What a stay's own row says.
  private var stays: [Int64: BundleRow.Ghost] = [:]
  /// What the ledger says of it.
  private var told: [Int64: Told] = [:]
  private let decoder = JSONDecoder()

  private struct Told {
    var begin: BundleRow.Ledger?
    var end: BundleRow.Ledger?
    var range: ClosedRange<Int64>?
  }

  /// The details of a ledger's row, as far as they are compared.
  private struct Detail: Decodable {
    var reason: String?
    var started: String?
    var until: String?
    var ended: String?

    static func microseconds(_ text: String?) -> Int64? { text.flatMap { Timestamp(rfc3339: $0) }?.microseconds }
  }

  mutating func take(_ stay: BundleRow.Ghost) { stays[stay.observation] = stay }

  /// Takes a row whose hash is right.
  mutating func take(_ row: BundleRow.Ledger) {
    switch row.kind {
    case 1: told[row.observation, default: Told()].begin = row
    case 2:
      let before = told[row.observation]?.range
      let (low, high) = (min(before?.lowerBound ?? row.lowest, row.lowest), max(before?.upperBound ?? row.highest, row.highest))
      told[row.observation, default: Told()].range = min(low, high)...high
    case 5: told[row.observation, default: Told()].end = row
    default: break
    }
  }

  /// After the ledger's last row: what doesn't fit, by stay.
  func faults() -> [String] {
    Set(stays.keys).union(told.keys).sorted().compactMap { stay in
      reason(stays[stay], told[stay]).map { "stay \(stay): \($0)" }
    }
  }

  private func reason(_ stay: BundleRow.Ghost?, _ told: Told?) -> String? {
    guard let begin = told?.begin else { return "its beginning is not in the ledger" }
    guard let stay else { return "its own row is gone" }
    guard (stay.account, stay.topic, stay.session) == (begin.account, begin.topic, begin.session) else {
      return "its own row names another watcher, topic or session"
    }
    let said = detail(begin)
    guard stay.reason == said?.reason, stay.startedAt == Detail.microseconds(said?.started),
      stay.endsAt == Detail.microseconds(said?.until)
    else { return "its own row gives another reason or time" }
    guard stay.endedAt == told?.end.flatMap({ Detail.microseconds(detail($0)?.ended) }) else {
      return "its end is not the one in the ledger"
    }
    guard stay.from == told?.range?.lowerBound, stay.to == told?.range?.upperBound else {
      return "its range is not the one in the ledger"
    }
    return nil
  }

  private func detail(_ row: BundleRow.Ledger) -> Detail? {
    do { return try decoder.decode(Detail.self, from: Data(row.detail.utf8)) } catch { return nil }
  }
}
