import Storage

/// Reads the topics that people open.
typealias TopicReader = BatchReader<TopicLook, TopicState>

extension BatchReader where Question == TopicLook, Answer == TopicState {
  /// The most looks of one statement. An answer may have a megabyte of text.
  static var mostLooks: Int { 32 }

  /// A reader that uses half of the pool's connections, so that other reads get theirs.
  convenience init(_ database: Postgres, clock: ChatClock, memory: PageMemory, queueLimit: Int = 100_000) {
    self.init(database, lanes: database.configuration.poolSize / 2, batchLimit: Self.mostLooks, queueLimit: queueLimit) {
      try TopicLog.states($0, at: clock.now(), memory: memory, in: $1)
    }
  }
}
