// Clocks: what is left of them, the shifts of a form, the words of their pages, the pause that stands.
import { type Clock, Clocks, type Queue, type Surroundings } from "../src/chat/clocks.ts"
import { TopicLog } from "../src/chat/log.ts"
import { dayDifferences, type DayForm, parseShifts, weekDifferences, wrongDay } from "../src/clocks/calendar.ts"
import { en } from "../src/clocks/en.ts"
import { ru } from "../src/clocks/ru.ts"
import { parseMinutes, parseShare } from "../src/clocks/targets.ts"
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

Deno.test("targets are whole minutes or nothing, and a warning a share that warns in time", () => {
  equal(["", " 45 ", "60000"].map(parseMinutes), [null, 45, 60_000])
  equal(["0", "-1", "1.5", "60001", "x"].map(parseMinutes), [undefined, undefined, undefined, undefined, undefined])
  equal(["5", "90"].map(parseShare), [5, 90])
  equal(["", "4", "91", "x"].map(parseShare), [undefined, undefined, undefined, undefined])
})

const formDay = (date: string, over: Partial<DayForm> = {}): DayForm => ({
  date,
  name: "",
  shifts: "",
  approximate: false,
  ...over,
})

Deno.test("the row and the field are named that can't be saved", () => {
  const good = [formDay("27.03.2026", { shifts: "9:00-13:00" }), formDay("28032026")]
  equal(wrongDay(good, 2026), undefined)
  equal(wrongDay([...good, formDay("1.1.2027")], 2026), { row: 2, field: "date" })
  equal(wrongDay([...good, formDay("27.3.2026")], 2026), { row: 2, field: "date" })
  equal(wrongDay([formDay("x"), ...good], 2026), { row: 0, field: "date" })
  equal(wrongDay([good[0] as DayForm, formDay("01.01.2026", { shifts: "9" })], 2026), { row: 1, field: "shifts" })
})

Deno.test("where two calendars differ is said row by row, also of rows that only one of them has", () => {
  const text = (day: DayForm) => day.shifts
  const [mine, theirs] = [
    [formDay("27.3.2026", { shifts: "09:00-13:00" }), formDay("01.01.2026"), formDay("02.01.2026")],
    [formDay("01.01.2026"), formDay("27.03.2026"), formDay("08.03.2026")],
  ]
  equal(dayDifferences(mine, theirs, text), [
    { row: "02.01.2026", mine: "", theirs: undefined },
    { row: "08.03.2026", mine: undefined, theirs: "" },
    { row: "27.03.2026", mine: "09:00-13:00", theirs: "" },
  ])
  equal(dayDifferences(theirs, theirs, text), [])
  equal(weekDifferences(["9:00-18:00", ""], ["09:00-18:00", ""], ["Mon", "Tue"]), [
    { row: "Mon", mine: "9:00-18:00", theirs: "09:00-18:00" },
  ])
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
