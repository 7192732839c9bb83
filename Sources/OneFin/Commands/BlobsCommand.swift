import ArgumentParser
import ObjectStorage
import ServerKit
import Storage

/// `blobs`: whether every file is still there, and moving them to another place.
struct BlobsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "blobs", abstract: "Check the files that are kept, and copy them elsewhere.",
    subcommands: [Check.self, Copy.self])

  struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "check", abstract: "Find files that are missing or damaged; ends with status 1 when there are any.",
      discussion: "The store is named by BLOB_STORE. Every file is read and hashed, unless --quick is given.")

    @Flag(help: "Compare names and lengths only.")
    var quick = false

    func run() async throws {
      let store = try BlobConfiguration(ConfigurationReader()).open()
      let database = Postgres(try CommandDatabase.configuration())
      let result = try await BlobCheck(store: store, database: database, isQuick: quick).run { print($0) }
      _ = try await store.sweep()
      await store.close()
      await database.close()
      print(result)
      if !result.isWell { throw ExitCode(1) }
    }
  }

  struct Copy: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "copy", abstract: "Copy all files to another store; ends with status 1 when some could not be.",
      discussion: """
        A place is folder:PATH, s3:BUCKET or s3:BUCKET/PREFIX; BLOB_S3_… says how its server is reached. What is there already isn't copied
        again, so an interrupted copy goes on where it was. Every file is checked on the way. Copy once while 1fin runs, stop it, copy
        once more, and start it with the new BLOB_STORE.
        """)

    @Option(help: "Where to: a place.")
    var to: String
    @Option(help: "Where from: a place; without it BLOB_STORE.")
    var from: String?

    func run() async throws {
      let reader = ConfigurationReader()
      let (source, target) = (try BlobConfiguration(reader, place: from), try BlobConfiguration(reader, place: to))
      guard source.place != target.place else { throw Sentence(description: "both places are the same.") }
      let (origin, goal) = (try source.open(), try target.open())
      let result = try await BlobCopy(from: origin, to: goal).run { print($0) }
      await origin.close()
      await goal.close()
      print(result)
      if !result.isWell { throw ExitCode(1) }
    }
  }
}
