import CJemalloc
import Domain
import Testing
import WebSocketServer

@testable import ChatServer

@Suite struct SubscriptionMemoryTests {
  @Test func memoryComesFromJemalloc() {
    #expect(cjemalloc_version() != nil)
  }

  /// Else both lie in the same pages, and half of those is lost for as long as the connections stay.
  @Test func whatIsThereForAMomentSharesNoSizeWithWhatStays() {
    let socket = HubSocket(
      SocketID(rawValue: 1), SocketIdentity(session: SessionID(1), account: AccountID(1), address: "127.0.0.1"))
    let subscription = Subscription(socket, topic: TopicID(1), id: 7, origin: .subscribe(epoch: .random(), after: 5), serial: 1)
    let moment = subscription.moment.map(Self.size)
    let stays = [Self.size(subscription), Self.size(socket)]
    #expect(moment == [80, 80])
    #expect(Set(moment).isDisjoint(with: stays))
  }

  /// Bytes that the allocator has given an object.
  private static func size(_ object: AnyObject) -> Int { cjemalloc_size(Unmanaged.passUnretained(object).toOpaque()) }
}
