import Domain
import Storage
import TestSupport
import Testing

@Suite("Daily roots")
struct DailyRootTests {
  private static let salt = [UInt8](repeating: 5, count: 16)

  @Test("One a day, however many ask at once; each names the one before")
  func once() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      let made = try await withThrowingTaskGroup(of: Bool.self) { group in
        for _ in 0..<6 {
          group.addTask {
            let session = try Session.open(database.app.configuration)
            return try DailyRoots.make(at: world.start, salt: Self.salt, in: session) != nil
          }
        }
        return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
      }
      #expect(made == 1)
      try await database.append(world.request(world.client, .send(body: "salom", reply: 0, holding: false)))
      // The day ends at midnight in Tashkent, not in Greenwich.
      let midnight = LocalDate(inTashkentAt: world.start).advanced(by: 1).startInTashkent
      try await database.app.run { session in
        #expect(try DailyRoots.make(at: midnight.advanced(by: .seconds(-1)), salt: Self.salt, in: session) == nil)
        let second = try DailyRoots.make(at: midnight, salt: Self.salt, in: session)
        #expect(second?.root.number == 2)
        #expect(try DailyRoots.make(at: world.start, salt: Self.salt, in: session) == nil, "a clock that went back makes none")
        let list = try DailyRoots.list(after: 0, limit: 10, in: session)
        #expect(list.map(\.hash) == list.map(\.root.hash))
        #expect(list.map(\.root.prev) == [DailyRoot.origin, list[0].hash])
        #expect(try DailyRoots.list(after: 1, limit: 10, in: session).map(\.hash) == [list[1].hash])
      }
    }
  }

  @Test("Every topic's proof leads to the tree, empty logs too, and the action log stands last")
  func proofs() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      try await database.append(world.request(world.client, .send(body: "salom", reply: 0, holding: false)))
      try await database.append(world.request(world.client, .edit(message: 1, body: "salom!")))
      try await database.app.run { session in
        _ = try DailyRoots.make(at: world.start, salt: Self.salt, in: session)
        let found = try DailyRoots.newest(in: session)
        let sealed = try #require(found)
        #expect(sealed.heads.count == 11 && sealed.root.count == 11)
        #expect(sealed.heads.last?.topic == nil && sealed.heads.last?.seq == 1)
        for head in sealed.heads {
          guard let topic = head.topic else { continue }
          let made = sealed.proof(of: topic)
          let proof = try #require(made)
          #expect(MerkleTree.root(leaf: proof.head.leaf, at: proof.index, of: 11, path: proof.path) == sealed.root.tree)
          #expect(proof.head.seq == (topic == world.topic ? 2 : 0))
        }
        #expect(sealed.proof(of: TopicID(999)) == nil)
        #expect(try DailyRoots.find(1, in: session) == sealed)
        #expect(try DailyRoots.find(2, in: session) == nil)
      }
    }
  }
}
