import Domain
import Foundation
import HTTPTypes
import NIOCore
import NIOPosix
import Storage
import TestSupport
import Testing

@testable import RestAPI

/// What isn't taken, and that it is gone afterwards.
@Suite struct UploadRefusalTests {
  private static func set(_ bench: DocumentBench, _ change: @Sendable (inout DocumentSettings) -> Void) async throws {
    var settings = DocumentSettings.initial
    change(&settings)
    let (changed, admin) = (settings, bench.admin.account)
    let isWritten = try await bench.database.app.run { try changed.write(by: admin, in: $0) }
    #expect(isWritten)
  }

  @Test(arguments: [
    ("a.html", Sample.html, "active_content"), ("a.exe", Sample.text, "disguised"), ("a.pdf", Sample.text, "disguised"),
    ("a.bin", [0, 1, 2, 3], "unknown_type"), ("a.pdf", Array(Sample.pdf.dropLast(30)), "broken"),
    ("a.docx", Array("PK\u{3}\u{4}xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx".utf8), "broken"),
  ])
  func byItsContent(name: String, bytes: [UInt8], code: String) async throws {
    try await DocumentBench.run { bench in
      let (id, _) = try await bench.begin(bench.client, name, size: bytes.count)
      let answer = try await bench.append(bench.client, id, at: 0, bytes)
      #expect(answer.status == 422 && answer.code == code, "\(answer.text)")
      let look = try await bench.client.send(.get, "/api/v1/uploads/\(id)")
      #expect(look.json["refusal"].string == code && look.json["document"] == .null)
      #expect(bench.files().isEmpty)
      #expect(try await bench.count("SELECT count(*) FROM document") == 0)
    }
  }

  @Test func bySizeOfItsType() async throws {
    try await DocumentBench.run { bench in
      try await Self.set(bench) { ($0.size, $0.sizes) = (10, [.pdf: 5000]) }
      let pdf = try await bench.upload(bench.client, "a.pdf", Sample.pdf)
      #expect(pdf.status == 200)
      // As large as some type may be, but not this one.
      let text = try await bench.upload(bench.client, "a.txt", Sample.text)
      #expect(text.status == 413 && text.code == "too_large" && text.json["limit"].number == 10)
      let huge = try await bench.begin(bench.client, "a.pdf", size: 5001).answer
      #expect(huge.status == 413 && huge.code == "too_large")
    }
  }

  @Test func whatCannotBeStampedGoesOutOnlyWhenListed() async throws {
    try await DocumentBench.run { bench in
      let xml = try await bench.upload(bench.accountant, "a.xml", Sample.xml)
      #expect(xml.status == 422 && xml.code == "unstampable")
      let signed = try await bench.upload(bench.accountant, "a.pdf", Sample.signedPDF)
      #expect(signed.status == 422 && signed.code == "signed_pdf")
      // Clients' files aren't stamped anyway.
      let client = try await bench.upload(bench.client, "a.xml", Sample.xml)
      #expect(client.status == 200 && client.json["document"]["unstamped"] == .null)

      try await Self.set(bench) { $0.unstamped = ["xml", DocumentSettings.signedPDF] }
      for (name, bytes) in [("a.xml", Sample.xml), ("a.pdf", Sample.signedPDF)] {
        let answer = try await bench.upload(bench.accountant, name, bytes)
        #expect(answer.json["document"]["unstamped"] == .flag(true), "\(answer.text)")
      }
      let plain = try await bench.upload(bench.accountant, "b.pdf", Sample.pdf)
      #expect(plain.status == 200 && plain.json["document"]["unstamped"] == .null)
    }
  }

  @Test func aMarkOfASignatureAcrossTwoPiecesIsSeen() async throws {
    try await DocumentBench.run { bench in
      // The mark lies across the border of the pieces in which the file is searched.
      let mark = Array("/ByteRange[0 1 2 3]".utf8)
      var bytes = Array("%PDF-1.4\n%".utf8)
      bytes += [UInt8](repeating: UInt8(ascii: "x"), count: (1 << 20) - 4 - bytes.count) + mark + Array("\n%%EOF\n".utf8)
      let answer = try await bench.upload(bench.accountant, "a.pdf", bytes)
      #expect(answer.status == 422 && answer.code == "signed_pdf", "\(answer.text)")
    }
  }

