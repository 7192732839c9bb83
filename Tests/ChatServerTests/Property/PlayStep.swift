import Domain
import TestSupport

/// One thing that somebody does. What it means exactly is found when it is done, from the numbers and what is there then: so that a play with steps
/// left out is a play as well.
struct PlayStep: CustomStringConvertible {
  enum Deed: String, CaseIterable {
    case send, again, edit, delete, close, dismiss, hold, resume, reopen, rate, read, typing, history, versions, ping
    case subscribe, unsubscribe, inbox, observe, unobserve
    case connect, disconnect, restore, slow, quick
    case wait, pause, day, deaf, access, endSession, look
    case upload, mark, work, ask, answer

    /// How often it comes, relative to the others.
    var weight: Int {
      switch self {
      case .send: 24
      case .read, .upload, .work: 12
      case .mark: 8
      case .edit, .delete, .typing, .subscribe, .disconnect, .wait, .ask: 6
      case .answer, .connect, .slow, .quick, .close, .dismiss, .hold, .resume, .reopen, .rate, .observe, .look: 4
      case .again, .history, .versions, .unsubscribe, .inbox, .access, .pause: 3
      case .unobserve, .deaf, .endSession, .restore: 2
      case .ping, .day: 1
      }
    }
  }

  var deed: Deed
  var seat: Int
  var numbers: (Int, Int)

  var description: String { "\(deed)(seat \(seat), \(numbers.0), \(numbers.1))" }

  /// A play of so many steps.
  static func play(seed: UInt64, length: Int, seats: Int) -> [PlayStep] {
    var random = SeededRandom(seed)
    let total = Deed.allCases.reduce(0) { $0 + $1.weight }
    return (0..<length).map { _ in
      var place = Int.random(in: 0..<total, using: &random)
      let deed = Deed.allCases.first { deed in
        place -= deed.weight
        return place < 0
      }
      return PlayStep(
        deed: deed ?? .send, seat: Int.random(in: 0..<seats, using: &random),
        numbers: (Int.random(in: 0..<10_000, using: &random), Int.random(in: 0..<10_000, using: &random)))
    }
  }
}
