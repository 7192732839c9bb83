import Testing

/// One door for every file of staff: whatever comes in, by the chat or by any other way that there will be, becomes a document in one place, which has it
/// stamped; and whatever goes out goes through one place, which writes it down. A new way in or out fails here first.
struct DoorTests {
  /// Words that stand in the sources of these files, and of no others.
  static let doors: [(words: [String], files: Set<String>)] = [
    // In: the end of an upload makes the row of a document and the job that stamps it, in one statement each.
    (
      ["INSERT INTO document (", "UPDATE upload SET finished_at = now(), document_id"],
      ["Sources/Storage/Documents/Uploads.swift"]
    ),
    (["Uploads.finish("], ["Sources/RestAPI/Modules/Uploads/UploadEnd.swift"]),
    // What is shown instead: only the worker makes it, in the transaction in which the document becomes ready.
    (["INSERT INTO rendition", "INSERT INTO stamp", "SET media = 'ready'"], ["Sources/Storage/Jobs/MediaWork.swift"]),
    // Out: the answer that carries a file, and the programs that never show one to anybody.
    (
      ["store.read(", "blobs.read(", "blobs.fetch("],
      [
        "Sources/RestAPI/Modules/Documents/FileAnswer.swift", "Sources/MediaWorker/Work/PaperDesk.swift",
        "Sources/OneFin/Blobs/BlobCheck.swift",
      ]
    ),
    (["FileAnswer(file"], ["Sources/RestAPI/Modules/Documents/DocumentRoutes.swift"]),
    // Straight from the object store nothing goes to anybody: that would pass by the action log.
    (["presignedAddress("], ["Sources/ObjectStorage/S3BlobStore.swift"]),
  ]

  @Test("What comes in and what goes out passes one door", arguments: doors)
  func door(words: [String], files: Set<String>) throws {
    let sources = try Checkout.files(below: "Sources", ["swift"])
    var found: Set<String> = []
    for path in sources {
      let text = try Checkout.text(path) ?? ""
      if words.contains(where: { text.contains($0) }) { found.insert(path) }
    }
    #expect(found == files, "\(words) stand in \(found.sorted())")
  }
}
