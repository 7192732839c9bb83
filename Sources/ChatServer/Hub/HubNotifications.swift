import Domain
import Storage

/// What people are told goes to their own devices and to nobody else's. A page that was away asks REST when it is back.
extension Hub {
  func heard(_ notifications: [NotificationNews]) {
    for news in notifications {
      guard let sockets = devices[news.account] else { continue }
      let frame = Event.notification(news)
      for socket in sockets { send(frame, socket) }
    }
  }
}
