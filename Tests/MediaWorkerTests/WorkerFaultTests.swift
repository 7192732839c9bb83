import Domain
import Foundation
import Glibc
import Storage
import Synchronization
import TestSupport
import Testing

@testable import MediaWorker

/// Several workers, and workers and children that are killed: every document is made, and made once.
@Suite
struct WorkerFaultTests {
  @Test("Two workers side by side make every document once")
  func parallel() async throws {
    try await withTestDatabase { database in
      let world = try await WorkerWorld(database)
      for index in 0..<12 { _ = try await world.addPicture(width: 200 + index, height: 150) }
      let ends = Mutex<[JobID: Int]>([:])
      let count: @Sendable (Job, ChildProcess.End) -> Void = { job, _ in ends.withLock { $0[job.id, default: 0] += 1 } }
      let workers = [try world.worker(onEnd: count), try world.worker(onEnd: count)]
      let work = workers.map { worker in Task { await worker.run() } }
      try await WorkerWorld.until("all done") {
        let left: Int = try await database.app.run { try $0.value("SELECT count(*) FROM job WHERE state <> 'done'") ?? 0 }
        return left == 0
      }
      for task in work {
        task.cancel()
        await task.value
      }
      let seen = ends.withLock { $0 }
      #expect(seen.count == 12)
      #expect(Set(seen.values) == [1])
      let attempts: Int = try await database.app.run { try $0.value("SELECT max(attempts) FROM job") ?? 0 }
      #expect(attempts == 1)
    }
  }

  @Test("A child that is killed costs one attempt; the next one makes the document")
  func killedChild() async throws {
    try await withTestDatabase { database in
      let world = try await WorkerWorld(database)
      let slow = try await world.addPicture(width: 7000, height: 7000),
        quick = try await world.addPicture(width: 100, height: 100)
      let worker = try world.worker()
      let work = Task { await worker.run() }
      // Not the probe, nor another test's child: the one that writes the slow document's rendition.
      try await WorkerWorld.until("a child was killed") {
        for room in world.rooms("1-1") where Glibc.access("\(room)/\(ChildOrder.Name.rendition)", F_OK) == 0 {
          for pid in Processes.inside(room) { return kill(pid, SIGKILL) == 0 }
        }
        return false
      }
      try await WorkerWorld.until("the other is ready") { try await world.media(quick) == "ready" }
      try await WorkerWorld.until("it is tried again") {
        let error: String? = try await database.app.run {
          try $0.value("SELECT coalesce(error, '') FROM job WHERE document_id = \(slow)")
        }
        return error?.contains("signal 9") == true
      }
      try await world.pass()
      try await WorkerWorld.until("ready all the same") { try await world.media(slow) == "ready" }
      work.cancel()
      await work.value
      let attempts: Int? = try await database.app.run { try $0.value("SELECT attempts FROM job WHERE document_id = \(slow)") }
      #expect(attempts == 2)
    }
  }

  @Test("A worker that is killed takes its child with it, and another one does the job")
  func killedWorker() async throws {
    try await withTestDatabase { database in
      let world = try await WorkerWorld(database)
      let id = try await world.addPicture(width: 7000, height: 7000)
      let process = try world.start()
      var child: pid_t = 0
      try await WorkerWorld.until("a child works") {
        child =
          WorkerWorld.children(of: process.processIdentifier).first { pid in
            Glibc.access("/proc/\(pid)/cwd/\(ChildOrder.Name.rendition)", F_OK) == 0
          } ?? 0
        return child != 0
      }
      let killed = child
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      try await WorkerWorld.until("the child is gone") { Glibc.access("/proc/\(killed)/cwd/.", F_OK) != 0 }
      let before = try await world.media(id)
      #expect(before == "waiting")
      try await world.pass()
      let worker = try world.worker()
      // What the killed one left is gone as soon as another one starts.
      let left = try FileManager.default.contentsOfDirectory(atPath: world.folder).filter { $0.hasPrefix("onefin-media.") }
      #expect(left.count == 1)
      let work = Task { await worker.run() }
      try await WorkerWorld.until("ready") { try await world.media(id) == "ready" }
      work.cancel()
      await work.value
    }
  }