  @Test func uploadsAreBoundedPerAccount() async throws {
    try await DocumentBench.run { bench in
      for _ in 0..<UploadActions.open { #expect(try await bench.begin(bench.client, "a.pdf", size: 10).answer.status == 201) }
      let more = try await bench.begin(bench.client, "a.pdf", size: 10).answer
      #expect(more.status == 429 && more.code == "too_many_uploads" && more.headers[.retryAfter] != nil)
      #expect(try await bench.begin(bench.accountant, "a.pdf", size: 10).answer.status == 201)
    }
  }

  @Test func quotasCountWhatIsThereAndWhatIsOnItsWay() async throws {
    try await DocumentBench.run { bench in
      let size = Int64(Sample.text.count)
      try await Self.set(bench) { ($0.accountDaily, $0.organisationTotal) = (2 * size, 3 * size) }
      #expect(try await bench.upload(bench.client, "a.txt", Sample.text).status == 200)
      #expect(try await bench.begin(bench.client, "b.txt", size: Sample.text.count).answer.status == 201)
      let mine = try await bench.begin(bench.client, "c.txt", size: 1).answer
      #expect(mine.status == 429 && mine.code == "quota_account")
      #expect(try await bench.begin(bench.accountant, "d.txt", size: Sample.text.count).answer.status == 201)
      let ours = try await bench.begin(bench.accountant, "e.txt", size: 1).answer
      #expect(ours.status == 403 && ours.code == "quota_organisation")
      // Another company has room of its own.
      #expect(try await bench.begin(bench.stranger, "f.txt", size: 1, topic: bench.there.topic(.bank)).answer.status == 201)
    }
  }

  /// What was given up has cost as much as what was taken.
  @Test func whatWasGivenUpCountsForADay() async throws {
    try await DocumentBench.run { bench in
      let size = Int64(Sample.text.count)
      try await Self.set(bench) { $0.accountDaily = 2 * size }
      for _ in 0..<2 {
        let (id, answer) = try await bench.begin(bench.client, "a.txt", size: Sample.text.count)
        #expect(answer.status == 201)
        #expect(try await bench.client.send(.delete, "/api/v1/uploads/\(id)").status == 204)
      }
      let third = try await bench.begin(bench.client, "a.txt", size: Sample.text.count).answer
      #expect(third.status == 429 && third.code == "quota_account")
    }
  }

  @Test func aFullDiskIsSaid() async throws {
    try await DocumentBench.run(environment: ["REST_UPLOAD_RESERVE": "1000000"]) { bench in
      let answer = try await bench.begin(bench.client, "a.pdf", size: 10).answer
      #expect(answer.status == 507 && answer.code == "disk_full" && answer.headers[.retryAfter] != nil)
    }
  }

  @Test func theScannersWordCounts() async throws {
    let clamd = try await FakeClamd.start()
    try await DocumentBench.run(environment: ["REST_CLAMAV": "127.0.0.1:\(clamd.port)"]) { bench in
      #expect(try await bench.upload(bench.client, "a.txt", Sample.text).status == 200)
      let infected = try await bench.upload(bench.client, "b.txt", Array("so-called EICAR".utf8))
      #expect(infected.status == 422 && infected.code == "infected")
      // It can't say: then nobody gets it, and the client may ask again without sending anything twice.
      let (id, _) = try await bench.begin(bench.client, "c.txt", size: 5)
      let unknown = try await bench.append(bench.client, id, at: 0, Array("ERROR".utf8))
      #expect(unknown.status == 503 && unknown.code == "unavailable")
      let again = try await bench.append(bench.client, id, at: 5, [])
      #expect(again.status == 503)
      #expect(try await bench.client.send(.get, "/api/v1/uploads/\(id)").json["offset"].number == 5)
    }
    try await clamd.stop()
    try await DocumentBench.run(environment: ["REST_CLAMAV": "127.0.0.1:\(clamd.port)"]) { bench in
      let answer = try await bench.upload(bench.client, "a.txt", Sample.text)
      #expect(answer.status == 503)
    }
  }

  @Test func itsAnswersAreRead() throws {
    let clean = try VirusScanner.verdict("stream: OK\u{0}")
    let infected = try VirusScanner.verdict("stream: Win.Test.EICAR_HDB-1 FOUND\u{0}")
    #expect(clean == .clean && infected == .infected("Win.Test.EICAR_HDB-1"))
    for reply in ["INSTREAM size limit exceeded. ERROR\u{0}", "", "stream: OK FOUND ERROR", "OK"] {
      let error = failure { try VirusScanner.verdict(reply) }
      #expect(error is VirusScanner.Failure)
    }
    #expect(VirusScanner.Place("/run/clamav/clamd.ctl") == .path("/run/clamav/clamd.ctl"))
    #expect(VirusScanner.Place("localhost") == nil)
  }
}

/// The side of clamd's INSTREAM that we speak to, after clamd(8): finds what says EICAR, and fails at what says ERROR.
struct FakeClamd: Sendable {
  let port: Int
  private let channel: any Channel

  static func start() async throws -> FakeClamd {
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Handler()) }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    return FakeClamd(port: channel.localAddress?.port ?? 0, channel: channel)
  }

  func stop() async throws { try await channel.close() }

  private final class Handler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    private var waiting = ByteBuffer()
    private var content = ""
    private var hasCommand = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      var part = unwrapInboundIn(data)
      waiting.writeBuffer(&part)
      if !hasCommand {
        guard let command = waiting.getString(at: waiting.readerIndex, length: min(10, waiting.readableBytes)),
          command.utf8.count == 10
        else { return }
        guard command == "zINSTREAM\u{0}" else { return context.close(promise: nil) }
        waiting.moveReaderIndex(forwardBy: 10)
        hasCommand = true
      }
      while let length = waiting.getInteger(at: waiting.readerIndex, as: UInt32.self) {
        if length == 0 {
          let word =
            content.contains("EICAR") ? "stream: Eicar-Signature FOUND" : content.contains("ERROR") ? "lost ERROR" : "stream: OK"
          context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: word + "\u{0}")), promise: nil)
          return context.close(promise: nil)
        }
        guard waiting.readableBytes >= 4 + Int(length) else { return }
        waiting.moveReaderIndex(forwardBy: 4)
        content += waiting.readString(length: Int(length)) ?? ""
      }
    }
  }
}
