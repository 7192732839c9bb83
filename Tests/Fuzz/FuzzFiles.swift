import CFuzz
import Domain

@testable import RestAPI

/// An upload's two ends, and a reader's `Range`: what is taken is what it says it is, whatever its name; and nothing grows with what a file claims.
///
/// The first byte of an input chooses the name; 0xFF as the second puts bytes that nobody looks at between its two halves.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzFiles(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  var script = Script(start, count)
  let name = names[Int(script.byte()) % names.count]
  // Rarely: that costs as much as a hundred short ones.
  let gap = script.byte() == 0xFF ? 70_000 : 0
  let bytes = script.rest()
  let file = File(bytes, gap: gap)
  let answer = file.sniff(name)
  if case .success(let type) = answer { examine(type, file, name) }
  // A name only refuses, but for text, of which it tells the kinds apart.
  let nameless = file.sniff("x")
  if case (.success(let named), .success(let type)) = (answer, nameless) {
    hold(named == type || isText(named) && isText(type), "\(named) under \(name), \(type) without")
  } else if case (.success(let named), .failure(let refusal)) = (answer, nameless) {
    hold(isText(named), "\(named) under \(name), \(refusal) without")
  }
  examine(header: String(decoding: bytes, as: UTF8.self), size: Int64(count) * 977)
  return 0
}

private let names = [
  "x", "a.jpg", "a.png", "a.webp", "a.heic", "a.tif", "a.pdf", "a.docx", "a.xlsx", "a.txt", "a.csv", "a.xml", "a.p7s", "a.doc",
  "a.html",
  "a.xlsm", "a.", ".pdf", "a.pdf.exe", "a.sig",
]

private func isText(_ type: FileType) -> Bool { [.txt, .csv, .xml].contains(type) }

/// A file as an upload has it: its ends are looked at, its middle never.
private struct File {
  let head: [UInt8]
  let tail: [UInt8]
  let size: Int64

  init(_ bytes: [UInt8], gap: Int) {
    let middle = bytes.count / 2
    let whole = gap == 0 ? bytes : Array(bytes[..<middle]) + [UInt8](repeating: 65, count: gap) + Array(bytes[middle...])
    head = Array(whole.prefix(FileTypeSniffer.window))
    tail = Array(whole.suffix(FileTypeSniffer.window))
    size = Int64(whole.count)
  }

  var isWhole: Bool { Int64(head.count) == size }

  func sniff(_ name: String) -> Result<FileType, FileRefusal> {
    fuzz_memory_reset()
    fuzz_memory_start()
    defer {
      fuzz_memory_stop()
      // Copies of both ends as letters, and a directory of the most entries that there may be.
      hold(fuzz_memory_peak() <= 16 * (head.count + tail.count) + 65_536, "\(fuzz_memory_peak()) bytes of memory for \(size)")
    }
    return Result { () throws(FileRefusal) in try FileTypeSniffer.sniff(head: head, tail: tail, size: size, name: name) }
  }
}

/// What must be true of whatever is taken as this type, said in another way than the sniffer does.
private func examine(_ type: FileType, _ file: File, _ name: String) {
  func begins(_ text: String, at place: Int = 0) -> Bool {
    file.head.dropFirst(place).starts(with: text.unicodeScalars.map { UInt8($0.value) })
  }
  switch type {
  case .jpeg: hold(begins("\u{FF}\u{D8}\u{FF}"), "a JPEG")
  case .png: hold(begins("\u{89}PNG\r\n\u{1A}\n") && begins("IHDR", at: 12), "a PNG")
  case .webp: hold(begins("RIFF") && begins("WEBP", at: 8), "a WebP")
  case .heic: hold(begins("ftyp", at: 4), "a HEIC")
  case .tiff: hold(begins("II*\0") || begins("MM\0*"), "a TIFF")
  case .pdf:
    hold(find("%PDF-", in: file.head.prefix(1_024)) != nil || file.head.first.map { $0 <= 32 || $0 == 0xEF } == true, "a PDF")
  case .docx, .xlsx: archive(file)
  case .p7s: hold(file.size > 20, "a signature of \(file.size) bytes")
  case .txt, .csv, .xml: text(file)
  }
  if type != .pdf { hold(find("%PDF-", in: file.head.prefix(1_024)) == nil, "a PDF that is \(type), too") }
  for end in [".exe", ".html", ".xlsm"] { hold(!name.hasSuffix(end), "\(type) under \(name)") }
}

