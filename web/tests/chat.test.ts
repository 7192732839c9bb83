import { compare } from "../src/chat/heads.ts"
import { groups, neighbour } from "../src/chat/filter.ts"
import { applyRead, applyTopic, fromSnapshot, gone, strange, unreadTotal } from "../src/chat/inbox.ts"
import { due, type NewItem, type OutboxItem, reduce } from "../src/chat/outbox.ts"
import { caseRights } from "../src/chat/rights.ts"
import { buildRows } from "../src/chat/rows.ts"
import { TopicView } from "../src/chat/topicView.ts"
import type { Case, Entry, Inbox, InboxTopic, Role, TopicState } from "../src/shared/net/protocol.ts"
import { check, equal } from "./assert.ts"

const item = (key: string, topic = 1, at = 0): NewItem => ({ key, topic, verb: "send", at, body: key })
const play = (...events: Parameters<typeof reduce>[1][]) => events.reduce<readonly OutboxItem[]>(reduce, [])

Deno.test("outbox: one row per topic is on its way, in the order of writing", () => {
  let items = play({ type: "add", item: item("b", 1, 2) }, { type: "add", item: item("a", 1, 1) }, {
    type: "add",
    item: item("c", 2, 3),
  })
  equal(due(items).map((one) => one.key), ["a", "c"])
  items = reduce(items, { type: "sent", key: "a" })
  equal(due(items).map((one) => one.key), ["c"])
  items = reduce(items, { type: "acked", key: "a", seq: 7, at: "" })
  equal(due(items).map((one) => one.key), ["b", "c"])
})

Deno.test("outbox: what was on its way when the connection went is sent again with its key", () => {
  const items = play({ type: "add", item: item("a") }, { type: "sent", key: "a" }, { type: "lost" })
  equal(due(items).map((one) => one.key), ["a"])
})

Deno.test("outbox: a temporary refusal waits, another fails and takes a new key when repeated", () => {
  const waiting = play({ type: "add", item: item("a") }, { type: "sent", key: "a" }, {
    type: "refused",
    key: "a",
    code: "unavailable",
    temporary: true,
  })
  equal(waiting[0]?.state, "waiting")
  const failed = play({ type: "add", item: item("a") }, { type: "sent", key: "a" }, {
    type: "refused",
    key: "a",
    code: "case_closed",
    temporary: false,
  })
  equal(due(failed), [])
  const again = reduce(failed, { type: "retry", key: "a", newKey: "b", at: 9 })
  equal(due(again).map((one) => [one.key, one.error]), [["b", undefined]])
})

Deno.test("outbox: an acknowledged item stays until the log shows its row", () => {
  let items = play({ type: "add", item: item("a") }, { type: "sent", key: "a" }, {
    type: "acked",
    key: "a",
    seq: 7,
    at: "",
  })
  items = reduce(items, { type: "shown", topic: 1, head: 6 })
  equal(items.length, 1)
  items = reduce(items, { type: "shown", topic: 2, head: 9 })
  equal(items.length, 1)
  equal(reduce(items, { type: "shown", topic: 1, head: 7 }), [])
})

const seen = (head: number, hash: string | null, entries: Partial<Entry>[] = []) => ({
  topic: 1,
  epoch: "e",
  head,
  hash,
  entries: entries as Entry[],
})

Deno.test("heads: a changed or shortened log is noticed", () => {
  const head = { seq: 5, hash: "aa", epoch: "e" }
  equal(compare(undefined, seen(3, "x"), ""), "same")
  equal(compare(head, seen(5, "aa"), ""), "same")
  equal(compare(head, seen(9, "zz", [{ seq: 5, hash: "aa" }]), ""), "same")
  equal(compare(head, seen(9, "zz", [{ seq: 8, hash: "x" }]), ""), "unknown")
  const changed = compare(head, seen(5, "bb"), "")
  check(typeof changed === "object" && changed.kind === "changed" && changed.is === "bb", "changed")
  const inside = compare(head, seen(9, "zz", [{ seq: 5, hash: "cc" }]), "")
  check(typeof inside === "object" && inside.kind === "changed", "changed inside of the page")
  equal(compare(head, { ...seen(4, "zz"), epoch: "f" }, ""), "other", "another database can't be compared")
  const short = compare(head, seen(4, "aa"), "")
  check(typeof short === "object" && short.kind === "shortened", "shortened")
})

