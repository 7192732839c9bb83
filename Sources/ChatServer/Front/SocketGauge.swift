import Domain
import ServerKit
import Synchronization

/// Counts the sockets of all loops, in all and by whom they are, so that the front can say no before the upgrade.
final class SocketGauge: Sendable {
  /// One socket's place; gone with the last reference to it, whichever way the socket went.
  final class Place: Sendable {
    private let gauge: SocketGauge
    private let account: AccountID
    private let address: String

    fileprivate init(_ gauge: SocketGauge, _ account: AccountID, _ address: String) {
      (self.gauge, self.account, self.address) = (gauge, account, address)
    }

    deinit { gauge.leave(account, address) }
  }

  private struct Taken {
    var count = 0
    var accounts: [AccountID: Int] = [:]
    var addresses: [String: Int] = [:]
  }

  /// The most sockets.
  let limit: Int
  private let accountLimit: Int
  private let addressLimit: Int
  private let taken = Mutex(Taken())

  /// - Parameters:
  ///   - limit: the most sockets of the process.
  ///   - accountLimit: the most of one account.
  ///   - addressLimit: the most of one address, IPv6 by the /64. Loopback is not bounded: what comes from there is a proxy that nobody has listed.
  init(limit: Int, accountLimit: Int = .max, addressLimit: Int = .max) {
    (self.limit, self.accountLimit, self.addressLimit) = (limit, accountLimit, addressLimit)
  }

  /// How many sockets are open or on their way to a loop.
  var count: Int { taken.withLock { $0.count } }

  /// Takes a place; nil when there is none.
  func take(_ account: AccountID, from address: String) -> Place? {
    // Before the grouping: the /64 of `::1` is no address.
    let isLoopback = IPAddress(address)?.isLoopback == true
    let address = AddressGroup.name(of: address)
    let isTaken = taken.withLock { taken in
      guard taken.count < limit, taken.accounts[account, default: 0] < accountLimit else { return false }
      guard taken.addresses[address, default: 0] < addressLimit || isLoopback else { return false }
      taken.count += 1
      taken.accounts[account, default: 0] += 1
      taken.addresses[address, default: 0] += 1
      return true
    }
    return isTaken ? Place(self, account, address) : nil
  }

  private func leave(_ account: AccountID, _ address: String) {
    taken.withLock { taken in
      taken.count -= 1
      if let count = taken.accounts[account] { taken.accounts[account] = count > 1 ? count - 1 : nil }
      if let count = taken.addresses[address] { taken.addresses[address] = count > 1 ? count - 1 : nil }
    }
  }
}
