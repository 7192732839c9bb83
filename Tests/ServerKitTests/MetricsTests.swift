import Metrics
import ServerKit
import Testing

@Suite struct MetricsTests {
  @Test func everyKindIsPrinted() {
    let registry = PrometheusRegistry()
    let counter = Counter(
      label: "http.requests", dimensions: [("route", "/api/v1/users/{id}"), ("status", "200")], factory: registry)
    counter.increment(by: 2)
    counter.increment()
    Meter(label: "open.sockets", factory: registry).set(7)
    let timer = Timer(label: "request.duration", dimensions: [("route", "a\"b\\c\nd")], factory: registry)
    timer.recordNanoseconds(3_000_000)
    timer.recordNanoseconds(20_000_000_000)
    Recorder(label: "batch", factory: registry).record(8)

    let lines = registry.exposition().split(separator: "\n").map(String.init)
    #expect(lines.contains("# TYPE http_requests_total counter"))
    #expect(lines.contains("http_requests_total{route=\"/api/v1/users/{id}\",status=\"200\"} 3"))
    #expect(lines.contains("open_sockets 7"))
    let label = "route=\"a\\\"b\\\\c\\nd\""
    #expect(lines.contains("request_duration_seconds_bucket{\(label),le=\"0.0025\"} 0"))
    #expect(lines.contains("request_duration_seconds_bucket{\(label),le=\"0.005\"} 1"))
    #expect(lines.contains("request_duration_seconds_bucket{\(label),le=\"10\"} 1"))
    #expect(lines.contains("request_duration_seconds_bucket{\(label),le=\"+Inf\"} 2"))
    #expect(lines.contains("request_duration_seconds_count{\(label)} 2"))
    #expect(lines.contains("batch_bucket{le=\"10\"} 1") && lines.contains("batch_bucket{le=\"5\"} 0"))
  }

  @Test func theSameSeriesIsSharedAndSurvivesItsObject() {
    let registry = PrometheusRegistry()
    for _ in 1...3 { Counter(label: "n", factory: registry).increment() }
    #expect(registry.exposition().contains("n_total 3\n"))
  }

  @Test func seriesAreBounded() {
    let registry = PrometheusRegistry(maximumSeries: 5)
    for id in 1...9 { Counter(label: "n", dimensions: [("id", "\(id)")], factory: registry).increment() }
    let text = registry.exposition()
    #expect(text.split(separator: "\n").filter { $0.hasPrefix("n_total") }.count == 5)
    #expect(text.contains("metrics_dropped_series 4"))
  }

  @Test func aNameHasOneType() {
    let registry = PrometheusRegistry()
    Meter(label: "n_total", dimensions: [("a", "1")], factory: registry).set(1)
    Counter(label: "n", factory: registry).increment()
    #expect(registry.exposition().split(separator: "\n").filter { $0.hasPrefix("# TYPE n_total") } == ["# TYPE n_total gauge"])
  }

  @Test func healthNamesWhatIsWrong() async {
    let health = HealthRegistry(limit: .milliseconds(20))
    #expect(await health.problems().isEmpty)
    health.register("well") { nil }
    health.register("postgres") { "away" }
    health.register("slow") {
      do { try await Task.sleep(for: .seconds(60)) } catch { return nil }
      return nil
    }
    let problems = await health.problems()
    #expect(problems.map(\.name) == ["postgres", "slow"])
    #expect(problems.map(\.reason) == ["away", "no answer in time"])
    health.drain()
    #expect(await health.problems().map(\.reason) == ["stopping"])
  }
}
