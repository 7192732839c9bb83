import Domain
import Testing

@testable import ObjectStorage

/// The examples of the Amazon S3 API Reference ("Signature Calculations for the Authorization Header" and "Using Query Parameters").
struct SigV4Tests {
  private let signer = SigV4(
    accessKey: "AKIAIOSFODNN7EXAMPLE", secretKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", region: "us-east-1")
  private let time = Timestamp(rfc3339: "2013-05-24T00:00:00Z") ?? Timestamp(microseconds: 0)
  private let host = "examplebucket.s3.amazonaws.com"
  private let nothing = BlobHash(of: []).hex

  private func proof(_ request: SigV4.Request, payload: String) -> String? {
    signer.signedHeaders(request, payload: payload, at: time).first { $0.name == "authorization" }?.value
  }

  @Test("GET of a part of an object")
  func get() {
    let request = SigV4.Request(method: "GET", host: host, path: "/test.txt", headers: [("Range", "bytes=0-9")])
    #expect(
      proof(request, payload: nothing)
        == "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
        + "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
        + "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
  }

  @Test("PUT of an object whose name must be encoded")
  func put() {
    let request = SigV4.Request(
      method: "PUT", host: host, path: "/" + SigV4.encoded("test$file.text", keepsSlashes: true),
      headers: [("Date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")])
    let payload = BlobHash(of: Array("Welcome to Amazon S3.".utf8)).hex
    let signature = proof(request, payload: payload)?.suffix(64)
    #expect(signature == "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")
  }

  @Test(
    "Queries with a name alone, and with several in another order",
    arguments: [
      ([("lifecycle", "")], "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
      ([("prefix", "J"), ("max-keys", "2")], "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
    ])
  func queries(query: [(String, String)], signature: String) {
    let request = SigV4.Request(method: "GET", host: host, path: "/", query: query.map { (name: $0.0, value: $0.1) })
    #expect(proof(request, payload: nothing)?.suffix(64) == signature[...])
  }

  @Test("An address that is good for a day")
  func presigned() {
    let request = SigV4.Request(method: "GET", host: host, path: "/test.txt")
    #expect(
      signer.presignedQuery(request, seconds: 86_400, at: time)
        == "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
        + "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
        + "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404")
  }

  @Test("Everything but unreserved characters is encoded, byte by byte")
  func encoding() {
    #expect(SigV4.encoded("aZ09-._~") == "aZ09-._~")
    #expect(SigV4.encoded(" +/=%\u{421}") == "%20%2B%2F%3D%25%D0%A1")
    #expect(SigV4.encoded("a/b c", keepsSlashes: true) == "a/b%20c")
    #expect(SigV4.query([("b", "1"), ("a", "x y"), ("a", "")]) == "a=&a=x%20y&b=1")
  }

  @Test("Every part of a request changes its signature")
  func covers() {
    let plain = SigV4.Request(method: "GET", host: host, path: "/a", query: [("q", "1")], headers: [("range", "bytes=0-1")])
    var others = [SigV4.Request](repeating: plain, count: 5)
    others[0].method = "PUT"
    others[1].host = "other.s3.amazonaws.com"
    others[2].path = "/b"
    others[3].query = [("q", "2")]
    others[4].headers = [("range", "bytes=0-2")]
    let signatures = Set(([plain] + others).map { proof($0, payload: nothing)?.suffix(64) ?? "" })
    #expect(signatures.count == 6)
    #expect(!signatures.contains(proof(plain, payload: BlobHash(of: [1]).hex)?.suffix(64) ?? ""))
  }
}
