public import ServerKit
public import Storage

extension BlobConfiguration {
  /// Opens the store. Close it when the program ends.
  ///
  /// - Throws: `BlobError` when a folder can't be made or used. A server that is away is noticed when it is used.
  public func open() throws(BlobError) -> any BlobStore {
    switch (place, server) {
    case (.folder(let path), _): return try FolderBlobStore(path: path)
    case (.bucket(let name, let prefix), let server?): return S3BlobStore(server: server, bucket: name, prefix: prefix)
    case (.bucket(let name, _), nil): throw BlobError(.refused, "nothing says how the bucket \(name) is reached")
    }
  }
}
