// Clocks: what is left of them, the shifts of a form, the words of their pages, the pause that stands.
import { type Clock, Clocks, type Queue, type Surroundings } from "../src/chat/clocks.ts"
import { TopicLog } from "../src/chat/log.ts"
import { type Calendar, type CalendarForm, parseShifts, received } from "../src/clocks/calendar.ts"
import { en } from "../src/clocks/en.ts"
import { ru } from "../src/clocks/ru.ts"
import { uz } from "../src/clocks/uz.ts"
import { Api } from "../src/shared/net/api.ts"
import type { Entry } from "../src/shared/net/protocol.ts"
import { check, equal } from "./assert.ts"

const dictionaries: Record<string, Record<string, string>> = { uz, ru, en }
const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort()

Deno.test("every language has every word about clocks, with the same values", () => {
  for (const [name, words] of Object.entries(dictionaries)) {
    equal(Object.keys(words).sort(), Object.keys(uz).sort(), name)
    for (const [key, text] of Object.entries(words)) {
      check(text.trim() !== "", `${name} ${key} is empty`)
      equal(placeholders(text), placeholders((uz as Record<string, string>)[key] ?? ""), `${name} ${key}`)
    }
  }
  for (const [key, text] of Object.entries(uz)) check(!/['’‘`]/.test(text), `${key}: ${text}`)
})

Deno.test("every kind of line that the servers put into a bell has its sentence, and no sentence is without a kind", async () => {
  const source = new URL("../../Sources/Storage/Notifications/NotificationKind.swift", import.meta.url)
  const kinds = [...(await Deno.readTextFile(source)).matchAll(/^ {2}case \w+ = "([a-z._]+)"$/gm)].map((match) =>
    match[1]
  )
  check(kinds.length > 10, "the file is read")
  const panel = [
    "bell.title",
    "bell.empty",
    "bell.empty.text",
    "bell.failed",
    "bell.readAll",
    "bell.more",
    "bell.other",
  ]
  for (const [name, words] of Object.entries(dictionaries)) {
    const bell = Object.keys(words).filter((key) => key.startsWith("bell.") && !panel.includes(key))
    equal(bell.sort(), kinds.map((kind) => `bell.${kind}`).sort(), name)
  }
})

Deno.test("shifts are read as they are typed, and wrong ones are refused", () => {
  equal(parseShifts(""), [])
  equal(parseShifts("9:00-13:00, 14.00–18.00"), ["09:00-13:00", "14:00-18:00"])
  equal(parseShifts("22:00 - 06:00"), ["22:00-06:00"])
  equal(parseShifts("00:00-24:00"), ["00:00-24:00"])
  for (
    const wrong of ["9-18", "09:00", "25:00-26:00", "09:60-10:00", "09:00-12:00 11:00-13:00", "22:00-06:00 23:00-23:30"]
  ) {
    equal(parseShifts(wrong), undefined, wrong)
  }
})

Deno.test("saving one part of the calendar loses nothing that was typed into another", () => {
  const found = (version: number, year: number, over: Partial<Calendar> = {}): Calendar => ({
    version,
    weekly: [["09:00-13:00", "14:00-18:00"], [], [], [], [], [], []],
    year,
    set: true,
    days: [{ date: `${year}-01-01`, name: "newYear", shifts: [], approximate: false }],
    ...over,
  })
  const day = { date: "02.01.2026", name: "Kun", shifts: "", approximate: false }
  const typed = (form: CalendarForm): CalendarForm => ({
    ...form,
    typedWeek: ["10:00-12:00"],
    typedYears: { 2026: [day], 2027: [] },
  })
  const first = received(received(undefined, found(3, 2026), "look"), found(3, 2027), "look")
  equal([first.week[0], first.years[2026]?.days[0]?.date], ["09:00-13:00 14:00-18:00", "01.01.2026"])

  const week = received(typed(first), found(4, 2026, { weekly: [["10:00-12:00"]] }), "week")
  equal([week.version, week.week, week.typedWeek], [4, ["10:00-12:00"], undefined])
  equal(week.typedYears, { 2026: [day], 2027: [] })
  const days = received(typed(first), found(4, 2026), "days")
  equal([days.version, days.typedWeek, days.typedYears], [4, ["10:00-12:00"], { 2027: [] }])
  check(days.years[2027] !== undefined, "what was seen of another year is still true")

  // Somebody else has saved: what is typed here still stands on the old version, so that the server refuses it, once.
  const behind = received(typed(first), found(9, 2027), "look")
  equal([behind.version, Object.keys(behind.years)], [3, ["2027"]])
  equal(behind.typedYears, { 2026: [day], 2027: [] })
  equal(received(behind, found(9, 2027), "conflict").version, 9)
  equal(received(behind, found(9, 2027), "conflict").typedWeek, ["10:00-12:00"])
  // With nothing typed there is nothing to lose.
  equal(received(first, found(9, 2026), "look").version, 9)
})

class FakeApi extends Api {
  asked = 0
  answer: Queue
  constructor(answer: Queue) {
    super()
    this.answer = answer
  }
  override call<T>(): Promise<T> {
    this.asked++
    return Promise.resolve(this.answer as T)
  }
}
const clock = (over: Partial<Clock>): Clock => ({
  topic: 1,
  kind: "bank",
  organisation: { id: 1, name: "Alfa" },
  department: 1,
  case: 1,
  message: 1,
  since: "2026-06-08T04:00:00Z",
  state: "ok",
  target: 1_000,
  left: 900,
  warning: 250,
  ...over,
})

Deno.test("a clock runs while the firm works, and stands still otherwise", async () => {
  const items = [clock({}), clock({ topic: 2, state: "paused", left: 500 }), clock({ topic: 3, state: "open" })]
  const { left: _, target: __, warning: ___, ...open } = clock({ topic: 3, state: "open" })
  items[2] = open
  const api = new FakeApi({ items, more: false, at: "", working: true })
  const clocks = new Clocks(api, true)
  const before = Date.now()
  await clocks.ask()
  const [first, second, third] = items as [Clock, Clock, Clock]
  const later = (seconds: number) => before + seconds * 1000
  check((clocks.left(first, later(100)) ?? 0) >= 799 && (clocks.left(first, later(100)) ?? 0) <= 801, "it runs")
  equal([clocks.state(first, later(600)), clocks.state(first, later(700)), clocks.state(first, later(1_000))], [
    "ok",
    "soon",
    "late",
  ])
  equal([clocks.left(second, later(600)), clocks.state(second, later(600))], [500, "paused"])
  equal([clocks.left(third, later(600)), clocks.state(third, later(600))], [undefined, "open"])
  api.answer = { items, more: false, at: "", working: false }
  await clocks.ask()
  equal(clocks.left(first, later(5_000)), 900)
  equal(clocks.of(9), undefined)
})

const around = (over: Partial<Surroundings> = {}): Surroundings => ({
  visible: () => true,
  spread: () => 60,
  soon: 10,
  ...over,
})
const after = (ms: number) => new Promise((done) => setTimeout(done, ms))
const quiet = {
  topic: 1,
  organisation: 1,
  kind: "bank" as const,
  head: 1,
  participant: true,
  write: true,
  last: null,
  case: null,
  waitingSince: null,
}
const known = { ...quiet, mark: 0, unread: 0 }
const moved = { ...quiet, waitingSince: "x", row: { seq: 1, kind: "message" as const, by: 2 } }

Deno.test("only what moves a clock is asked for again, and many changes at once", async () => {
  const api = new FakeApi({ items: [clock({})], more: false, at: "", working: true })
  const clocks = new Clocks(api, true, around())
  await clocks.ask()
  clocks.heard(known, { ...quiet, row: { seq: 1, kind: "edit", by: 1 } })
  clocks.heard(known, { ...quiet, row: { seq: 1, kind: "message", by: 1 } })
  await after(120)
  equal(api.asked, 1)
  for (let i = 0; i < 5; i++) clocks.heard(known, moved)
  clocks.heard(known, { ...quiet, row: { seq: 1, kind: "pause", by: 1 } })
  equal(api.asked, 1)
  await after(120)
  equal(api.asked, 2)
  const client = new Clocks(api, false, around())
  client.changed()
  client.start()
  client.stop()
  await after(120)
  equal(api.asked, 2)
})

Deno.test("changes of others are asked for at different times, one's own soon", async () => {
  const api = new FakeApi({ items: [clock({})], more: false, at: "", working: true })
  const clocks = new Clocks(api, true, around({ spread: () => 60_000 }))
  // The first look doesn't wait: nothing is shown yet.
  clocks.changed()
  await after(80)
  equal(api.asked, 1)
  clocks.heard(known, moved)
  await after(80)
  equal(api.asked, 1)
  clocks.heard(known, moved, true)
  await after(80)
  equal(api.asked, 2)
  clocks.stop()
})

Deno.test("a hidden page asks for nothing, and for everything once it is seen", async () => {
  const api = new FakeApi({ items: [clock({})], more: false, at: "", working: true })
  let visible = false
  const clocks = new Clocks(api, true, around({ visible: () => visible }))
  for (let i = 0; i < 3; i++) clocks.heard(known, moved)
  clocks.shown()
  await after(80)
  equal(api.asked, 0)
  visible = true
  clocks.shown()
  await after(80)
  equal(api.asked, 1)
  // Nothing new: nothing to ask.
  clocks.shown()
  await after(80)
  equal(api.asked, 1)
})

Deno.test("a pause stands until a client's message, its end or a close, and no answer ends it", () => {
  const entry = (seq: number, kind: Entry["kind"], over: object = {}): Entry =>
    ({ seq, kind, at: "2026-06-08T04:00:00Z", by: 1, staff: true, case: 1, hash: "", ...over }) as Entry
  const message = (seq: number, over: object = {}) =>
    entry(seq, "message", { message: seq, version: 1, body: "x", ...over })
  const standing = (...rows: Entry[]) => {
    const log = new TopicLog({ deleted: false, redacted: false })
    log.reset(rows, rows.length, "", false)
    return log.pause()?.seq
  }
  const asked = message(1, { staff: false })
  const pause = entry(2, "pause", { body: "akt" })
  equal(standing(asked), undefined)
  equal(standing(asked, pause), 2)
  equal(standing(asked, pause, message(3, { holding: true })), 2)
  equal(standing(asked, pause, message(3)), 2)
  for (const end of [message(3, { staff: false }), entry(3, "close"), entry(3, "resume", { why: "ended" })]) {
    equal(standing(asked, pause, end), undefined, end.kind)
  }
})
