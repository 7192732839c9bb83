import Foundation

/// What text says of itself by its bytes alone.
struct PlainText {
  /// UTF-8; else it is taken for windows-1251, which Excel and old programs of the tax system write.
  let isUTF8: Bool
  /// The byte between the fields of a table: comma, semicolon or tab, whichever the first line has most of.
  let separator: UInt8

  /// - Parameter data: the whole text.
  init(_ data: Data) {
    isUTF8 = String(validating: data, as: UTF8.self) != nil
    let first = data.prefix(65_536).prefix { $0 != 10 && $0 != 13 }
    let separators: [UInt8] = [44, 59, 9]
    let counts = separators.map { byte in first.count { $0 == byte } }
    let most = counts.max() ?? 0
    separator = zip(separators, counts).first { $0.1 == most }?.0 ?? 44
  }
}
