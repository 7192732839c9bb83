import Domain
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Storage

/// The answer that carries a file.
struct FileAnswer: Sendable {
  let file: DocumentFile
  /// Whether it is to be saved rather than looked at.
  let isDownload: Bool

  /// Files are shown in the page only when we have made them, all of their bytes, and a browser draws them without running anything.
  private static let shown: Set<FileType> = [.jpeg, .png, .webp, .pdf]

  /// What a browser may do with bytes of strangers: nothing but draw them.
  private static let policy = """
    default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox
    """

  /// A picture that we made or checked ourselves, for the admin's page: the logo, a sample.
  static func picture(_ hash: BlobHash, from store: any BlobStore, hasBody: Bool) async throws -> Response {
    let content = try await store.read(hash)
    var start: [UInt8] = []
    for try await piece in try await store.read(hash, range: 0..<16) { start += piece }
    let type: FileType = start.starts(with: [0x89, 0x50]) ? .png : start.starts(with: [0xFF, 0xD8]) ? .jpeg : .webp
    return Response(
      status: .ok,
      headers: [
        .contentType: type.mediaType, .contentLength: String(content.length), .cacheControl: "private, no-cache",
        .contentDisposition: "inline", .contentSecurityPolicy: policy,
      ], body: body(content, hasBody: hasBody))
  }

  /// At most one piece of the content is in memory at a time.
  private static func body(_ content: BlobContent, hasBody: Bool, watch: StayWatch? = nil) -> ResponseBody {
    ResponseBody(contentLength: Int(content.length)) { writer in
      if hasBody {
        for try await piece in content {
          try await watch?.check()
          try await writer.write(ByteBuffer(bytes: piece))
        }
      }
      try await writer.finish(nil)
    }
  }

  private var type: FileType? { FileType(rawValue: file.type) }
  private var tag: String { "\"\(Hex.string(file.hash.prefix(16)))\"" }

  private var headers: HTTPFields {
    let isInline = !isDownload && !file.isUnchanged && (type.map { Self.shown.contains($0) } ?? false)
    let name = Disposition.name(file.name, nameExtension: type?.nameExtensions.first, keeping: type?.nameExtensions ?? [])
    return [
      .contentType: type?.mediaType ?? "application/octet-stream",
      .contentDisposition: Disposition.header(isInline: isInline, name: name), .eTag: tag, .acceptRanges: "bytes",
      .cacheControl: "private, no-cache, no-transform", .contentSecurityPolicy: Self.policy,
    ]
  }

  /// Whether the client has these bytes already.
  func isKnown(to request: Request) -> Bool {
    guard let header = request.headers[.ifNoneMatch] else { return false }
    return PagesMiddleware.matches(header, tag)
  }

  /// The part that a request asks for: all of it when the bytes that it has a part of are others.
  func range(of request: Request) -> ByteRange {
    if let condition = request.headers[.ifRange], condition != tag { return .whole }
    return ByteRange(request.headers[.range], size: file.size)
  }

  /// 304: the client has it.
  var unchanged: Response { Response(status: .notModified, headers: headers) }

  /// 416.
  func outOfRange() throws -> Response {
    var response = try Problem(.rangeNotSatisfiable, "range", "The file has no such part.").response()
    response.headers[.contentRange] = "bytes */\(file.size)"
    return response
  }

  /// 200 or 206, straight from the store. Throws: `BlobError` when the store hasn't got it or is away.
  /// A ghost's file stops with the stay, in the middle if need be.
  func response(_ range: ByteRange, from store: any BlobStore, hasBody: Bool, watch: StayWatch? = nil) async throws -> Response {
    guard let hash = BlobHash(bytes: file.hash) else { throw Problem.internal }
    var headers = headers
    let length: Int64
    let wanted: Range<Int64>?
    if case .part(let part) = range {
      headers[.contentRange] = "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(file.size)"
      (length, wanted) = (Int64(part.count), part)
    } else {
      (length, wanted) = (file.size, nil)
    }
    headers[.contentLength] = String(length)
    let status: HTTPResponse.Status = wanted == nil ? .ok : .partialContent
    let content = try await store.read(hash, range: wanted)
    guard content.length == length else { throw BlobError(.damaged, "the blob \(hash) has another size than its document") }
    return Response(status: status, headers: headers, body: Self.body(content, hasBody: hasBody, watch: watch))
  }
}
