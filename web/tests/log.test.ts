import { TopicLog } from "../src/chat/log.ts"
import type { Entry } from "../src/shared/net/protocol.ts"
import { check, equal, random } from "./assert.ts"

const nobody = { deleted: false, redacted: false }
const base = (seq: number, by: number | null, staff = by !== null && by < 10) => ({
  seq,
  at: new Date(Date.UTC(2026, 10, 20) + seq * 1000).toISOString(),
  by,
  staff,
  case: 1,
  hash: String(seq),
})
const message = (seq: number, by = 20, body = `text ${seq}`): Entry => ({
  ...base(seq, by),
  kind: "message",
  message: seq,
  version: 1,
  body,
})
const edit = (seq: number, of: number, version: number, body: string, by = 20): Entry => ({
  ...base(seq, by),
  kind: "edit",
  message: of,
  version,
  body,
})
const remove = (seq: number, of: number, version: number, by = 20): Entry => ({
  ...base(seq, by),
  kind: "delete",
  message: of,
  version,
})
const whole = (entries: Entry[], reader = nobody) => {
  const log = new TopicLog(reader)
  log.reset(entries, entries[entries.length - 1]?.seq ?? 0, null, false)
  return log
}

Deno.test("an edit is the text, a deletion a tombstone", () => {
  const log = whole([message(1, 5), message(2, 5), edit(3, 1, 2, "better", 5), remove(4, 2, 2, 5)])
  equal(log.message(1)?.body, "better")
  equal(log.message(1)?.edits, 1)
  equal(log.message(2)?.deleted?.by, 5)
  equal(log.message(2)?.body, "text 2", "what staff deleted stays readable")
  equal(log.items().map((item) => item.seq), [1, 2])
})

Deno.test("an edit that arrives before its message is kept for it", () => {
  const log = new TopicLog(nobody)
  log.reset([edit(3, 1, 2, "better"), message(4)], 4, null, true)
  equal(log.items().map((item) => item.seq), [4])
  check(log.prepend([message(1), message(2)], false), "the page fits")
  equal(log.message(1)?.body, "better")
  equal(log.items().map((item) => item.seq), [1, 2, 4])
})

Deno.test("duplicates are ignored, a gap is told", () => {
  const log = whole([message(1), message(2)])
  equal(log.append(message(2, 20, "other")), "known")
  equal(log.message(2)?.body, "text 2")
  equal(log.append(message(4)), "gap")
  equal(log.head, 2)
  equal(log.append(message(3)), "added")
  equal(log.headHash, "3")
})

Deno.test("an older page that leaves a gap is refused", () => {
  const log = new TopicLog(nobody)
  log.reset([message(10)], 10, null, true)
  check(!log.prepend([message(7), message(8)], true), "8 isn't 9")
  equal(log.first, 10)
})

Deno.test("a client's deletion takes the bodies away, of all versions, from those who may not keep them", () => {
  const entries = [message(1, 20, "secret"), edit(2, 1, 2, "secret too"), remove(3, 1, 3)]
  const log = whole(entries)
  equal(log.message(1)?.body, undefined)
  check(!JSON.stringify(log.versions(1)).includes("secret"), "nothing of it stays")
  equal(whole(entries, { deleted: true, redacted: false }).message(1)?.body, "secret too")
})

Deno.test("a redaction leaves the text to an administrator only", () => {
  const entries: Entry[] = [message(1, 5), { ...base(2, 1), kind: "redact", message: 1, version: 2, body: "why" }]
  equal(whole(entries, { deleted: true, redacted: false }).message(1)?.body, undefined)
  equal(whole(entries, { deleted: true, redacted: true }).message(1)?.body, "text 1")
  equal(whole(entries).message(1)?.redacted?.reason, "why")
})

Deno.test("a reset forgets", () => {
  const log = whole([message(1), message(2), edit(3, 1, 2, "x")])
  log.reset([message(9)], 9, "9", true)
  equal(log.items().map((item) => item.seq), [9])
  equal(log.first, 9)
  equal(log.message(1), undefined)
})

Deno.test("unread counts others' messages past the mark, as far as the log knows", () => {
  const log = new TopicLog(nobody)
  log.reset([message(5), message(6, 7), edit(7, 5, 2, "x"), message(8)], 8, null, true)
  equal(log.unreadAfter(5, 7), 1)
  equal(log.unreadAfter(4, 7), 2)
  equal(log.unreadAfter(2, 7), undefined)
})

Deno.test("a message is a new object exactly when it changed", () => {
  const log = whole([message(1), message(2)])
  const [one, two] = [log.message(1), log.message(2)]
  log.append(edit(3, 1, 2, "x"))
  check(log.message(1) !== one, "changed")
  check(log.message(2) === two, "not changed")
})

/** A log of all kinds, made at random. */
function make(next: () => number, length: number): Entry[] {
  const entries: Entry[] = []
  const versions = new Map<number, number>()
  for (let seq = 1; seq <= length; seq++) {
    const known = [...versions.keys()]
    const target = known[Math.floor(next() * known.length)]
    const dice = next()
    const by = next() < 0.5 ? 5 : 20
    if (target === undefined || dice < 0.5) {
      entries.push(message(seq, by))
      versions.set(seq, 1)
    } else if (dice < 0.9) {
      const version = (versions.get(target) ?? 1) + 1
      versions.set(target, version)
      entries.push(dice < 0.7 ? edit(seq, target, version, `edit ${seq}`, by) : remove(seq, target, version, by))
    } else entries.push({ ...base(seq, by), kind: dice < 0.95 ? "close" : "reopen" })
  }
  return entries
}

Deno.test("however the rows arrive, the log is the same", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const next = random(seed)
    const entries = make(next, 40)
    const reader = { deleted: next() < 0.5, redacted: false }
    const direct = whole(entries, reader)
    const log = new TopicLog(reader)
    let from = 10 + Math.floor(next() * 20)
    let to = from + Math.floor(next() * 5)
    log.reset(entries.slice(from, to), to, null, true)
    while (from > 0 || to < entries.length) {
      if (next() < 0.5 && from > 0) {
        const start = Math.max(0, from - 1 - Math.floor(next() * 8))
        // Sometimes a page overlaps what is here.
        const page = entries.slice(start, Math.min(to, from + Math.floor(next() * 3)))
        check(log.prepend(page, start > 0), "a page that fits is taken")
        from = start
      } else if (to < entries.length) {
        const entry = entries[to++]
        if (entry) equal(log.append(entry), "added")
        const again = entries[Math.floor(next() * to)]
        if (again) equal(log.append(again), "known")
      }
    }
    equal(log.items(), direct.items(), `seed ${seed}`)
    equal([log.first, log.head], [1, 40])
  }
})

Deno.test("what was erased is dropped for everybody, the administrator too, with its files", () => {
  const entries: Entry[] = [
    { ...message(1, 5), documents: [{ document: 7, name: "a.pdf", size: 1, type: "pdf" }] } as Entry,
    { ...base(2, 5), kind: "edit", message: 1, version: 2, body: "later" },
    { ...base(3, 1), kind: "erase", message: 1, version: 3 },
  ]
  const admin = whole(entries, { deleted: true, redacted: true }).message(1)
  equal(admin?.body, undefined)
  equal(admin?.documents.length, 0)
  equal(admin?.erased, true)
  equal(admin?.redacted?.by, 1)
  equal(whole(entries.slice(0, 2), { deleted: true, redacted: true }).message(1)?.erased, false)
})
