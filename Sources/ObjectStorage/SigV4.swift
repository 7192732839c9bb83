private import Crypto
internal import Domain

/// AWS Signature Version 4 for S3. Pure: the request and the time go in, what proves who asks comes out.
///
/// Source: "Authenticating Requests (AWS Signature Version 4)" in the Amazon S3 API Reference.
struct SigV4: Sendable {
  /// Who asks.
  var accessKey: String
  /// What only that one and the server know.
  var secretKey: String
  /// The server's region.
  var region: String

  /// What of a request is signed.
  struct Request: Sendable {
    /// The method, in capitals.
    var method: String
    /// The `Host` header.
    var host: String
    /// The path as it will be sent, percent-encoded.
    var path: String
    /// The query, not encoded.
    var query: [(name: String, value: String)] = []
    /// Further headers to sign.
    var headers: [(name: String, value: String)] = []
  }

  /// What stands for the payload's hash when it isn't signed.
  static let unsignedPayload = "UNSIGNED-PAYLOAD"

  /// The headers that the request is sent with: its own, and those that sign it.
  ///
  /// - Parameters:
  ///   - request: the request.
  ///   - payload: the SHA-256 of its body in hexadecimal.
  ///   - time: now; servers refuse what is more than 15 minutes off.
  func signedHeaders(_ request: Request, payload: String, at time: Timestamp) -> [(name: String, value: String)] {
    let (stamp, day) = Self.stamps(time)
    var headers = request.headers.map { (name: $0.name.lowercased(), value: $0.value) }
    headers += [("host", request.host), ("x-amz-content-sha256", payload), ("x-amz-date", stamp)]
    let signed = headers.map(\.name).sorted().joined(separator: ";")
    let canonical = Self.canonical(request, query: Self.query(request.query), headers: headers, payload: payload)
    let signature = sign(canonical, stamp: stamp, day: day)
    let proof =
      "AWS4-HMAC-SHA256 Credential=\(accessKey)/\(scope(day)), SignedHeaders=\(signed), Signature=\(signature)"
    return headers + [("authorization", proof)]
  }

  /// The query that makes an address good for whoever has it, without headers, for `seconds` (at most 604,800).
  func presignedQuery(_ request: Request, seconds: Int, at time: Timestamp) -> String {
    let (stamp, day) = Self.stamps(time)
    let proof: [(name: String, value: String)] = [
      ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"), ("X-Amz-Credential", "\(accessKey)/\(scope(day))"), ("X-Amz-Date", stamp),
      ("X-Amz-Expires", String(seconds)), ("X-Amz-SignedHeaders", "host"),
    ]
    let query = Self.query(request.query + proof)
    let canonical = Self.canonical(request, query: query, headers: [("host", request.host)], payload: Self.unsignedPayload)
    return query + "&X-Amz-Signature=" + sign(canonical, stamp: stamp, day: day)
  }

  private func scope(_ day: String) -> String { "\(day)/\(region)/s3/aws4_request" }

  private func sign(_ canonical: String, stamp: String, day: String) -> String {
    let text = "AWS4-HMAC-SHA256\n\(stamp)\n\(scope(day))\n" + BlobHash(of: canonical.utf8).hex
    var key = Array("AWS4\(secretKey)".utf8)
    for part in [day, region, "s3", "aws4_request", text] {
      key = Array(HMAC<SHA256>.authenticationCode(for: Array(part.utf8), using: SymmetricKey(data: key)))
    }
    return Hex.string(key)
  }

  /// The request in the one form that both sides hash.
  private static func canonical(
    _ request: Request, query: String, headers: [(name: String, value: String)], payload: String
  ) -> String {
    let sorted = headers.sorted { $0.name < $1.name }
    let lines = sorted.map { "\($0.name):\(Self.folded($0.value))\n" }.joined()
    let names = sorted.map(\.name).joined(separator: ";")
    return "\(request.method)\n\(request.path)\n\(query)\n\(lines)\n\(names)\n\(payload)"
  }

  /// The value without blanks at its ends and with one in place of several.
  private static func folded(_ value: String) -> String { value.split(whereSeparator: { $0 == " " }).joined(separator: " ") }

  /// `20130524T000000Z` and `20130524`.
  private static func stamps(_ time: Timestamp) -> (stamp: String, day: String) {
    let stamp = time.rfc3339.prefix(19).filter { $0 != "-" && $0 != ":" } + "Z"
    return (stamp, String(stamp.prefix(8)))
  }

  /// The query as it is signed and sent: encoded, in order.
  static func query(_ parameters: [(name: String, value: String)]) -> String {
    parameters.map { (encoded($0.name), encoded($0.value)) }.sorted { $0 < $1 }.map { "\($0)=\($1)" }.joined(separator: "&")
  }

  /// Percent-encodes everything but the unreserved characters of RFC 3986.
  ///
  /// - Parameter keepsSlashes: for paths.
  static func encoded(_ text: String, keepsSlashes: Bool = false) -> String {
    var result = ""
    for byte in text.utf8 {
      switch byte {
      case 65...90, 97...122, 48...57, 45, 46, 95, 126: result.unicodeScalars.append(Unicode.Scalar(byte))
      case 47 where keepsSlashes: result += "/"
      default: result += "%" + Hex.string([byte]).uppercased()
      }
    }
    return result
  }
}
