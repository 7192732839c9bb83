// The whole chat model against a socket that the test plays by hand: what is sent, what is repeated, what is forgotten.
import { Chat } from "../src/chat/model.ts"
import type { Entry, Inbox, TopicState } from "../src/shared/net/protocol.ts"
import { check, equal } from "./assert.ts"
import { someone } from "./someone.ts"

interface Frame {
  id: number
  do: string
  [field: string]: unknown
}

class FakeSocket {
  static all: FakeSocket[] = []
  static get last(): FakeSocket {
    const last = FakeSocket.all[FakeSocket.all.length - 1]
    if (!last) throw new Error("no socket")
    return last
  }
  sent: Frame[] = []
  closed = false
  onopen: (() => void) | undefined
  onclose: ((event: { code: number }) => void) | undefined
  onmessage: ((event: { data: string }) => void) | undefined
  constructor() {
    FakeSocket.all.push(this)
  }
  send(text: string) {
    this.sent.push(JSON.parse(text))
  }
  close() {
    this.closed = true
  }
  push(frame: unknown) {
    this.onmessage?.({ data: JSON.stringify(frame) })
  }
  /** The newest request of a verb. */
  asked(verb: string): Frame {
    const found = this.sent.filter((frame) => frame.do === verb).pop()
    if (!found) throw new Error(`${verb} wasn't asked: ${this.sent.map((frame) => frame.do).join(" ")}`)
    return found
  }
  count(verb: string): number {
    return this.sent.filter((frame) => frame.do === verb).length
  }
  async answer(verb: string, ok: unknown) {
    this.push({ id: this.asked(verb).id, ok })
    await settle()
  }
  async refuse(verb: string, code: string, temporary = false) {
    this.push({ id: this.asked(verb).id, error: { code, message: code, temporary } })
    await settle()
  }
}

/** Lets every promise that is already decided run on. */
const settle = () => new Promise<void>((resolve) => setTimeout(resolve, 0))

const store = new Map<string, string>()
Object.assign(globalThis, {
  WebSocket: FakeSocket,
  document: Object.assign(new EventTarget(), { hidden: false, visibilityState: "visible", hasFocus: () => true }),
})
Object.defineProperty(globalThis, "navigator", { value: { onLine: true }, configurable: true })
Object.defineProperty(globalThis, "localStorage", {
  configurable: true,
  value: {
    getItem: (name: string) => store.get(name) ?? null,
    setItem: (name: string, value: string) => store.set(name, value),
    removeItem: (name: string) => store.delete(name),
    key: (i: number) => [...store.keys()][i] ?? null,
    get length() {
      return store.size
    },
  },
})

const message = (seq: number, by = 2, body = `text ${seq}`): Entry => ({
  seq,
  kind: "message",
  at: new Date(Date.UTC(2026, 10, 20) + seq * 1000).toISOString(),
  by,
  staff: by === 1,
  case: 1,
  hash: `h${seq}`,
  message: seq,
  version: 1,
  body,
})
const inbox = (head: number, topics = [7, 8]): Inbox => ({
  epoch: "e",
  account: 1,
  organisations: [{ organisation: 1, name: "Bir", department: 1 }],
  topics: topics.map((topic) => ({
    topic,
    organisation: 1,
    kind: "bank",
    head: topic === 7 ? head : 0,
    mark: 0,
    unread: 0,
    participant: true,
    write: true,
    last: null,
    case: null,
  })),
  people: [],
})
const state = (entries: Entry[], more: Partial<TopicState> = {}): TopicState => ({
  topic: 7,
  epoch: "e",
  head: entries[entries.length - 1]?.seq ?? 0,
  hash: entries[entries.length - 1]?.hash ?? null,
  entries,
  more: (entries[0]?.seq ?? 1) > 1,
  reads: [],
  typing: [],
  presence: [],
  people: [],
  case: null,
  me: { read: 0, unread: 0, participant: true, write: true },
  ...more,
})