  @Test(
    "A worker that is killed takes LibreOffice with it",
    .enabled(
      if: Tool.installed().soffice != nil, "LibreOffice is not installed (libreoffice-writer-nogui, libreoffice-calc-nogui)"))
  func killedWithLibreOffice() async throws {
    try await withTestDatabase { database in
      let world = try await WorkerWorld(database)
      let path = "\(world.folder)/file"
      try OfficeMaker.docx(["Salom"]).write(to: URL(fileURLWithPath: path))
      _ = try await world.add(path, type: .docx, staff: true)
      let process = try world.start()
      // On a thread of its own: the other tests keep the common ones busy for longer than LibreOffice takes.
      let room: String? = await withCheckedContinuation { continuation in
        Thread.detachNewThread {
          let limit = ContinuousClock.now + .seconds(100)
          var found: String?
          while found == nil, .now < limit {
            found = world.rooms("1-1").first { Processes.freezeLibreOffice(in: $0) }
          }
          kill(process.processIdentifier, SIGKILL)
          continuation.resume(returning: found)
        }
      }
      process.waitUntilExit()
      let place = try #require(room)
      defer { Processes.clear(place) }
      try await WorkerWorld.until("they are gone") { Processes.inside(place).isEmpty }
    }
  }

  @Test("Workers and children are killed at random under load: no document is lost, and none is made twice")
  func storm() async throws {
    try await withTestDatabase { database in
      let world = try await WorkerWorld(database)
      for index in 0..<16 { _ = try await world.addPicture(width: 1200 + index * 60, height: 1400) }
      var workers = [try world.start(), try world.start()]
      for _ in 0..<8 {
        try await WorkerWorld.until("a child works, or all is done") {
          let children = workers.flatMap { WorkerWorld.children(of: $0.processIdentifier) }
          guard children.isEmpty else { return true }
          return try await world.unfinished() == 0
        }
        // At any moment of a file's way, from the fetching of the original to the last transaction.
        try await Task.sleep(for: .milliseconds(Int.random(in: 0...150)))
        let victim = Int.random(in: 0..<workers.count)
        let children = WorkerWorld.children(of: workers[victim].processIdentifier)
        if Bool.random(), let child = children.randomElement() {
          kill(child, SIGKILL)
        } else {
          kill(workers[victim].processIdentifier, SIGKILL)
          workers[victim].waitUntilExit()
          workers[victim] = try world.start()
        }
        // The leases of those that live run out as well: they are as slow then as a worker can be, and must write nothing.
        try await world.pass()
      }
      try await WorkerWorld.until("nothing is left to do", seconds: 240) {
        let left = try await world.unfinished()
        if left > 0 { try await world.pass(onlyWaiting: true) }
        return left == 0
      }
      for worker in workers {
        worker.terminate()
        worker.waitUntilExit()
      }
      let rows = try await database.app.run { session in
        try session.rows(
          """
          SELECT d.media, j.state, j.attempts, (SELECT count(*) FROM rendition r WHERE r.document_id = d.id),
                 (SELECT count(*) FROM stamp s WHERE s.document_id = d.id),
                 (SELECT count(*) FROM outbox o WHERE o.channel = 'document' AND o.payload = jsonb_build_object('documents', jsonb_build_array(d.id)))
            FROM document d JOIN job j ON j.document_id = d.id
          """
        ).map { row in
          (
            "\(try row.decode(at: 0, as: String.self)) \(try row.decode(at: 1, as: String.self))",
            try row.decode(at: 2, as: Int32.self),
            "\(try row.decode(at: 3, as: Int.self)) \(try row.decode(at: 4, as: Int.self)) \(try row.decode(at: 5, as: Int.self))"
          )
        }
      }
      #expect(rows.count == 16)
      for (state, attempts, made) in rows {
        // Three renditions, a stamp and one piece of news; or, after three attempts that were killed, the news alone.
        if state == "ready done" {
          #expect(made == "3 1 1")
        } else {
          #expect((state, attempts, made) == ("failed failed", 3, "0 0 1"))
        }
      }
      let hashes = try await database.app.run { session in
        try session.rows("SELECT DISTINCT hash FROM rendition").compactMap {
          BlobHash(bytes: try $0.decode(at: 0, as: [UInt8].self))
        }
      }
      for hash in hashes {
        let size = try await world.blobs.size(of: hash)
        #expect((size ?? 0) > 0)
      }
    }
  }
}
