import Domain
import Foundation
import Storage
import TestSupport
import Testing

@testable import ChatServer

/// Rule 6 of the paper: state made of a snapshot and events equals a fresh look. Random plays of every verb by several people on several topics, with
/// connections that break, come back, fall behind, lose the feed, and access that ends and begins.
///
/// A play that fails is made shorter, and printed with its seed; `ONEFIN_PLAY=SEED` plays that one again, `ONEFIN_PLAYS=N` plays so many that nobody has
/// seen before. Without either the same ones are played each time: a change is judged by what it changes.
@Suite struct PropertyTests {
  private static let length = 90
  private static let part = 22

  @Test(.timeLimit(.minutes(10))) func stateAndEventsAreAFreshLook() async throws {
    let environment = ProcessInfo.processInfo.environment
    let first = environment["ONEFIN_PLAY"].flatMap { UInt64($0) }
    let plays = environment["ONEFIN_PLAYS"].flatMap { UInt64($0) }
    let seed = first ?? (plays == nil ? 297_781_848 : UInt64.random(in: 0..<1_000_000_000))
    let count = first == nil ? plays ?? 24 : 1
    print("plays: \(count) from seed \(seed)")
    try await withThrowingTaskGroup(of: Void.self) { group in
      for lane in 0..<2 as Range<UInt64> {
        group.addTask {
          for number in stride(from: lane, to: count, by: 2) { try await Self.play(seed + number) }
        }
      }
      try await group.waitForAll()
    }
  }

  private static func play(_ seed: UInt64) async throws {
    let steps = PlayStep.play(seed: seed, length: length, seats: 7)
    guard let fault = await fault(seed, steps) else { return }
    let (short, reason) = await shorten(seed, steps, fault)
    let script = short.map { "  \($0)" }.joined(separator: "\n")
    Issue.record("play \(seed), \(short.count) of \(steps.count) steps:\n\(script)\n\(reason)\nAs it was first: \(fault)")
  }

  /// Leaves out ever smaller parts for as long as it still fails. What happens meanwhile is not the same each time, so each is tried twice.
  private static func shorten(_ seed: UInt64, _ steps: [PlayStep], _ fault: String) async -> ([PlayStep], String) {
    var (steps, reason) = (steps, fault)
    var size = steps.count / 2
    let start = ContinuousClock.now
    while size >= 1 {
      var place = 0
      while place < steps.count, ContinuousClock.now - start < .seconds(60) {
        var fewer = steps
        fewer.removeSubrange(place..<min(place + size, steps.count))
        if let fault = await Self.fault(seed, fewer) {
          (steps, reason) = (fewer, fault)
        } else {
          place += size
        }
      }
      size /= 2
    }
    return (steps, reason)
  }

  /// What went wrong in a play; nil when nothing did.
  private static func fault(_ seed: UInt64, _ steps: [PlayStep]) async -> String? {
    do {
      return try await withTestDatabase { database in
        let room = try await PlayRoom.make(database, isPostgres: seed.isMultiple(of: 6), rows: seed.isMultiple(of: 2) ? 60 : 0)
        defer { room.stop() }
        for (number, step) in steps.enumerated() {
          try await room.perform(step, number)
          guard step.deed == .look || number == steps.count - 1 else { continue }
          if number == steps.count - 1 { for seat in room.seats { try await seat.connect() } }
          for seat in room.seats { seat.setQuick() }
          try await room.settle()
          let differences = try await room.differences()
          guard differences.isEmpty else {
            return "after step \(number), \(step):\n\(differences.prefix(12).joined(separator: "\n"))"
          }
        }
        return nil
      }
    } catch {
      return "\(error)"
    }
  }
}
