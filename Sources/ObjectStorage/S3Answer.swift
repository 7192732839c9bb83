internal import Storage

/// What a server's answer means for us, told apart in this one place.
enum S3Answer {
  /// What isn't a success as an error, and whether another attempt may end better.
  ///
  /// - Parameters:
  ///   - status: the answer's status.
  ///   - code: the `Code` of its body; empty when it has none, as after HEAD.
  static func fault(status: Int, code: String) -> (error: BlobError, mayRetry: Bool) {
    let sentence = "the S3 server answered \(status)" + (code.isEmpty ? "" : " \(code)")
    switch (status, code) {
    case (507, _), (_, "XMinioStorageFull"), (_, "QuotaExceeded"): return (BlobError(.full, sentence), false)
    case (404, "NoSuchBucket"): return (BlobError(.refused, sentence), false)
    case (404, _): return (BlobError(.missing, sentence), false)
    case (400, "RequestTimeout"): return (BlobError(.unavailable, sentence), true)
    case (400, "XAmzContentSHA256Mismatch"), (400, "BadDigest"), (400, "IncompleteBody"), (422, _):
      return (BlobError(.source, sentence), false)
    case (501, _): return (BlobError(.refused, sentence), false)
    case (408, _), (425, _), (429, _), (500..., _), (409, "OperationAborted"), (409, "ConditionalRequestConflict"):
      return (BlobError(.unavailable, sentence), true)
    default: return (BlobError(.refused, sentence), false)
    }
  }
}
