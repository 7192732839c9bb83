public import Metrics
import Synchronization

/// A metrics backend that keeps everything in memory and prints it in Prometheus' text format.
///
/// Labels become `snake_case`; counters get `_total`; timers and aggregating recorders are histograms (timers in seconds), other recorders and
/// meters are gauges. At most `maximumSeries` series exist; past that new ones are dropped and counted, because a label that somebody
/// filled with ids must not fill the memory.
public final class PrometheusRegistry: MetricsFactory {
  /// Upper bounds of the buckets of timers, in seconds.
  public static let durationBuckets: [Double] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
  /// Upper bounds of the buckets of other histograms.
  public static let sizeBuckets: [Double] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000, 10000, 100_000, 1_000_000]

  private enum Series {
    case counter(CounterSeries)
    case gauge(GaugeSeries)
    case histogram(HistogramSeries)

    var type: String {
      switch self {
      case .counter: "counter"
      case .gauge: "gauge"
      case .histogram: "histogram"
      }
    }
  }

  private struct State {
    var families: [String: [String: Series]] = [:]
    var count = 0
    var dropped = 0
  }

  private let state = Mutex(State())
  private let maximumSeries: Int

  /// Makes an empty registry.
  public init(maximumSeries: Int = 10_000) { self.maximumSeries = maximumSeries }

  /// Everything that was measured, as text format 0.0.4 (`text/plain; version=0.0.4`).
  public func exposition() -> String {
    let (families, dropped) = state.withLock { ($0.families, $0.dropped) }
    var text = ""
    for (name, members) in families.sorted(by: { $0.key < $1.key }) {
      guard let type = members.first?.value.type else { continue }
      text += "# TYPE \(name) \(type)\n"
      for (labels, series) in members.sorted(by: { $0.key < $1.key }) {
        switch series {
        case .counter(let counter): text += "\(name)\(Self.braces(labels)) \(Self.number(counter.value))\n"
        case .gauge(let gauge): text += "\(name)\(Self.braces(labels)) \(Self.number(gauge.value))\n"
        case .histogram(let histogram): text += histogram.lines(name: name, labels: labels)
        }
      }
    }
    return text + "# TYPE metrics_dropped_series gauge\nmetrics_dropped_series \(dropped)\n"
  }

  /// Makes or finds a counter.
  public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    counter(label, dimensions) ?? NOOPMetricsHandler.instance
  }

  /// Makes or finds a counter of fractions.
  public func makeFloatingPointCounter(label: String, dimensions: [(String, String)]) -> any FloatingPointCounterHandler {
    counter(label, dimensions) ?? NOOPMetricsHandler.instance
  }

  /// Makes or finds a gauge.
  public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    gauge(label, dimensions) ?? NOOPMetricsHandler.instance
  }

  /// Makes or finds a histogram (aggregating) or gauge.
  public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
    guard aggregate else { return gauge(label, dimensions) ?? NOOPMetricsHandler.instance }
    let made = series(Self.name(label), dimensions) { .histogram(HistogramSeries(bounds: Self.sizeBuckets)) }
    guard case .histogram(let histogram)? = made else { return NOOPMetricsHandler.instance }
    return histogram
  }

  /// Makes or finds a histogram of durations, printed in seconds.
  public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    let made = series(Self.name(label) + "_seconds", dimensions) { .histogram(HistogramSeries(bounds: Self.durationBuckets)) }
    guard case .histogram(let histogram)? = made else { return NOOPMetricsHandler.instance }
    return histogram
  }

  /// Series live as long as the registry: counting must not start over because a client object went away.
  public func destroyCounter(_ handler: any CounterHandler) {}
  /// Does nothing, as for counters.
  public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
  /// Does nothing, as for counters.
  public func destroyMeter(_ handler: any MeterHandler) {}
  /// Does nothing, as for counters.
  public func destroyRecorder(_ handler: any RecorderHandler) {}
  /// Does nothing, as for counters.
  public func destroyTimer(_ handler: any TimerHandler) {}

  private func counter(_ label: String, _ dimensions: [(String, String)]) -> CounterSeries? {
    let base = Self.name(label)
    let made = series(base.hasSuffix("_total") ? base : base + "_total", dimensions) { .counter(CounterSeries()) }
    guard case .counter(let counter)? = made else { return nil }
    return counter
  }

  private func gauge(_ label: String, _ dimensions: [(String, String)]) -> GaugeSeries? {
    guard case .gauge(let gauge)? = series(Self.name(label), dimensions, make: { .gauge(GaugeSeries()) }) else { return nil }
    return gauge
  }

  private func series(_ name: String, _ dimensions: [(String, String)], make: () -> Series) -> Series? {
    let labels = dimensions.map { "\(Self.name($0.0))=\"\(Self.escaped($0.1))\"" }.joined(separator: ",")
    return state.withLock { state in
      let fresh = make()
      if let family = state.families[name] {
        if let existing = family[labels] { return existing }
        // One name has one type in the text format; a second use as something else would make the whole page unreadable.
        if let sibling = family.first?.value, sibling.type != fresh.type {
          state.dropped += 1
          return nil
        }
      }
      guard state.count < maximumSeries else {
        state.dropped += 1
        return nil
      }
      state.count += 1
      state.families[name, default: [:]][labels] = fresh
      return fresh
    }
  }

  static func name(_ label: String) -> String {
    var result = ""
    for scalar in label.unicodeScalars {
      switch scalar {
      case "a"..."z", "A"..."Z", "_": result.unicodeScalars.append(scalar)
      case "0"..."9":
        if result.isEmpty { result = "_" }
        result.unicodeScalars.append(scalar)
      default: result += "_"
      }
    }
    return result.isEmpty ? "_" : result
  }

  static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    return value == value.rounded() && abs(value) < 9e15 ? "\(Int64(value))" : "\(value)"
  }

  static func braces(_ labels: String) -> String { labels.isEmpty ? "" : "{\(labels)}" }

  private static func escaped(_ value: String) -> String {
    var result = ""
    for character in value {
      switch character {
      case "\\": result += "\\\\"
      case "\"": result += "\\\""
      case "\n": result += "\\n"
      default: result.append(character)
      }
    }
    return result
  }
}
