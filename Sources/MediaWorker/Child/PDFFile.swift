import CQPDF

/// A PDF that is open in libqpdf: looked through, and within its bounds.
final class PDFFile {
  private let file: OpaquePointer
  private static let reasonLength = 500

  private init(_ file: OpaquePointer) { self.file = file }

  deinit { cqpdf_close(file) }

  /// Opens a file and looks at all of it. - Throws: why it isn't accepted.
  static func open(_ path: String, limits: ChildOrder.Limits) throws(Refusal) -> PDFFile {
    var problem: Int32 = 0
    var reason = [CChar](repeating: 0, count: reasonLength)
    let bounds = cqpdf_limits(pages: UInt32(limits.pages), inflated: UInt64(limits.inflated), pixels: UInt64(limits.pixels))
    guard let file = cqpdf_open(path, bounds, &problem, &reason, Int32(reasonLength)) else { throw refusal(problem, reason) }
    return PDFFile(file)
  }

  /// How many pages it has, one at least.
  var pages: Int { Int(cqpdf_pages(file)) }

  /// Whether it carries a digital signature, be it valid or not.
  var isSigned: Bool { cqpdf_signature(file) != Int32(CQPDF_UNSIGNED) }

  /// Whether a signature covers all of it, so that nothing was added to what was signed.
  var isSignedWhole: Bool { cqpdf_signature(file) == Int32(CQPDF_SIGNED_WHOLE) }

  /// A page's size as shown, in points.
  func size(ofPage page: Int) -> (width: Double, height: Double) {
    var (width, height) = (0.0, 0.0)
    cqpdf_page_size(file, Int32(page), &width, &height)
    return (width, height)
  }

  /// Takes out what acts by itself or carries other files. Returns how many things that were, metadata not counted.
  func clean() throws(Refusal) -> Int {
    var reason = [CChar](repeating: 0, count: Self.reasonLength)
    let removed = cqpdf_clean(file, &reason, Int32(Self.reasonLength))
    guard removed >= 0 else { throw Self.refusal(Int32(CQPDF_BROKEN), reason) }
    return Int(removed)
  }

  /// A page's stamp: a sheet of another PDF, and where on it the strong one stands.
  struct Sheet {
    var number: Int32
    /// From the upper left corner of the page as shown; empty: nowhere.
    var card = cqpdf_box()
  }

  /// Puts sheets of another PDF over the pages, and over all that lies on them.
  func stamp(with path: String, sheets: [Sheet]) throws(Refusal) {
    var reason = [CChar](repeating: 0, count: Self.reasonLength)
    let problem = cqpdf_stamp(
      file, path, sheets.map(\.number), sheets.map(\.card), &reason, Int32(Self.reasonLength))
    guard problem == Int32(CQPDF_FINE) else { throw Self.refusal(problem, reason) }
  }

  /// Writes it without encryption.
  func write(to path: String) throws(Refusal) {
    var reason = [CChar](repeating: 0, count: Self.reasonLength)
    let problem = cqpdf_write(file, path, &reason, Int32(Self.reasonLength))
    guard problem == Int32(CQPDF_FINE) else { throw Self.refusal(problem, reason) }
  }

  private static func refusal(_ problem: Int32, _ reason: [CChar]) -> Refusal {
    let text = String(decoding: reason.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    switch problem {
    case Int32(CQPDF_ENCRYPTED): return Refusal(.encrypted, text)
    case Int32(CQPDF_PAGES): return Refusal(.tooManyPages, text)
    case Int32(CQPDF_INFLATED): return Refusal(.bomb, text)
    case Int32(CQPDF_PIXELS): return Refusal(.tooManyPixels, text)
    case Int32(CQPDF_MEMORY): return Refusal(.memory, text)
    default: return Refusal(.broken, text)
    }
  }
}
