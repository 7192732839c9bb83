internal import AsyncHTTPClient
internal import Domain
internal import NIOCore
internal import NIOHTTP1
internal import ServerKit
public import Storage

/// Signs requests to one bucket, sends them, and sends them again when that may help.
final class S3Client: Sendable {
  /// A small answer.
  struct Response: Sendable {
    let status: Int
    let headers: HTTPHeaders
    let body: S3XML
  }

  /// The most bytes of an answer that is read whole: a listing of 1,000 names has a third of it.
  private static let longestAnswer = 4 << 20

  let server: BlobConfiguration.Server
  let bucket: String
  let limits: S3Limits
  private let now: @Sendable () -> Timestamp
  private let http: HTTPClient

  init(
    server: BlobConfiguration.Server, bucket: String, limits: S3Limits, addresses: [String: String],
    now: @escaping @Sendable () -> Timestamp
  ) {
    (self.server, self.bucket, self.limits, self.now) = (server, bucket, limits, now)
    var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow, decompression: .disabled)
    configuration.timeout = .init(
      connect: TimeAmount(limits.connect), read: TimeAmount(limits.silence), write: TimeAmount(limits.silence))
    configuration.httpVersion = .http1Only
    configuration.dnsOverride = addresses
    http = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
  }

  /// Closes the connections.
  func close() async {
    do {
      try await http.shutdown()
    } catch {
      // It was closed before; what is closed twice is closed.
      return
    }
  }

  /// Sends a request whose answer is small.
  ///
  /// - Parameter accepting: statuses past 299 that are answers and no errors.
  func send(_ request: S3Request, accepting: Set<Int> = []) async throws(BlobError) -> Response {
    try await repeating { () async throws(S3Fault) in
      let response = try await self.attempt(request, accepting: accepting)
      let body = try await self.whole(response)
      // Some requests are answered 200 before it is known how they end.
      if response.status == .ok, let code = body.first("Error")?.value("Code") {
        throw S3Fault(status: 500, code: code)
      }
      return Response(status: Int(response.status.code), headers: response.headers, body: body)
    }
  }

  /// Sends a request whose answer is read as it comes.
  func open(_ request: S3Request, accepting: Set<Int> = []) async throws(BlobError) -> HTTPClientResponse {
    try await repeating { () async throws(S3Fault) in try await self.attempt(request, accepting: accepting) }
  }

  /// An address that is good for `seconds` without a header.
  func presigned(_ request: S3Request, seconds: Int) -> String {
    let addressed = request.addressed(server, bucket: bucket)
    let query = signer.presignedQuery(addressed, seconds: seconds, at: now())
    return "\(scheme)\(addressed.host)\(addressed.path)?\(query)"
  }

  /// Waits before another attempt.
  ///
  /// - Throws: `.cancelled`.
  func pause(after failures: Int) async throws(BlobError) {
    do {
      try await Task.sleep(for: limits.backoff.delay(after: failures, random: .random(in: 0...1)))
    } catch {
      throw BlobError(.cancelled, "the task was cancelled")
    }
  }

  private var signer: SigV4 { SigV4(accessKey: server.accessKey, secretKey: server.secretKey, region: server.region) }
  private var scheme: String { server.endpoint.isSecure ? "https://" : "http://" }

  private func repeating<T: Sendable>(_ body: () async throws(S3Fault) -> T) async throws(BlobError) -> T {
    var failures = 0
    while true {
      do throws(S3Fault) {
        return try await body()
      } catch {
        failures += 1
        guard error.mayRetry, failures < limits.attempts else { throw error.error }
        try await pause(after: failures)
      }
    }
  }

  private func attempt(_ request: S3Request, accepting: Set<Int>) async throws(S3Fault) -> HTTPClientResponse {
    let addressed = request.addressed(server, bucket: bucket)
    let query = SigV4.query(addressed.query)
    var message = HTTPClientRequest(url: scheme + addressed.host + addressed.path + (query.isEmpty ? "" : "?" + query))
    message.method = HTTPMethod(rawValue: request.method)
    // A retry is signed anew, for the time at which it is sent.
    for (name, value) in signer.signedHeaders(addressed, payload: request.hash.hex, at: now()) {
      message.headers.add(name: name, value: value)
    }
    message.body = request.body
    let response: HTTPClientResponse
    do {
      response = try await http.execute(message, deadline: .now() + TimeAmount(limits.request))
    } catch {
      throw S3Fault(error)
    }
    let status = Int(response.status.code)
    if (200...299).contains(status) || accepting.contains(status) { return response }
    let body = try await whole(response)
    throw S3Fault(status: status, code: body.value("Code") ?? "")
  }

  private func whole(_ response: HTTPClientResponse) async throws(S3Fault) -> S3XML {
    do {
      let body = try await response.body.collect(upTo: Self.longestAnswer)
      return S3XML(String(buffer: body))
    } catch {
      throw S3Fault(error)
    }
  }
}

/// How long things may take, and how often they are tried.
public struct S3Limits: Sendable {
  /// The longest that a connection takes to be made. Default 3 s.
  public var connect: Duration = .seconds(3)
  /// The longest that the server may say, or take, nothing in the middle of a request. Default 30 s.
  public var silence: Duration = .seconds(30)
  /// The longest from the start of a request to the start of its answer. Default 10 min: a part of 16 MiB over a slow line.
  public var request: Duration = .seconds(600)
  /// How often a request is sent in all. Default 4.
  public var attempts = 4
  /// How long the waits between are.
  public var backoff = Backoff(first: .milliseconds(200), limit: .seconds(3))
  /// Files longer than this are sent in parts of this length. Default 16 MiB; S3 takes none under 5 MiB.
  public var part: Int64 = 16 << 20
  /// How old an unfinished upload is when `sweep` aborts it. Default 24 h.
  public var abandoned: Duration = .seconds(86_400)

  /// The defaults.
  public init() {}
}

/// A failed attempt.
struct S3Fault: Error {
  let error: BlobError
  let mayRetry: Bool

  init(status: Int, code: String) { (error, mayRetry) = S3Answer.fault(status: status, code: code) }

  /// What the client threw: our own error from reading a file, the task's end, or one of the many ways in which a connection fails.
  init(_ thrown: any Error) {
    if let known = thrown as? BlobError {
      (error, mayRetry) = (known, false)
    } else if thrown is CancellationError || Task.isCancelled {
      (error, mayRetry) = (BlobError(.cancelled, "the task was cancelled"), false)
    } else {
      (error, mayRetry) = (BlobError(.unavailable, "the S3 server could not be reached: \(thrown)"), true)
    }
  }
}

extension TimeAmount {
  /// To the nanosecond.
  init(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    self = .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
  }
}