const topic = (id: number, more: Partial<InboxTopic> = {}): InboxTopic => ({
  topic: id,
  organisation: 1,
  kind: "bank",
  head: 10,
  mark: 10,
  unread: 0,
  participant: true,
  write: true,
  last: null,
  case: null,
  ...more,
})
const inbox = (topics: InboxTopic[]): Inbox => ({
  epoch: "e",
  account: 1,
  organisations: [{ organisation: 1, name: "Bir", department: 1 }, { organisation: 2, name: "Ikki", department: 1 }],
  topics,
  people: [],
})
const row = (id: number, seq: number, by: number, kind: Entry["kind"] = "message") => {
  const { mark: _, unread: __, ...rest } = topic(id, { head: seq })
  return { ...rest, row: { seq, kind, by } }
}

Deno.test("inbox: events count others' messages once, and one's own message reads what was read", () => {
  let state = fromSnapshot(inbox([topic(1)]))
  const apply = (event: ReturnType<typeof row>) => {
    state = applyTopic(state, event) ?? state
    return state.topics.get(1)
  }
  equal(apply(row(1, 11, 2))?.unread, 1)
  equal(apply(row(1, 11, 2))?.unread, 1, "the same row again")
  equal(apply(row(1, 12, 2, "edit"))?.unread, 1, "an edit is no message")
  equal(apply(row(1, 13, 1))?.mark, 10, "something was unread before it")
  state = applyRead(state, 1, 13, undefined)
  equal([state.topics.get(1)?.unread, state.topics.get(1)?.mark], [0, 13])
  equal(apply(row(1, 14, 1))?.mark, 14)
  equal(apply(row(1, 15, 2))?.unread, 1)
  equal(unreadTotal(state), 1)
})

Deno.test("inbox: a read mark never goes back, and may leave some unread", () => {
  let state = fromSnapshot(inbox([topic(1, { head: 10, mark: 2, unread: 5 })]))
  state = applyRead(state, 1, 6, 3)
  equal([state.topics.get(1)?.mark, state.topics.get(1)?.unread], [6, 3])
  equal(applyRead(state, 1, 4, 9), state)
  state = applyRead(state, 1, 6, undefined, 4)
  equal(
    [state.topics.get(1)?.mark, state.topics.get(1)?.unread],
    [6, 4],
    "the server's count holds, also for a known mark",
  )
})

Deno.test("inbox: whoever an event names and nobody knows is asked for", () => {
  const person = { account: 2, name: "B", role: "client" as const, staff: false, participant: true }
  const state = fromSnapshot({ ...inbox([topic(1)]), people: [person] })
  const last = (by: number | null) => ({ seq: 11, kind: "message" as const, by, at: "2026-11-20T09:00:00Z" })
  equal([2, 3, null].map((by) => strange(state, { ...row(1, 11, 2), last: last(by) })), [false, true, false])
  const closed = { case: 1, state: "closed" as const, openedAt: "", closedAt: "", closedBy: 3, stars: null }
  equal(strange(state, { ...row(1, 11, 2), case: closed }), true)
  equal(strange(state, row(1, 11, 2)), false)
})

Deno.test("inbox: an unknown topic asks for a new snapshot; lost ones are named", () => {
  const state = fromSnapshot(inbox([topic(1), topic(2), topic(3)]))
  equal(applyTopic(state, row(9, 1, 2)), undefined)
  equal(gone(state, fromSnapshot(inbox([topic(1), topic(3, { participant: false })]))), [2, 3])
})

Deno.test("inbox: an answered wait goes", () => {
  const state = fromSnapshot(inbox([topic(1, { waitingSince: "2026-11-20T09:00:00Z" })]))
  equal(applyTopic(state, row(1, 11, 2))?.topics.get(1)?.waitingSince, undefined)
})

Deno.test("list: filters, searches past apostrophes, keeps what has risen in its place", () => {
  const state = fromSnapshot(
    inbox([topic(1), topic(2, { organisation: 2, unread: 1 }), topic(3, { organisation: 2, kind: "ttn" })]),
  )
  const risen = new Set<number>()
  const list = (filter: "all" | "unread", search = "", of = state) =>
    groups(of, filter, search, (one) => one.kind === "ttn" ? "Yoʻl xati" : "Bank", risen)
  equal(list("all").map((group) => group.organisation.name), ["Ikki", "Bir"])
  equal(list("unread").flatMap((group) => group.topics.map((one) => one.topic)), [2])
  equal(list("all", "YO'L").flatMap((group) => group.topics.map((one) => one.topic)), [3])
  const read = applyRead(state, 2, 99, 0)
  equal(list("all", "", read).map((group) => group.organisation.name), ["Ikki", "Bir"])
  equal(neighbour(list("all"), 3, 1), 1)
  equal(neighbour(list("all"), 2, -1), 1)
})