/** A chat that has opened topic 7, which holds these rows. */
async function opened(entries: Entry[] = [message(1), message(2)]) {
  const ended: string[] = []
  const chat = new Chat(
    someone,
    "ws://test/ws",
    {
      ended: () => ended.push("ended"),
      probe: () => ended.push("probe"),
      stranger: () => ended.push("stranger"),
      signedOut: () => ended.push("signedOut"),
    },
  )
  chat.start()
  await up(entries)
  chat.open(7)
  await FakeSocket.last.answer("subscribe", state(entries))
  return { chat, ended, view: chat.view(7) }
}
async function up(entries: Entry[]) {
  FakeSocket.last.onopen?.()
  await FakeSocket.last.answer("inbox", inbox(entries.length))
}
async function lose() {
  FakeSocket.last.onclose?.({ code: 1006 })
  // The network's return tries at once: no waiting in tests.
  globalThis.dispatchEvent(new Event("online"))
  await settle()
}

function test(name: string, run: () => Promise<void>) {
  Deno.test({
    name,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      store.clear()
      FakeSocket.all = []
      await run()
    },
  })
}
const keys = (prefix: string) => [...store.keys()].filter((name) => name.startsWith(prefix))

test("what was on its way when the connection went is sent again under its key, and shown once", async () => {
  const { chat, view } = await opened()
  chat.write({ topic: 7, verb: "send", body: "salom" })
  const first = FakeSocket.last.asked("send")
  equal(keys("1fin:1:out:").length, 1, "kept until it is acknowledged")
  await lose()
  await up([message(1), message(2)])
  // The server had taken it: its row comes with the resume, its answer with the repetition.
  const asked = FakeSocket.last.asked("subscribe")
  equal([asked["epoch"], asked["after"]], ["e", 1], "from the last row, whose hash is compared")
  await FakeSocket.last.answer("subscribe", state([message(2), message(3, 1, "salom")]))
  equal(FakeSocket.last.asked("send")["key"], first["key"])
  await FakeSocket.last.answer("send", { topic: 7, message: 3, seq: 3, at: message(3).at, hash: "h3", case: 1 })
  equal(chat.outbox.items, [])
  equal(keys("1fin:1:out:"), [])
  equal(view.log.items().map((item) => item.seq), [1, 2, 3])
  chat.stop()
})

test("a reload sends what waits, with its key", async () => {
  const { chat } = await opened()
  chat.write({ topic: 7, verb: "send", body: "salom" })
  const key = FakeSocket.last.asked("send")["key"]
  chat.stop()
  const again = await opened()
  equal(FakeSocket.last.asked("send")["key"], key)
  again.chat.stop()
})

test("another account's session gets nothing of this page's, neither its queue nor its look", async () => {
  const { chat, ended, view } = await opened()
  chat.write({ topic: 7, verb: "send", body: "salom" })
  chat.memory.setDraft(8, { body: "yarim" })
  await lose()
  FakeSocket.last.onopen?.()
  chat.write({ topic: 8, verb: "send", body: "yana" })
  chat.open(8)
  chat.markRead(view)
  FakeSocket.last.push({ event: "entry", topic: 7, entry: message(3) })
  equal(FakeSocket.last.sent.map((frame) => frame.do), ["inbox"], "nothing before the account is confirmed")
  equal(view.log.head, 2, "and nothing is taken in")
  await FakeSocket.last.answer("inbox", { ...inbox(9), account: 2 })
  equal(FakeSocket.last.sent.map((frame) => frame.do), ["inbox"])
  equal(ended, ["stranger"])
  equal([chat.inbox, chat.current, FakeSocket.last.closed], [undefined, undefined, true])
  equal(keys("1fin:1:").length, 4, "the queue, the draft and the head wait for their own account")
  const tries = FakeSocket.all.length
  globalThis.dispatchEvent(new Event("online"))
  equal(FakeSocket.all.length, tries, "and it tries no more")
})

test("an inbox that fails at first holds everything back until it comes", async () => {
  const { chat } = await opened()
  chat.write({ topic: 7, verb: "send", body: "salom" })
  await lose()
  FakeSocket.last.onopen?.()
  await FakeSocket.last.refuse("inbox", "unavailable", true)
  equal(FakeSocket.last.count("send") + FakeSocket.last.count("subscribe"), 0)
  void chat.askInbox()
  await FakeSocket.last.answer("inbox", inbox(2))
  equal([FakeSocket.last.count("send"), FakeSocket.last.count("subscribe")], [1, 1])
  chat.stop()
})

