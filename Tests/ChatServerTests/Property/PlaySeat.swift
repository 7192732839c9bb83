import Domain
import Storage
import WebSocketServer

@testable import ChatServer

/// A person at a page: what it holds, what it has asked for, and how it goes on when the server says something. Sockets come and go under it.
final class PlaySeat {
  /// What an answer is for.
  private enum Question {
    case inbox
    case state(topic: Int64, after: Int64?, isObservation: Bool)
    case other
  }

  /// The server broke a promise.
  struct Broken: Error, CustomStringConvertible { let description: String }

  let place: Int
  let account: AccountID
  private let home: (node: TestNode, loop: Int)
  let opensDeleted: Bool
  private(set) var client: TestClient?
  private(set) var inbox: PageInbox?
  private(set) var topics: [Int64: PageTopic] = [:]
  /// Topics whose events come: an answer has come, and nothing has ended it.
  private(set) var live: Set<Int64> = []
  /// What the page wants to be subscribed to.
  private var wanted: Set<Int64> = []
  private var questions: [Int64: Question] = [:]
  private var taken = 0
  private var session: SessionID?
  /// The session has ended, whether this page knows it or not.
  var hasEnded = false
  /// A page that does not read.
  private(set) var isSlow = false
  private(set) var lastSend: (topic: Int64, key: Key, body: Int, more: String)?
  /// What was uploaded and not sent, with its topic.
  private var uploads: [(topic: Int64, record: JSONValue)] = []
  /// Answers of REST that have not come yet; nil where it refused.
  var letters: [(topic: Int64, records: [JSONValue]?)] = []

  init(_ place: Int, _ account: AccountID, _ home: (node: TestNode, loop: Int), opensDeleted: Bool) {
    (self.place, self.account, self.home, self.opensDeleted) = (place, account, home, opensDeleted)
  }