const message = (seq: number, by: number, minutes: number, number = 1): Entry => ({
  seq,
  kind: "message",
  at: new Date(Date.UTC(2026, 10, 20, 10) + minutes * 60_000).toISOString(),
  by,
  staff: by === 1,
  case: number,
  hash: "",
  message: seq,
  version: 1,
  body: "x",
})
const state = (entries: Entry[], more: Partial<TopicState> = {}): TopicState => ({
  topic: 1,
  epoch: "e",
  head: entries[entries.length - 1]?.seq ?? 0,
  hash: null,
  entries,
  more: false,
  reads: [],
  typing: [],
  presence: [],
  people: [
    { account: 1, name: "A", role: "accountant", staff: true, participant: true },
    { account: 2, name: "B", role: "client", staff: false, participant: true },
    { account: 3, name: "C", role: "accountant", staff: true, participant: true },
  ],
  case: null,
  me: { read: 0, unread: 0, participant: true, write: true },
  ...more,
})

Deno.test("rows: days, cases, the unread line, authors together, what is being sent", () => {
  const view = new TopicView(1, { deleted: false, redacted: false })
  view.adopt(
    state([
      message(1, 2, 0),
      message(2, 2, 1),
      message(3, 1, 2),
      message(4, 2, 24 * 60),
      message(5, 2, 24 * 60 + 30, 2),
    ]),
    undefined,
  )
  const rows = buildRows({
    items: view.log.items(),
    outbox: [{ ...item("k", 1, Date.UTC(2026, 10, 21, 12)), state: "waiting" }],
    more: false,
    whole: true,
    unreadMark: 3,
    me: 1,
    rate: false,
    typing: true,
    now: 0,
  })
  equal(rows.map((row) => row.type === "message" ? `${row.message.seq}${row.first ? "!" : ""}` : row.type), [
    "day",
    "opened",
    "1!",
    "2",
    "3!",
    "day",
    "unread",
    "4!",
    "opened",
    "5!",
    "sending",
    "typing",
  ])
  equal(new Set(rows.map((row) => row.key)).size, rows.length, "every row has a key of its own")
})

Deno.test("view: resuming adds what was missed; a foreign epoch or a gap starts over", () => {
  const view = new TopicView(1, { deleted: false, redacted: false })
  view.adopt(state([message(1, 2, 0), message(2, 2, 1)]), undefined)
  // The last known row is asked for again, so that its hash can be compared.
  check(view.adopt(state([message(2, 2, 1), message(3, 1, 2)]), 1), "fits")
  equal(view.log.items().map((one) => one.seq), [1, 2, 3])
  check(!view.adopt(state([message(5, 1, 9)]), 2), "4 is missing")
  check(view.adopt(state([message(8, 1, 9)], { epoch: "f", more: true }), 2), "another epoch")
  equal([view.log.first, view.log.head, view.log.more], [8, 8, true])
  check(view.adopt(state([message(20, 1, 9)], { epoch: "f", reset: true }), 7), "the server's reset")
  equal(view.log.first, 20)
})

Deno.test("view: a message is read by the other side only, at the first advance that covered it", () => {
  const view = new TopicView(1, { deleted: false, redacted: false })
  view.adopt(state([message(1, 1, 0), message(2, 1, 1)], { reads: [{ account: 3, seq: 2, at: "1" }] }), undefined)
  const one = view.log.message(1)
  if (!one) throw new Error("no message")
  equal(view.readers(one), [], "a colleague isn't the other side")
  view.read(2, 1, "2")
  view.read(2, 2, "3")
  view.read(2, 1, "4")
  equal(view.readers(one), [{ account: 2, at: "2" }])
})

Deno.test("view: when it was read is said only if that was seen", () => {
  const view = new TopicView(1, { deleted: false, redacted: false })
  const rows = [message(1, 1, 0), message(2, 1, 1), message(3, 1, 2), message(4, 1, 3)]
  view.adopt(state(rows, { reads: [{ account: 2, seq: 2, at: "8" }] }), undefined)
  const readers = (seq: number) =>
    view.readers(
      view.log.message(seq) ?? (() => {
        throw new Error("no message")
      })(),
    )
  equal(readers(1), [{ account: 2, at: undefined }], "8 is when the second one was read")
  view.read(2, 3, "9")
  equal([readers(1), readers(2), readers(3)], [
    [{ account: 2, at: undefined }],
    [{ account: 2, at: undefined }],
    [{ account: 2, at: "9" }],
  ])
  // Meanwhile without a connection: the mark has moved, nobody here knows when over which row.
  view.adopt(state([], { head: 4, hash: "h4", reads: [{ account: 2, seq: 4, at: "12" }] }), 4)
  equal([readers(3), readers(4)], [[{ account: 2, at: "9" }], [{ account: 2, at: undefined }]])
})

