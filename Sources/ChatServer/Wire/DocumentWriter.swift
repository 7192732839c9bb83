import Domain
import Storage

extension JSONWriter {
  /// A document in the same shape as REST gives it. What is not known is left out.
  mutating func document(_ news: DocumentNews) {
    openObject()
    name("document")
    value(news.document.rawValue)
    name("topic")
    value(news.topic.rawValue)
    name("name")
    value(news.name)
    name("size")
    value(news.size)
    name("type")
    value(news.type)
    name("staff")
    value(news.staff)
    name("uploader")
    value(news.uploader.rawValue)
    name("at")
    value(news.at)
    name("message")
    value(news.message)
    name("replaces")
    optional(news.replaces?.rawValue)
    name("media")
    value(news.media)
    if let reason = news.reason {
      name("reason")
      value(reason)
    }
    if news.unstamped {
      name("unstamped")
      value(true)
    }
    if let width = news.width, let height = news.height {
      name("width")
      value(width)
      name("height")
      value(height)
    }
    if let pages = news.pages {
      name("pages")
      value(pages)
    }
    name("state")
    value(news.state.rawValue)
    closeObject()
  }
}
