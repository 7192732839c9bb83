import Synchronization

/// Counts the sockets of all loops, so that the front can say no before the upgrade.
final class SocketGauge: Sendable {
  /// One socket's place; gone with the last reference to it, whichever way the socket went.
  final class Place: Sendable {
    private let gauge: SocketGauge

    fileprivate init(_ gauge: SocketGauge) { self.gauge = gauge }

    deinit { gauge.taken.subtract(1, ordering: .relaxed) }
  }

  /// The most sockets.
  let limit: Int
  private let taken = Atomic(0)

  /// - Parameter limit: the most sockets of the process.
  init(limit: Int) { self.limit = limit }

  /// How many sockets are open or on their way to a loop.
  var count: Int { taken.load(ordering: .relaxed) }

  /// Takes a place; nil when there is none.
  func take() -> Place? {
    guard taken.add(1, ordering: .relaxed).newValue <= limit else {
      taken.subtract(1, ordering: .relaxed)
      return nil
    }
    return Place(self)
  }
}