/// Its end says how many files there are; the directory before it describes as many, and they come to no more than a document may.
private func archive(_ file: File) {
  let tail = file.tail
  guard let end = tail.indices.last(where: { tail[$0...].starts(with: [0x50, 0x4B, 5, 6]) && tail.count - $0 >= 22 }) else {
    fatalError("an archive without an end")
  }
  func number(_ place: Int, _ width: Int) -> Int { (0..<width).reversed().reduce(0) { $0 << 8 | Int(tail[place + $1]) } }
  let count = number(end + 10, 2)
  var place = end - number(end + 12, 4)
  var unpacked = 0
  var names: Set<[UInt8]> = []
  for _ in 0..<count {
    hold(place >= 0 && place + 46 <= end && tail[place...].starts(with: [0x50, 0x4B, 1, 2]), "an entry that is none")
    let name = Array(tail[(place + 46)...].prefix(number(place + 28, 2)))
    hold(number(place + 8, 2) & 1 == 0, "an entry that needs a password")
    hold(names.insert(name).inserted && find("../", in: name[...]) == nil && name.first != 0x2F, "an entry called \(name)")
    unpacked += number(place + 24, 4)
    place += 46 + name.count + number(place + 30, 2) + number(place + 32, 2)
  }
  hold(place == end, "\(end - place) bytes between the directory and the end")
  hold(unpacked <= 1 << 30 && (unpacked <= 16 << 20 || unpacked <= 250 * Int(file.size)), "\(unpacked) bytes in \(file.size)")
}

/// Letters throughout, and nothing that a browser would run wherever it takes the file for a page.
private func text(_ file: File) {
  let isWide = file.head.starts(with: [0xFF, 0xFE]) || file.head.starts(with: [0xFE, 0xFF])
  for bytes in [file.head, file.tail] {
    let letters = isWide ? bytes.filter { $0 != 0 } : bytes
    hold(isWide || !letters.contains(0), "a NUL in text")
    let lower = letters.map { (65...90).contains($0) ? $0 + 32 : $0 }
    for mark in ["<script>", "<svg>", "<html>", "<iframe>", "<!doctype", "<?php", "<!entity"] {
      // In wide text a zero byte may be half of another letter.
      hold(isWide || find(mark, in: lower[...]) == nil, "\(mark) in text")
    }
  }
}

private func find(_ text: String, in bytes: ArraySlice<UInt8>) -> Int? {
  let wanted = Array(text.utf8)
  return bytes.indices.first { bytes[$0...].starts(with: wanted) }
}

/// A part of a file lies in it, and a name travels in a header without ending it.
private func examine(header: String, size: Int64) {
  switch ByteRange(header, size: size) {
  case .whole, .unsatisfiable: break
  case .part(let part): hold(0 <= part.lowerBound && !part.isEmpty && part.upperBound <= size, "\(part) of \(size): \(header)")
  }
  let disposition = Disposition.header(isInline: false, name: header)
  hold(disposition.utf8.allSatisfy { (32..<127).contains($0) }, "\(disposition)")
  let parts = disposition.split(separator: "\"", omittingEmptySubsequences: false)
  hold(parts.count == 3 && parts[0] == "attachment; filename=" && parts[2].hasPrefix("; filename*=UTF-8''"), "\(disposition)")
  hold(!parts[2].dropFirst(2).contains(";"), "\(disposition)")
}