test("somebody unknown writes the last line: the list is asked for again, once", async () => {
  const { chat } = await opened()
  const last = { seq: 3, kind: "message", by: 5, at: "2026-11-20T09:00:00Z" }
  const { mark: _, unread: __, ...rest } = { ...inbox(3).topics[0], last, mark: 0, unread: 0 }
  const asked = FakeSocket.last.count("inbox")
  for (const seq of [3, 4]) {
    FakeSocket.last.push({ event: "topic", ...rest, head: seq, row: { seq, kind: "message", by: 5 } })
  }
  equal(FakeSocket.last.count("inbox"), asked + 1)
  const person = { account: 5, name: "Yangi", role: "client" as const, staff: false, participant: true }
  await FakeSocket.last.answer("inbox", { ...inbox(4), people: [person] })
  await FakeSocket.last.answer("inbox", { ...inbox(4), people: [person] })
  equal(chat.person(5)?.name, "Yangi")
  chat.stop()
})

test("one row of a topic goes at a time; a refusal lets the next one go", async () => {
  const { chat } = await opened()
  chat.write({ topic: 7, verb: "send", body: "bir" })
  chat.write({ topic: 7, verb: "send", body: "ikki" })
  equal(FakeSocket.last.count("send"), 1)
  await FakeSocket.last.refuse("send", "too_large")
  equal(FakeSocket.last.asked("send")["body"], "ikki")
  equal(chat.outbox.items.map((item) => item.state), ["failed", "sent"])
  chat.stop()
})

test("a gap asks again instead of showing a hole", async () => {
  const { chat, view } = await opened()
  FakeSocket.last.push({ event: "entry", topic: 7, entry: message(5) })
  equal(view.log.head, 2)
  equal(FakeSocket.last.asked("subscribe")["after"], 1)
  await FakeSocket.last.answer("subscribe", state([message(2), message(3), message(4), message(5)]))
  equal(view.log.head, 5)
  FakeSocket.last.push({ event: "entry", topic: 7, entry: message(5) })
  equal(view.log.items().length, 5, "and the row that came twice is shown once")
  chat.stop()
})

test("lag resumes from one's last row", async () => {
  const { chat } = await opened()
  const before = FakeSocket.last.count("subscribe")
  FakeSocket.last.push({ event: "lag", topic: 7 })
  equal(FakeSocket.last.count("subscribe"), before + 1)
  chat.stop()
})

test("a log that isn't what was seen before raises an alarm that stays", async () => {
  const { chat } = await opened()
  await lose()
  await up([message(1), message(2)])
  await FakeSocket.last.answer("subscribe", state([{ ...message(2), hash: "forged" }], { hash: "forged" }))
  equal(chat.memory.alarm(7)?.kind, "changed")
  equal(chat.memory.head(7)?.hash, "h2", "the evidence isn't overwritten")
  chat.stop()
})

test("another database starts over without an alarm, and says so until it is dismissed", async () => {
  const { chat } = await opened()
  await lose()
  await up([message(1), message(2)])
  await FakeSocket.last.answer("subscribe", state([{ ...message(2), hash: "forged" }], { hash: "forged" }))
  check(chat.memory.alarm(7) !== undefined, "an alarm of the old database")
  await lose()
  FakeSocket.last.onopen?.()
  await FakeSocket.last.answer("inbox", { ...inbox(1), epoch: "f" })
  await FakeSocket.last.answer(
    "subscribe",
    state([{ ...message(1), hash: "other" }], { hash: "other", epoch: "f", reset: true }),
  )
  equal([chat.memory.alarm(7), chat.memory.restored()?.epoch], [undefined, "f"])
  equal(chat.memory.head(7), { seq: 1, hash: "other", epoch: "f" })
  chat.memory.dismissRestored()
  chat.memory.remember(8, 5, "old", "e")
  equal(chat.memory.check({ topic: 8, epoch: "f", head: 3, hash: "new", entries: [] }), "other")
  FakeSocket.last.push({ event: "entry", topic: 7, entry: message(2) })
  equal([chat.memory.restored(), chat.memory.head(7)?.seq], [undefined, 2], "and goes on from there")
  await lose()
  FakeSocket.last.onopen?.()
  await FakeSocket.last.answer("inbox", { ...inbox(1), epoch: "f" })
  equal(chat.memory.alarm(7)?.kind, "shortened", "which the new one is held to as well")
  chat.stop()
})

