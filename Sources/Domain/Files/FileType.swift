/// A type of file that 1fin takes, decided by its content (`FileTypeSniffer`).
///
/// The raw values stand in the database and in the JSON of a document; they never change their meaning.
public enum FileType: String, Sendable, CaseIterable {
  /// JPEG.
  case jpeg
  /// PNG.
  case png
  /// WebP.
  case webp
  /// HEIF with HEVC pictures, as telephones of Apple make it.
  case heic
  /// TIFF.
  case tiff
  /// PDF.
  case pdf
  /// A Word document without macros.
  case docx
  /// An Excel workbook without macros.
  case xlsx
  /// Text: UTF-8, UTF-16 with a byte order mark, or an 8-bit code page.
  case txt
  /// Text whose name says that it is a table.
  case csv
  /// XML without a document type, style sheet or markup that a browser runs.
  case xml
  /// A signature, or a signed file, of CMS (PKCS #7).
  case p7s

  /// What the gallery tells apart.
  public enum Kind: String, Sendable, CaseIterable {
    /// A picture.
    case image
    /// A PDF.
    case pdf
    /// Anything else.
    case other
  }

  /// What the gallery shows it as.
  public var kind: Kind {
    switch self {
    case .jpeg, .png, .webp, .heic, .tiff: .image
    case .pdf: .pdf
    case .docx, .xlsx, .txt, .csv, .xml, .p7s: .other
    }
  }

  /// The media type that it is served with.
  public var mediaType: String {
    switch self {
    case .jpeg: "image/jpeg"
    case .png: "image/png"
    case .webp: "image/webp"
    case .heic: "image/heic"
    case .tiff: "image/tiff"
    case .pdf: "application/pdf"
    case .docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    case .xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    case .txt: "text/plain"
    case .csv: "text/csv"
    case .xml: "application/xml"
    case .p7s: "application/pkcs7-signature"
    }
  }

  /// The ends of names that go with it, in lower case and without the dot; the first is the one that it is served with.
  public var nameExtensions: [String] {
    switch self {
    case .jpeg: ["jpg", "jpeg", "jpe", "jfif"]
    case .png: ["png"]
    case .webp: ["webp"]
    case .heic: ["heic", "heif", "hif"]
    case .tiff: ["tif", "tiff"]
    case .pdf: ["pdf"]
    case .docx: ["docx"]
    case .xlsx: ["xlsx"]
    case .txt: ["txt", "text", "log", "md"]
    case .csv: ["csv", "tsv"]
    case .xml: ["xml"]
    case .p7s: ["p7s", "p7m", "p7b", "p7c", "pkcs7", "sig"]
    }
  }
}