  var node: TestNode { home.node }
  var hub: Hub<RecordingWriter> { home.node.hubs[home.loop] }
  var isWaiting: Bool { !questions.isEmpty }
  /// What has no answer yet.
  var open: String {
    questions.isEmpty ? "" : "seat \(place) waits for \(questions.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" })"
  }
  var sessionID: SessionID? { session }
  private var now: Int64 { home.node.clock.clock.uptime() }
  /// When the frame came that is being taken.
  private var cameAt: Int64 = 0

  // MARK: Coming and going

  func connect() async throws {
    guard client == nil else { return }
    // The door lets nobody in by a session that has ended: one signs in anew.
    if hasEnded { forget() }
    let made = try await home.node.connect(account, loop: home.loop, session: session)
    (client, session, taken, isSlow) = (made, made.session, 0, false)
    questions = [:]
    live = []
    ask(.inbox, "inbox")
    for topic in wanted.sorted() { sync(topic) }
  }

  func disconnect() {
    guard let client else { return }
    hub.closed(client.socket)
    self.client = nil
    questions = [:]
    live = []
    dropLetters()
  }

  private func dropLetters() {
    letters = []
    for topic in topics.keys { topics[topic]?.papers.giveUp() }
  }

  /// The session has ended: nothing of it stays.
  func forget() {
    (session, hasEnded) = (nil, false)
    (inbox, topics, wanted) = (nil, [:], [])
    (uploads, letters) = ([], [])
  }

  func setSlow(queued: Int) {
    guard let client else { return }
    isSlow = true
    home.node.writers[home.loop].queued[client.socket] = queued
  }

  func setQuick() {
    guard let client, isSlow else { return }
    isSlow = false
    home.node.writers[home.loop].queued[client.socket] = 0
    hub.drained(client.socket)
  }

  // MARK: Asking

  private func ask(_ question: Question, _ verb: String, _ fields: String = "") {
    guard let client else { return }
    questions[client.request(verb, fields)] = question
  }

  /// Any request whose answer only has to come.
  func ask(_ verb: String, _ fields: String) { ask(.other, verb, fields) }

  func askInbox() { ask(.inbox, "inbox") }

  /// Subscribes, from where the page's log ends.
  func sync(_ topic: Int64, foreign: Bool = false) {
    wanted.insert(topic)
    live.remove(topic)
    guard let resume = topics[topic]?.resume else {
      return ask(.state(topic: topic, after: nil, isObservation: false), "subscribe", #""topic":\#(topic)"#)
    }
    let epoch = foreign ? Key(high: 1, low: 2).description : resume.epoch.text ?? ""
    ask(
      .state(topic: topic, after: resume.after, isObservation: false), "subscribe",
      #""topic":\#(topic),"epoch":"\#(epoch)","after":\#(resume.after)"#)
  }

  func observe(_ topic: Int64) {
    live.remove(topic)
    ask(.state(topic: topic, after: nil, isObservation: true), "observe", #""topic":\#(topic),"reason":"sinov""#)
  }

  func leave(_ topic: Int64, _ verb: String) {
    wanted.remove(topic)
    live.remove(topic)
    if verb == "unobserve" { topics[topic] = nil }
    ask(.other, verb, #""topic":\#(topic)"#)
  }

  func send(_ topic: Int64, _ key: Key, _ body: Int, _ more: String) {
    lastSend = (topic, key, body, more)
    ask(.other, "send", #""topic":\#(topic),"key":"\#(key)","body":"matn \#(body)"\#(more)"#)
  }

  // MARK: Documents

  /// The end of an upload says what has become of it.
  func uploaded(_ record: JSONValue, _ topic: Int64) {
    uploads.append((topic, record))
    topics[topic]?.papers.hear(record)
  }

  /// Where the oldest upload is to be sent.
  var uploadTopic: Int64? { uploads.first?.topic }

  /// Takes uploads out that are to be sent there.
  func takeUploads(of topic: Int64, _ count: Int) -> [Int64] {
    let taken = uploads.filter { $0.topic == topic }.prefix(count).compactMap { $0.record["document"]?.number }
    uploads.removeAll { taken.contains($0.record["document"]?.number ?? 0) }
    return taken
  }

  /// What REST is asked about a topic's documents.
  func askPapers(_ topic: Int64) -> [Int64]? { topics[topic]?.papers.ask() }

  /// REST's answers come.
  func deliverPapers() {
    for letter in letters {
      if let records = letter.records {
        topics[letter.topic]?.papers.take(records)
      } else {
        topics[letter.topic]?.papers.giveUp()
      }
    }
    letters = []
  }

  /// Typing has no answer.
  func type(_ topic: Int64, isOn: Bool) { client?.push(#"{"do":"typing","topic":\#(topic),"on":\#(isOn)}"#) }

  // MARK: Hearing

  /// Takes what has come, unless the page does not read, and goes on as a page does.
  func take() throws {
    guard let client, !isSlow else { return }
    while taken < client.transcript.count {
      let frame = try JSONValue(client.transcript[taken])
      cameAt = client.times[taken]
      taken += 1
      if frame["event"] != nil { try event(frame) } else { try answer(frame) }
    }
    guard let code = client.closeCode else { return }
    disconnect()
    if code == 4001 { forget() }
  }

  func forgetTyping() {
    for topic in topics.keys { topics[topic]?.forgetTyping(now: now) }
  }

  private func check(_ fault: String?, _ frame: JSONValue) throws {
    if let fault { throw Broken(description: "seat \(place): \(fault), by \(frame.brief)") }
  }

  private func answer(_ frame: JSONValue) throws {
    guard let id = frame["id"]?.number, let question = questions.removeValue(forKey: id) else {
      // Typing is answered only when it is refused.
      return try check(frame["error"] == nil ? "an answer to no question" : nil, frame)
    }
    switch question {
    case .other: break
    case .inbox: try took(list: frame)
    case .state(let topic, let after, let isObservation):
      guard let state = frame["ok"] else {
        // It took the place of a subscription whose answer may have come only now, and that has ended with it.
        if isObservation { live.remove(topic) }
        // Another request for the same topic took its place, or the topic is not for this account any more.
        if frame["error"]?["temporary"]?.flag != true, !isObservation { lose(topic) }
        return
      }
      try took(state, topic, after)
    }
  }

  private func took(_ state: JSONValue, _ topic: Int64, _ after: Int64?) throws {
    live.insert(topic)
    wanted.insert(topic)
    if let after, topics[topic] != nil {
      try check(topics[topic]?.adopt(state, after: after, now: cameAt), state)
    } else {
      topics[topic] = PageTopic(state, opensDeleted: opensDeleted, me: account.rawValue, now: cameAt)
    }
  }

  private func took(list frame: JSONValue) throws {
    guard let ok = frame["ok"] else {
      try check(
        // Where the session has ended there is no list, even before the socket hears of it.
        hasEnded || frame["error"]?["temporary"]?.flag == true
          || questions.values.contains { if case .inbox = $0 { true } else { false } }
          ? nil : "no list", frame)
      return
    }
    let fresh = PageInbox(ok)
    inbox = fresh
    for (topic, page) in topics where !page.isObserved && !fresh.isParticipant(topic) { lose(topic) }
  }

  private func lose(_ topic: Int64) {
    wanted.remove(topic)
    live.remove(topic)
    topics[topic] = nil
  }

  private func event(_ frame: JSONValue) throws {
    let topic = frame["topic"]?.number ?? 0
    switch frame["event"]?.text {
    case "inbox":
      askInbox()
      // A subscription may have ended with it.
      for topic in live where topics[topic]?.isObserved == false { sync(topic) }
    case "lag": sync(topic)
    case "observation": lose(topic)
    case "session": break
    case "topic":
      // Between two lists the events of the old one do not come any more.
      try check(inbox?.apply(frame), frame)
      if inbox?.isStranger(in: frame) == true { askInbox() }
    default:
      if frame["event"]?.text == "read" { try check(inbox?.apply(frame), frame) }
      if frame["event"]?.text == "presence" {
        for topic in live { try check(topics[topic]?.apply(frame, now: cameAt), frame) }
      } else if live.contains(topic) {
        try check(topics[topic]?.apply(frame, now: cameAt), frame)
      }
    }
  }
}