test("a head that went back is noticed from the list alone", async () => {
  const { chat } = await opened()
  await lose()
  FakeSocket.last.onopen?.()
  await FakeSocket.last.answer("inbox", inbox(1))
  equal(chat.memory.alarm(7)?.kind, "shortened")
  chat.stop()
})

test("the remembered row is fetched when it isn't on the page that came", async () => {
  const first = await opened()
  first.chat.stop()
  const rows = Array.from({ length: 90 }, (_, i) => message(i + 1))
  const { chat } = await opened(rows.slice(40))
  equal([FakeSocket.last.asked("history")["before"], FakeSocket.last.asked("history")["limit"]], [3, 1])
  await FakeSocket.last.answer("history", { topic: 7, entries: [{ ...message(2), hash: "other" }], more: true })
  equal(chat.memory.alarm(7)?.kind, "changed")
  chat.stop()
})

test("an edit in progress and a rating that isn't given yet survive a reload, with the rating's key", async () => {
  const { chat } = await opened()
  const edit = { message: 2, before: "text 2", body: "text 2!" }
  chat.memory.setDraft(7, { body: "", edit })
  chat.memory.setRating(7, { case: 1, stars: 4, comment: "yax", key: "k" })
  chat.stop()
  const again = (await opened()).chat
  equal(again.memory.draft(7), { body: "", edit })
  equal([again.memory.rating(7, 1)?.key, again.memory.rating(7, 2)], ["k", undefined], "another case's is none")
  store.set("1fin:1:draft:7", '{"body":"","edit":{"message":"2"}}')
  equal(again.memory.draft(7), undefined, "what was edited by hand isn't read")
  again.signOut()
  equal([...keys("1fin:1:draft"), ...keys("1fin:1:rate")], [])
})

test("what one may no longer see is dropped, with its draft and what waits for it", async () => {
  const { chat } = await opened()
  chat.memory.setDraft(7, { body: "yarim" })
  chat.write({ topic: 7, verb: "send", body: "salom" })
  FakeSocket.last.push({ event: "inbox" })
  await settle()
  await FakeSocket.last.answer("inbox", inbox(2, [8]))
  equal(chat.view(7).log.items(), [])
  equal(chat.memory.draft(7), undefined)
  equal(keys("1fin:1:out:"), [])
  chat.stop()
})

test("the session's end wipes what was cached and says so", async () => {
  const { chat, ended, view } = await opened()
  chat.write({ topic: 7, verb: "send", body: "salom" })
  chat.memory.setDraft(8, { body: "yarim" })
  FakeSocket.last.onclose?.({ code: 4001 })
  equal(ended, ["ended"])
  equal(chat.inbox, undefined)
  check(chat.view(7) !== view, "the log is gone")
  chat.stop()
  await settle()
  equal([keys("1fin:1:out:").length, keys("1fin:1:draft:").length], [1, 1], "what was written waits for its account")
})

test("signing out leaves nothing written on the device, in any tab", async () => {
  const here = await opened()
  const mine = FakeSocket.last
  const there = await opened()
  here.chat.write({ topic: 7, verb: "send", body: "bu yerda" })
  there.chat.write({ topic: 7, verb: "send", body: "u yerda" })
  there.chat.memory.setDraft(8, { body: "yarim" })
  store.set("1fin:2:draft:8", '{"body":"boshqaning"}')
  here.chat.signOut()
  equal(keys("1fin:1:"), ["1fin:1:head:7"], "the head is evidence, and no text")
  equal(mine.closed, true)
  globalThis.dispatchEvent(Object.assign(new Event("storage"), { key: "1fin:leaving", newValue: "2" }))
  equal(there.ended, [], "another account's leaving")
  globalThis.dispatchEvent(Object.assign(new Event("storage"), { key: "1fin:leaving", newValue: "1" }))
  await settle()
  equal(there.ended, ["signedOut"])
  equal(here.ended, [])
  equal([there.chat.inbox, there.chat.outbox.items, keys("1fin:1:")], [undefined, [], ["1fin:1:head:7"]])
  equal(keys("1fin:2:").length, 1)
})

