import Domain
import Storage
import TestSupport
import Testing

@testable import ChatServer

/// What somebody is told reaches their own devices, on every node, and nobody else's.
@Suite struct HubNotificationTests {
  @Test func aLineReachesItsReadersDevicesAlone() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let node = try TestNode(database, clock: HandClock())
      defer { node.stop() }
      let devices = [try await node.connect(world.accountant), try await node.connect(world.accountant)]
      let others = [try await node.connect(world.client), try await node.connect(world.stranger)]
      let (account, topic) = (world.accountant, world.topic)
      let id = try await database.app.run { session in
        let id = try session.transaction {
          try Notifications.add(to: account, kind: .waitSoon, detail: ["minutes": 30], topic: topic, in: session)
        }
        try Outbox.wake(in: session)
        return id
      }
      try await node.until("the line") { try devices.allSatisfy { try $0.events("notification").count == 1 } }
      for device in devices {
        let event = try #require(try device.events("notification").first)
        #expect(event["unread"]?.number == 1 && event["notification"]?["id"]?.number == id.rawValue)
        #expect(event["notification"]?["kind"]?.text == "wait.soon" && event["notification"]?["topic"]?.number == topic.rawValue)
        #expect(event["notification"]?["detail"]?["minutes"]?.number == 30)
      }
      _ = try await database.app.run { session in
        let count = try session.transaction { try Notifications.read(of: account, upTo: id, in: session) }
        try Outbox.wake(in: session)
        return count
      }
      try await node.until("that it was read") { try devices.allSatisfy { try $0.events("notification").count == 2 } }
      for device in devices {
        let event = try #require(try device.events("notification").last)
        #expect(event["unread"]?.number == 0 && event["notification"] == nil)
      }
      for other in others { #expect(try other.events("notification").isEmpty) }
    }
  }
}
