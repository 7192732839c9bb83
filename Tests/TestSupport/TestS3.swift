import Foundation

/// The S3 server that tests use, which `./onefin test` starts.
public struct TestS3: Sendable {
  /// What a developer reads when the variable is missing.
  struct Missing: Error, CustomStringConvertible {
    let description =
      "Set ONEFIN_TEST_S3 to “ENDPOINT ACCESS_KEY SECRET_KEY” of a throw-away S3 server; ./onefin test does it for you (tools/s3-server.sh)."
  }

  /// Its address.
  public let endpoint: String
  /// Who tests are there.
  public let accessKey: String
  /// What they sign with.
  public let secretKey: String
  /// A bucket that tests share; each uses a prefix of its own.
  public let bucket = "onefin-test"

  /// The server of this run. Throws: one sentence when there is none.
  public init() throws {
    let words = ProcessInfo.processInfo.environment["ONEFIN_TEST_S3"]?.split(separator: " ").map(String.init) ?? []
    guard words.count == 3 else { throw Missing() }
    (endpoint, accessKey, secretKey) = (words[0], words[1], words[2])
  }

  /// A prefix that nobody else has.
  public static func newPrefix() -> String { "\(UUID().uuidString)/" }
}
