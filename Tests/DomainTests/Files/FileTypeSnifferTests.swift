import Domain
import Testing

struct FileTypeSnifferTests {
  private func text(_ text: String) -> [UInt8] { Array(text.utf8) }

  @Test("Every type is known by its content, under its names and without one")
  func types() throws {
    for sample in SampleFiles.all {
      #expect(try SampleFiles.sniff(sample.bytes, sample.name) == sample.type)
      for end in sample.type.nameExtensions {
        #expect(try SampleFiles.sniff(sample.bytes, "x." + end.uppercased()) == sample.type)
      }
      if sample.type != .csv { #expect(try SampleFiles.sniff(sample.bytes, "x") == sample.type) }
    }
    #expect(Set(SampleFiles.all.map(\.type)) == Set(FileType.allCases))
  }

  @Test("A large file is known by its two ends")
  func large() throws {
    let middle = [UInt8](repeating: 0x41, count: 300_000)
    #expect(try SampleFiles.sniff(SampleFiles.join(SampleFiles.jpeg.dropLast(2), middle, [0xFF, 0xD9]), "a.jpg") == .jpeg)
    #expect(try SampleFiles.sniff(SampleFiles.join(SampleFiles.pdf.dropLast(6), middle, text("\n%%EOF\n")), "a.pdf") == .pdf)
    #expect(try SampleFiles.sniff(middle, "a.txt") == .txt)
    var archive = Archive(["[Content_Types].xml", "word/document.xml"])
    archive.between = middle
    #expect(try SampleFiles.sniff(archive.bytes, "a.docx") == .docx)
  }

  @Test("Names of the taken types don't overlap, and none is one that is run")
  func names() {
    let all = FileType.allCases.flatMap(\.nameExtensions)
    #expect(Set(all).count == all.count)
    for end in all { #expect(SampleFiles.refusal([], "a." + end) == .empty) }
  }

  @Test("A name that says something else is refused, but for pictures among themselves")
  func disguised() {
    #expect(SampleFiles.refusal(SampleFiles.png, "photo.jpg") == nil)
    #expect(SampleFiles.refusal(SampleFiles.heic, "IMG_1.JPG") == nil)
    #expect(SampleFiles.refusal(SampleFiles.png, "scan.pdf") == .disguised)
    #expect(SampleFiles.refusal(SampleFiles.pdf, "scan.png") == .disguised)
    #expect(SampleFiles.refusal(text("salom"), "a.pdf") == .disguised)
    #expect(SampleFiles.refusal(SampleFiles.docx, "a.xlsx") == .disguised)
    for end in ["exe", "js", "html", "svg", "bat", "PS1", "hta", "lnk", "scr. ", "jar.", "sh"] {
      #expect(SampleFiles.refusal(SampleFiles.jpeg, "photo." + end) == .disguised)
      #expect(SampleFiles.refusal(text("salom"), "a.txt." + end) == .disguised)
    }
    #expect(SampleFiles.refusal(SampleFiles.jpeg, "photo.unknown") == nil)
    #expect(SampleFiles.refusal(SampleFiles.jpeg, ".jpg") == nil)
  }

  @Test("Other types are unknown, whatever they are called")
  func unknown() {
    let others: [[UInt8]] = [
      SampleFiles.join(text("GIF89a"), [1, 0, 1, 0, 0]), SampleFiles.join(text("BM"), [0, 1, 2, 3]),
      SampleFiles.join(text("MZ"), [0x90, 0, 3]),
      SampleFiles.join([0x7F], text("ELF"), [2, 1, 1, 0]), SampleFiles.avif, [0x1F, 0x8B, 8, 0], text("Rar!\u{1A}\u{7}\u{0}"),
      text("{\\rtf1 hello}"), [0, 1, 2, 3], SampleFiles.join([0, 0, 0, 24], text("ftypisom"), [0, 0, 2, 0], text("isomiso2")),
      Archive(["classes.dex"]).bytes, Archive(["[Content_Types].xml", "ppt/presentation.xml"]).bytes,
    ]
    for bytes in others {
      for name in ["a", "a.txt", "a.jpg", "a.docx"] { #expect(SampleFiles.refusal(bytes, name) == .unknownType) }
    }
    #expect(SampleFiles.refusal([], "a.txt") == .empty)
    #expect(SampleFiles.refusal(text(" \n\t"), "a.txt") == .empty)
  }

  @Test("What ends too early is broken")
  func broken() {
    #expect(SampleFiles.refusal(Array(SampleFiles.jpeg.dropLast(3)), "a.jpg") == .broken)
    #expect(SampleFiles.refusal(Array(SampleFiles.png.dropLast(5)), "a.png") == .broken)
    #expect(SampleFiles.refusal(Array(SampleFiles.png.prefix(12)), "a.png") == .broken)
    #expect(SampleFiles.refusal(Array(SampleFiles.webp.dropLast(1)), "a.webp") == .broken)
    #expect(SampleFiles.refusal(Array(SampleFiles.tiff.prefix(8)), "a.tif") == .broken)
    #expect(SampleFiles.refusal(Array(SampleFiles.pdf.dropLast(4)), "a.pdf") == .broken)
    #expect(SampleFiles.refusal(Array(SampleFiles.docx.dropLast(1)), "a.docx") == .broken)
    #expect(SampleFiles.refusal(Array(SampleFiles.xml.dropLast(4)), "a.xml") == .broken)
  }

  @Test("What isn't as long as was said is broken")
  func inconsistent() {
    let bytes = SampleFiles.jpeg
    func refusal(_ head: [UInt8], _ tail: [UInt8], _ size: Int64) -> FileRefusal? {
      do throws(FileRefusal) {
        _ = try FileTypeSniffer.sniff(head: head, tail: tail, size: size, name: "a.jpg")
        return nil
      } catch {
        return error
      }
    }
    #expect(refusal(bytes, bytes, Int64(bytes.count) + 1) == .broken)
    #expect(refusal(bytes, bytes, Int64(bytes.count) - 1) == .broken)
    #expect(refusal([], bytes, Int64(bytes.count)) == .broken)
    #expect(refusal(bytes, [], Int64(bytes.count)) == .broken)
    #expect(refusal(bytes, bytes, .max) == .broken)
  }

  @Test("Two files in one are refused whichever comes first")
  func polyglots() {
    let zip = Archive(["a.class"]).bytes
    for (name, bytes) in [
      ("a.jpg", SampleFiles.jpeg), ("a.png", SampleFiles.png), ("a.pdf", SampleFiles.pdf), ("a.webp", SampleFiles.webp),
    ] {
      #expect(SampleFiles.refusal(bytes + zip, name) == .polyglot)
      #expect(SampleFiles.refusal(bytes + text("<html><script>alert(1)</script>"), name) == .polyglot)
      #expect(SampleFiles.refusal(bytes + text("MZ\u{0}\u{0}"), name) == .polyglot)
    }
    #expect(
      SampleFiles.refusal(SampleFiles.join(Array(SampleFiles.jpeg.prefix(20)), SampleFiles.pdf, [0xFF, 0xD9]), "a.jpg")
        == .polyglot)
    #expect(SampleFiles.refusal(text("salom %PDF-1.4 %%EOF"), "a.txt") == .polyglot)
    #expect(SampleFiles.refusal(SampleFiles.tiff + zip, "a.tif") == .polyglot)
    #expect(SampleFiles.refusal(text("salom\n") + zip, "a.txt") == .unknownType)
    // What cameras leave behind a picture's end is no other file.
    #expect(SampleFiles.refusal(SampleFiles.jpeg + Array(repeating: 0, count: 500), "a.jpg") == nil)
    #expect(SampleFiles.refusal(SampleFiles.join(SampleFiles.jpeg, [0, 0, 0, 24], text("ftypmp42")), "a.jpg") == nil)
  }

  @Test("The codes that clients know never change")
  func codes() {
    #expect(
      FileRefusal.allCases.map(\.rawValue) == [
        "empty", "unknown_type", "old_office", "disguised", "encrypted", "macros", "polyglot", "active_content", "broken", "bomb",
      ])
    #expect(
      FileType.allCases.map(\.rawValue) == [
        "jpeg", "png", "webp", "heic", "tiff", "pdf", "docx", "xlsx", "txt", "csv", "xml", "p7s",
      ])
  }

  @Test("Random bytes, and files with random faults, get an answer and never a trap")
  func random() {
    for _ in 0..<3000 {
      var bytes = SampleFiles.all.randomElement()?.bytes ?? []
      for _ in 0..<Int.random(in: 0...6) {
        switch Int.random(in: 0...4) {
        case 0 where !bytes.isEmpty: bytes[Int.random(in: 0..<bytes.count)] = .random(in: 0...255)
        case 1 where !bytes.isEmpty: bytes.removeLast(Int.random(in: 1...bytes.count))
        case 2:
          bytes.insert(
            contentsOf: (0..<Int.random(in: 1...9)).map { _ in UInt8.random(in: 0...255) }, at: Int.random(in: 0...bytes.count))
        case 3 where bytes.count > 4:
          let start = Int.random(in: 0..<(bytes.count - 4))
          bytes.replaceSubrange(start..<(start + 4), with: [255, 255, 255, [0, 127, 255].randomElement() ?? 0])
        default: bytes += SampleFiles.all.randomElement()?.bytes ?? []
        }
      }
      for name in ["a", "a.pdf", "a.docx", "a.txt", "a.xml", "a.p7s"] { _ = SampleFiles.refusal(bytes, name) }
    }
  }
}