Deno.test("view: sending reads what was read to its end, as the protocol's rule 7 says", () => {
  const view = new TopicView(1, { deleted: false, redacted: false })
  view.adopt(state([message(1, 1, 0), message(2, 1, 1)], { reads: [{ account: 2, seq: 2, at: "1" }] }), undefined)
  view.follow(message(3, 2, 2))
  equal(view.reads.get(2)?.seq, 3)
  view.follow(message(5, 2, 4))
  equal(view.reads.get(2)?.seq, 3, "4 wasn't read")
})

Deno.test("view: who left takes no part, but keeps the name", () => {
  const view = new TopicView(1, { deleted: false, redacted: false })
  view.adopt(state([message(1, 3, 0)]), undefined)
  view.participants([{ account: 1, name: "A", role: "accountant", staff: true, participant: true }])
  equal([...view.people.values()].map((one) => [one.name, one.participant]), [["A", true], ["B", false], ["C", false]])
  view.meet([{ account: 1, name: "old", role: "accountant", staff: true, participant: false }])
  equal(view.people.get(1)?.name, "A")
})

Deno.test("view: who left while one was away keeps the name, for older rows are theirs", () => {
  const view = new TopicView(1, { deleted: false, redacted: false })
  view.adopt(state([message(1, 3, 0), message(2, 2, 1)]), undefined)
  const people = [{ account: 1, name: "A", role: "accountant" as const, staff: true, participant: true }]
  view.adopt(state([message(2, 2, 1)], { people }), 1)
  equal([...view.people.values()].map((one) => [one.name, one.participant]), [["A", true], ["B", false], ["C", false]])
})

Deno.test("view: the case follows the log", () => {
  const view = new TopicView(1, { deleted: false, redacted: false })
  const base = { at: "2026-11-20T09:00:00Z", staff: true, hash: "", case: 1 }
  const states: (string | undefined)[] = []
  for (
    const entry of [
      message(1, 2, 0),
      { ...base, seq: 2, kind: "close", by: 1 },
      { ...base, seq: 3, kind: "reopen", by: 2 },
      { ...base, seq: 4, kind: "close", by: null },
      { ...base, seq: 5, kind: "rate", by: 2, stars: 4 },
      message(6, 2, 9, 2),
    ] as Entry[]
  ) {
    view.follow(entry)
    states.push(view.case?.state)
  }
  equal(states, ["open", "closed", "open", "closed", "rated", "open"])
  equal(view.case?.case, 2)
})

Deno.test("rights: who may close, reopen and rate a case, and for how long", () => {
  const hour = 3_600_000
  const closedAt = "2026-11-20T09:00:00Z"
  const at = (state: Case["state"]): Case => ({
    case: 1,
    state,
    openedAt: closedAt,
    closedAt: state === "open" ? null : closedAt,
    closedBy: null,
    stars: null,
  })
  const may = (role: Role | undefined, state: Case["state"], after = 0, write = true) =>
    Object.entries(caseRights(role, write, at(state), Date.parse(closedAt) + after)).filter(([, yes]) => yes)
      .map(([what]) => what).join(" ")
  for (const role of ["accountant", "admin"] as const) {
    equal([may(role, "open"), may(role, "closed"), may(role, "rated")], ["close pause", "reopen", ""], role)
  }
  equal([may("client", "open"), may("client", "closed"), may("client", "rated")], ["reject", "reopen rate", ""])
  for (const role of ["supervisor", "warehouse", undefined] as const) {
    equal([may(role, "open"), may(role, "closed")], ["", ""], role)
  }
  equal([may("client", "closed", 24 * hour), may("accountant", "closed", 24 * hour)], ["rate", ""])
  equal(may("client", "closed", 14 * 24 * hour), "")
  equal([may("admin", "open", 0, false), may("client", "closed", 0, false)], ["", ""], "who takes no part")
  equal(caseRights("accountant", true, null, 0), {
    close: false,
    pause: false,
    reject: false,
    reopen: false,
    rate: false,
  })
})
