import AsyncHTTPClient
import Domain
import Foundation
import NIOCore
import NIOHTTP1

/// Hands the demo's papers in as a person would: signed in, through the same requests as a page's.
struct DemoDoor {
  /// Where the servers are, such as `http://127.0.0.1:8080`.
  var address: String
  private var tokens: [String: String] = [:]

  init(address: String) { self.address = address }

  /// Uploads a file and gives its document. Throws: `Sentence` when it isn't taken; what the connection threw.
  mutating func upload(
    _ content: [UInt8], named name: String, by login: String, to topic: TopicID, replaces: DocumentID?
  ) async throws -> DocumentID {
    let token = try await signedIn(login)
    let id = Key.random().description
    var begin: [String: any Sendable] = ["id": id, "topic": topic.rawValue, "name": name, "size": content.count]
    if let replaces { begin["replaces"] = replaces.rawValue }
    _ = try await call(.POST, "/uploads", try JSONSerialization.data(withJSONObject: begin), "application/json", token)
    let answer = try await call(.PATCH, "/uploads/\(id)", Data(content), "application/octet-stream", token, offset: 0)
    guard let record = answer["document"] as? [String: Any], let number = record["document"] as? Int64 else {
      throw Sentence(description: "\(name) was not taken: \(answer)")
    }
    return DocumentID(number)
  }

  /// Ends the sessions that were begun. Throws: as `upload`.
  mutating func close() async throws {
    for token in tokens.values { _ = try await call(.DELETE, "/session", nil, nil, token) }
    tokens = [:]
  }

  private mutating func signedIn(_ login: String) async throws -> String {
    if let token = tokens[login] { return token }
    let form = ["login": login, "password": DemoFirm.password, "device": "onefin-cli", "kind": "app"]
    let answer = try await call(.POST, "/session", try JSONSerialization.data(withJSONObject: form), "application/json", nil)
    guard let token = answer["token"] as? String else { throw Sentence(description: "\(login) was not let in: \(answer)") }
    tokens[login] = token
    // Nobody does anything before this is confirmed.
    _ = try await call(.PUT, "/me/notices/oversight", Data("{}".utf8), "application/json", token)
    return token
  }

  private func call(
    _ method: HTTPMethod, _ path: String, _ body: Data?, _ type: String?, _ token: String?, offset: Int? = nil
  ) async throws -> [String: Any] {
    var request = HTTPClientRequest(url: "\(address)/api/v1\(path)")
    request.method = method
    if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
    if let type { request.headers.add(name: "Content-Type", value: type) }
    if let offset { request.headers.add(name: "Upload-Offset", value: String(offset)) }
    if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
    let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
    let bytes = try await response.body.collect(upTo: 1 << 20)
    guard (200...299).contains(response.status.code) else {
      throw Sentence(description: "\(method) \(path) was answered with \(response.status.code): \(String(buffer: bytes))")
    }
    guard bytes.readableBytes > 0 else { return [:] }
    return try JSONSerialization.jsonObject(with: Data(bytes.readableBytesView)) as? [String: Any] ?? [:]
  }
}
