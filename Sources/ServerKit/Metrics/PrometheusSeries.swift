import Metrics
import Synchronization

/// A sum that only grows.
final class CounterSeries: CounterHandler, FloatingPointCounterHandler {
  private let sum = Mutex(0.0)

  var value: Double { sum.withLock { $0 } }

  func increment(by amount: Int64) { increment(by: Double(amount)) }

  func increment(by amount: Double) {
    // The format promises that counters don't fall.
    guard amount > 0, amount.isFinite else { return }
    sum.withLock { $0 += amount }
  }

  func reset() { sum.withLock { $0 = 0 } }
}

/// A number that goes up and down.
final class GaugeSeries: MeterHandler, RecorderHandler {
  private let current = Mutex(0.0)

  var value: Double { current.withLock { $0 } }

  func set(_ value: Int64) { set(Double(value)) }
  func set(_ value: Double) { current.withLock { $0 = value } }
  func increment(by amount: Double) { current.withLock { $0 += amount } }
  func decrement(by amount: Double) { current.withLock { $0 -= amount } }
  func record(_ value: Int64) { set(Double(value)) }
  func record(_ value: Double) { set(value) }
}

/// Observations counted in fixed buckets.
final class HistogramSeries: TimerHandler, RecorderHandler {
  private struct State {
    var counts: [UInt64]
    var sum = 0.0
  }

  private let bounds: [Double]
  private let state: Mutex<State>

  init(bounds: [Double]) {
    self.bounds = bounds
    state = Mutex(State(counts: [UInt64](repeating: 0, count: bounds.count + 1)))
  }

  func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
  func record(_ value: Int64) { record(Double(value)) }

  func record(_ value: Double) {
    guard value.isFinite else { return }
    let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
    state.withLock {
      $0.counts[bucket] += 1
      $0.sum += value
    }
  }

  func lines(name: String, labels: String) -> String {
    let state = state.withLock { $0 }
    let separator = labels.isEmpty ? "" : ","
    var text = ""
    var running: UInt64 = 0
    for (bound, count) in zip(bounds, state.counts) {
      running += count
      text += "\(name)_bucket{\(labels)\(separator)le=\"\(PrometheusRegistry.number(bound))\"} \(running)\n"
    }
    running += state.counts[bounds.count]
    text += "\(name)_bucket{\(labels)\(separator)le=\"+Inf\"} \(running)\n"
    text += "\(name)_sum\(PrometheusRegistry.braces(labels)) \(PrometheusRegistry.number(state.sum))\n"
    return text + "\(name)_count\(PrometheusRegistry.braces(labels)) \(running)\n"
  }
}
