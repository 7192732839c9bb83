import Foundation
import Storage

/// What a child is told to do with the file of a stranger: JSON on its standard input.
///
/// The child runs in a folder of its own that holds `original` and, if the stamp has one, `logo`. It writes `rendition`, `preview`
/// and `thumbnail`
/// there and nothing else that anybody looks at.
struct ChildOrder: Codable, Sendable, Equatable {
  /// What is to be made.
  enum Work: String, Codable, Sendable {
    /// The renditions of `original`.
    case paper
    /// Nothing: the report tells what the kernel took away.
    case probe
    /// A page of ours as `rendition`, a PNG, that shows what the stamp looks like.
    case sample
  }

  /// Bounds within which a file is accepted. Past them it is refused before it is decoded.
  struct Limits: Codable, Sendable, Equatable {
    /// Pixels of a picture.
    var pixels: Int
    /// Pixels along a side; JPEG ends at 65,535.
    var side = 40_000
    /// Pages of a PDF.
    var pages: Int
    /// Bytes that come out of a PDF's compressed parts.
    var inflated = 512 << 20
  }

  /// What the child may use: rlimits, and the user that it becomes.
  struct Sandbox: Codable, Sendable, Equatable {
    /// Bytes of address space.
    var memory: Int
    /// Seconds of processor time.
    var seconds: Int
    /// Bytes of the longest file.
    var file = 1 << 30
    /// Descriptors.
    var files = 256
    /// The user and group that root becomes; 0: none.
    var user: UInt32
    /// The worker's process: the child ends with it.
    var parent: Int32
  }

  /// Programs of others that it runs, by their paths; nil when they are not installed.
  struct Tools: Codable, Sendable, Equatable {
    /// poppler's `pdftoppm`.
    var pdftoppm: String?
    /// LibreOffice's `soffice`.
    var soffice: String?
  }

  var work: Work = .paper
  /// The type of `original`, a `FileType`.
  var type: String
  /// What is stamped; nil: the file is only cleaned.
  var stamp: StampOrder?
  /// Whether a PDF that is signed, all of it, goes out as it is instead.
  var sparesSigned = false
  var limits: Limits
  var sandbox: Sandbox
  var tools = Tools()

  /// Whether LibreOffice makes the PDF of it.
  var isOffice: Bool { work == .paper && ["docx", "xlsx", "txt", "csv"].contains(type) }

  /// Names of the files in the child's folder.
  enum Name {
    static let original = "original"
    static let logo = "logo"
    static let rendition = "rendition"
    static let preview = "preview"
    static let thumbnail = "thumbnail"
  }

  /// The longest side of a preview and of a thumbnail, in pixels.
  static let previewSide = 1600
  /// The longest side of a thumbnail, in pixels.
  static let thumbnailSide = 320
}

/// What a stamp says.
struct StampOrder: Codable, Sendable, Equatable {
  /// What the QR code leads to.
  var address: String
  /// The firm, or the line that it wants in the place of its name.
  var firm: String
  /// The document's number.
  var number: Int64
  /// Who uploaded it.
  var uploader: Int64
  /// When, as it is printed.
  var time: String
  /// The `FileType` of the logo in `logo`; nil: there is none.
  var logo: String?
  /// How strong the pattern over the whole is, 0…1.
  var opacity = WatermarkSettings.initial.opacity
  /// Where the strong stamp stands.
  var position = WatermarkSettings.initial.position
}

/// What a child says became of its file: JSON on its standard output. Whoever reads it believes nothing but words from here and
/// numbers within bounds.
struct ChildReport: Codable, Sendable, Equatable {
  /// How it went.
  enum Outcome: String, Codable, Sendable {
    /// The rendition is there.
    case ready
    /// The rendition is the original, which has nothing to be taken out.
    case unchanged
    /// It isn't what may be shown.
    case refused
    /// Something that makes it isn't installed.
    case pending
    /// It didn't work, and may work another time.
    case failed
  }

  /// Why there is no rendition: stable words, which pages translate.
  enum Reason: String, Codable, Sendable, CaseIterable {
    /// It isn't what its type says, or is cut off.
    case broken
    /// It has too many pixels.
    case tooManyPixels = "too_many_pixels"
    /// It has too many pages.
    case tooManyPages = "too_many_pages"
    /// More comes out of it than is allowed: a bomb.
    case bomb
    /// It opens only with a password.
    case encrypted
    /// It moves.
    case animated
    /// A picture file with several pictures.
    case severalPictures = "several_pictures"
    /// A stamp would break its digital signature.
    case signed
    /// It is of a type that cannot be stamped.
    case unstampable
    /// LibreOffice isn't installed.
    case converterMissing = "converter_missing"
    /// LibreOffice could not read it.
    case notConverted = "not_converted"
    /// It took more memory than a file may.
    case memory
    /// It took too long.
    case tooSlow = "too_slow"
    /// What looked at it crashed.
    case crashed
  }

  /// The size of a picture.
  struct Size: Codable, Sendable, Equatable {
    var width: Int
    var height: Int
  }

  var outcome: Outcome
  var reason: Reason?
  /// For logs; may quote the file.
  var detail: String?
  /// The `FileType` of the rendition.
  var type: String?
  /// Pixels of the rendition, or of a PDF's first page in points.
  var size: Size?
  /// Pages of the rendition.
  var pages: Int?
  /// The preview, if there is one.
  var preview: Size?
  /// The thumbnail, if there is one.
  var thumbnail: Size?
  /// What the kernel took from the child, a mask of `CSANDBOX_…`.
  var sandbox: Int32?
  /// Bytes that the child held at most. (What wait(2) says of a child counts its parent in, whose memory it has until it is another
  /// program.)
  var memory: Int?
}

/// Why a child makes no rendition.
struct Refusal: Error, Equatable {
  var outcome: ChildReport.Outcome = .refused
  var reason: ChildReport.Reason
  var detail: String

  init(_ reason: ChildReport.Reason, _ detail: String, outcome: ChildReport.Outcome = .refused) {
    (self.outcome, self.reason, self.detail) = (outcome, reason, detail)
  }
}