test("a quote of what a client took back doesn't go on showing it", async () => {
  const { chat, view } = await opened(Array.from({ length: 5 }, (_, i) => message(i + 11)))
  void chat.history.loadQuote(view, 3)
  await FakeSocket.last.answer("versions", { topic: 7, message: 3, entries: [message(3, 2, "maxfiy")] })
  const quote = view.quotes.get(3)
  check(typeof quote === "object" && quote.body === "maxfiy", "shown")
  FakeSocket.last.push({
    event: "entry",
    topic: 7,
    entry: { ...message(16), kind: "delete", message: 3, version: 2 },
  })
  equal(view.quotes.get(3), undefined)
  chat.stop()
})

test("a viewing goes on after a lost connection without asking for another thirty minutes", async () => {
  const { chat } = await opened()
  const asked = chat.observe(8, "tekshiruv")
  const until = new Date(Date.now() + 60_000).toISOString()
  await FakeSocket.last.answer("observe", { ...state([message(1)]), topic: 8, observation: { until } })
  const view = await asked
  if (!view) throw new Error("not opened")
  await lose()
  await up([message(1), message(2)])
  equal(FakeSocket.last.count("observe"), 0)
  const again = FakeSocket.last.sent.find((frame) => frame.do === "subscribe" && frame["topic"] === 8)
  FakeSocket.last.push({ id: again?.id, error: { code: "not_found", message: "", temporary: false } })
  await settle()
  equal(view.observation?.ended, true)
  equal(view.log.items(), [], "nothing of it stays on the page")
  chat.stop()
})

test("a viewing that was left before it began ends at once, unless it was asked for again", async () => {
  const { chat } = await opened()
  const until = new Date(Date.now() + 60_000).toISOString()
  const ok = { ...state([message(1)]), topic: 8, observation: { until } }
  const left = new AbortController()
  const first = chat.observe(8, "tekshiruv", left.signal)
  left.abort()
  await FakeSocket.last.answer("observe", ok)
  equal([await first, FakeSocket.last.count("unobserve")], [undefined, 1])
  equal(chat.view(8).log.items(), [], "and shows nothing")

  const again = new AbortController()
  const second = chat.observe(8, "tekshiruv", again.signal)
  const asked = FakeSocket.last.asked("observe").id
  again.abort()
  const third = chat.observe(8, "tekshiruv")
  FakeSocket.last.push({ id: asked, ok })
  await FakeSocket.last.answer("observe", ok)
  equal([await second, FakeSocket.last.count("unobserve")], [undefined, 1], "the later one goes on")
  equal((await third)?.log.head, 1)
  chat.stop()
})

test("a viewing whose beginning was lost with the connection is ended on the next one", async () => {
  const { chat } = await opened()
  const asked = chat.observe(8, "tekshiruv").then(() => "begun", () => "lost")
  await lose()
  await up([message(1), message(2)])
  equal([await asked, FakeSocket.last.count("unobserve")], ["lost", 1])
  equal(FakeSocket.last.asked("unobserve")["topic"], 8)
  await lose()
  await up([message(1), message(2)])
  equal(FakeSocket.last.count("unobserve"), 0, "once")
  chat.stop()
})

test("a topic that was left and opened again while it subscribed is subscribed again", async () => {
  const { chat } = await opened()
  chat.leave()
  chat.open(8)
  const first = FakeSocket.last.asked("subscribe").id
  for (const topic of [21, 22, 23, 24, 25, 26]) chat.open(topic)
  equal(FakeSocket.last.sent.some((frame) => frame.do === "unsubscribe" && frame["topic"] === 8), true)
  chat.open(8)
  const view = chat.view(8)
  const again = FakeSocket.last.asked("subscribe")
  equal([again["topic"], again.id !== first], [8, true], "what is on the wire ends with a subscribe")
  FakeSocket.last.push({ id: first, ok: { ...state([message(1)]), topic: 8 } })
  await settle()
  check(view.phase !== "live", "the first answer belongs to what was ended")
  FakeSocket.last.push({ id: again.id, ok: { ...state([message(1)]), topic: 8 } })
  await settle()
  equal([view.phase, view.log.head], ["live", 1])
  chat.stop()
})

test("a topic that was left isn't subscribed by a late repetition", async () => {
  const { chat, view } = await opened()
  for (const topic of [21, 22, 23, 24, 25, 26]) chat.open(topic)
  const before = FakeSocket.last.count("subscribe")
  await chat.sync(view)
  FakeSocket.last.push({ event: "entry", topic: 7, entry: message(9) })
  await settle()
  equal(FakeSocket.last.count("subscribe"), before)
  chat.stop()
})
