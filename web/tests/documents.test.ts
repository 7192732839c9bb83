import { fromMegabytes, inMegabytes, sample } from "../src/admin/files.ts"
import { markedState, TopicLog } from "../src/chat/log.ts"
import { due, isWhole, type NewItem, type OutboxItem, reduce } from "../src/chat/outbox.ts"
import { cleanName, kindOf, kindOfName, momentName, sizeText } from "../src/documents/files.ts"
import { fit, pageAt, sharpness, topOf } from "../src/documents/layout.ts"
import { Library } from "../src/documents/library.ts"
import { months } from "../src/documents/months.ts"
import { type DocumentRecord, newer, nextStep, stepsDone, type WorkState } from "../src/documents/record.ts"
import { Api, ApiError } from "../src/shared/net/api.ts"
import type { Entry, MarkEntry, MessageEntry } from "../src/shared/net/protocol.ts"
import { check, equal } from "./assert.ts"

const record = (document: number, more: Partial<DocumentRecord> = {}): DocumentRecord => ({
  document,
  topic: 3,
  name: "a.pdf",
  size: 1,
  type: "pdf",
  staff: false,
  uploader: 5,
  at: "2026-11-21T09:00:00.000000Z",
  message: 1,
  replaces: null,
  media: "waiting",
  state: "received",
  ...more,
})

Deno.test("names: no path, nothing unseen, at most 255 characters with the ending kept", () => {
  equal(cleanName("C:\\temp\\akt.pdf"), "akt.pdf")
  equal(cleanName("../../etc/passwd"), "passwd")
  equal(cleanName("a\u0000b\u001f\u0085c\n.pdf"), "abc.pdf")
  equal([cleanName(""), cleanName("/"), cleanName("\u0007")], ["file", "file", "file"])
  const long = cleanName("ў".repeat(400) + ".docx")
  equal([[...long].length, long.endsWith(".docx")], [255, true])
  equal([...cleanName("👍".repeat(300))].length, 255)
  equal(momentName("Surat", Date.UTC(2026, 10, 21, 20, 30, 5), "image/png"), "Surat 2026-11-22 01-30-05.png")
})

Deno.test("sizes and kinds as people read them", () => {
  equal([0, 999, 1_000, 219_136, 2_936_013, 104_857_600, 5_368_709_120].map((bytes) => sizeText(bytes, "en")), [
    "0\u00a0B",
    "999\u00a0B",
    "1.0\u00a0KB",
    "219\u00a0KB",
    "2.9\u00a0MB",
    "105\u00a0MB",
    "5.4\u00a0GB",
  ])
  equal([sizeText(2_936_013, "uz"), sizeText(2_936_013, "ru")], ["2,9\u00a0MB", "2,9\u00a0МБ"])
  equal([kindOf("jpeg"), kindOf("pdf"), kindOf("xlsx"), kindOf("zip"), kindOf("constructor")], [
    "image",
    "pdf",
    "sheet",
    "other",
    "other",
  ])
  equal([kindOfName("A.JPG"), kindOfName("a"), kindOfName("a.b.docx")], ["image", "other", "text"])
  equal(months(Date.UTC(2026, 0, 31, 19, 30), 3), ["2026-02", "2026-01", "2025-12"])
})

Deno.test("the work on a document: each side has its steps", () => {
  const states = Object.keys(stepsDone) as WorkState[]
  const staff = states.map((state) => nextStep(state, { processes: true, client: false }))
  const client = states.map((state) => nextStep(state, { processes: false, client: true }))
  equal(staff, ["inWork", "processed", undefined, "inWork"])
  equal(client, [undefined, undefined, "returned", undefined])
  equal(states.map((state) => nextStep(state, { processes: false, client: false })), [
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})

// ── The log ──────────────────────────────────────────────────────────────

const base = { at: "2026-11-21T09:00:00.000000Z", by: 5, staff: false, case: 1, hash: "00" }
const message = (seq: number, documents: number[]): MessageEntry => ({
  ...base,
  kind: "message",
  seq,
  message: seq,
  version: 1,
  body: "",
  documents: documents.map((document) => ({ document, name: `${document}.pdf`, size: 1, type: "pdf" })),
})
const mark = (seq: number, document: number, state: WorkState, of = 1): MarkEntry => ({
  ...base,
  kind: "document",
  seq,
  message: of,
  document,
  state,
})

Deno.test("the log knows a message's documents and how far the work on each is, in whatever order pages came", () => {
  const rows: Entry[] = [message(1, [7, 8]), mark(2, 7, "inWork"), mark(3, 8, "inWork"), mark(4, 7, "processed")]
  const whole = new TopicLog({ deleted: false, redacted: false })
  whole.reset(rows, 4, "00", false)
  const pages = new TopicLog({ deleted: false, redacted: false })
  pages.reset(rows.slice(2), 4, "00", true)
  equal(pages.items().map((item) => item.type), ["document", "document"])
  pages.prepend(rows.slice(0, 2), false)
  equal(pages.items(), whole.items())
  const marks = whole.message(1)?.marks ?? []
  equal([markedState(marks, 7), markedState(marks, 8), markedState(marks, 9)], ["processed", "inWork", undefined])
  const live = new TopicLog({ deleted: false, redacted: false })
  live.reset(rows.slice(0, 1), 1, "00", false)
  const before = live.message(1)
  for (const row of rows.slice(1)) equal(live.append(row), "added")
  equal(live.items(), whole.items())
  check(before !== live.message(1), "a view compares by identity")
})

Deno.test("what a client takes back hides its documents, what staff delete does not", () => {
  const rows = (staff: boolean): Entry[] => [
    message(1, [7]),
    { ...base, staff, kind: "delete", seq: 2, message: 1, version: 2 },
  ]
  for (const staff of [false, true]) {
    const log = new TopicLog({ deleted: false, redacted: false })
    log.reset(rows(staff), 2, "00", false)
    equal(log.message(1)?.documents.length, staff ? 1 : 0)
    const overseer = new TopicLog({ deleted: true, redacted: false })
    overseer.reset(rows(staff), 2, "00", false)
    equal(overseer.message(1)?.documents.length, 1)
  }
})

// ── The outbox ───────────────────────────────────────────────────────────

const item = (key: string, at: number, uploads: string[] = [], body = key): NewItem => ({
  key,
  topic: 1,
  verb: "send",
  at,
  body,
  ...(uploads.length > 0 ? { files: uploads.map((upload) => ({ upload, name: upload, size: 1 })) } : {}),
})
const play = (...events: Parameters<typeof reduce>[1][]) => events.reduce<readonly OutboxItem[]>(reduce, [])

Deno.test("a message waits for its files, and holds up nothing that is written after it", () => {
  let items = play({ type: "add", item: item("a", 1, ["u", "v"]) }, { type: "add", item: item("b", 2) })
  equal(due(items).map((one) => one.key), ["b"])
  items = reduce(items, { type: "uploaded", upload: "u", document: 7 })
  equal(due(items).map((one) => one.key), ["b"])
  items = reduce(items, { type: "uploaded", upload: "v", document: 8 })
  equal(due(items).map((one) => one.key), ["a"])
  equal(items[0]?.files?.map((file) => file.document), [7, 8])
  equal(reduce(items, { type: "uploaded", upload: "w", document: 9 }), items)
})

Deno.test("a refused file keeps its message back until it goes without it", () => {
  let items = play({ type: "add", item: item("a", 1, ["u", "v"]) }, { type: "uploaded", upload: "v", document: 8 }, {
    type: "uploadRefused",
    upload: "u",
    code: "encrypted",
  })
  equal([due(items), items[0]?.files?.[0]?.error], [[], "encrypted"])
  items = reduce(items, { type: "without", key: "a", upload: "u" })
  equal(due(items).map((one) => one.files?.map((file) => file.upload)), [["v"]])
  check(isWhole(items[0] as OutboxItem), "nothing is missing")
  // The last file of a message without words takes the message along.
  const only = play({ type: "add", item: item("a", 1, ["u"], "") }, { type: "without", key: "a", upload: "u" })
  equal(only, [])
  const words = play({ type: "add", item: item("a", 1, ["u"], "x") }, { type: "without", key: "a", upload: "u" })
  equal([words.length, words[0]?.files], [1, undefined])
  // What is on its way is not changed any more: its key stands for what was sent.
  const sent = reduce(items, { type: "sent", key: "a" })
  equal(reduce(sent, { type: "without", key: "a", upload: "v" }), sent)
})

// ── What is known of documents ───────────────────────────────────────────

class FakeApi extends Api {
  readonly asked: string[] = []
  answer: (method: string, path: string) => unknown = () => ({ items: [] })
  override call<T>(method: string, path: string): Promise<T> {
    this.asked.push(`${method} ${path}`)
    try {
      return Promise.resolve(this.answer(method, path) as T)
    } catch (error) {
      return Promise.reject(error)
    }
  }
}
const soon = () => new Promise((resolve) => setTimeout(resolve, 50))

Deno.test("documents are asked for together, once, and what doesn't come is not there", async () => {
  const api = new FakeApi()
  api.answer = () => ({ items: [record(7)] })
  const library = new Library(api)
  for (const id of [7, 8, 7]) library.want(3, id)
  await soon()
  equal(api.asked, ["GET /topics/3/documents?ids=7,8"])
  equal([library.get(7)?.media, library.isAbsent(8)], ["waiting", true])
  library.want(3, 7)
  library.want(3, 8)
  await soon()
  equal(api.asked.length, 1)
  // Coming back to the topic, what was not ready is asked for again.
  library.refresh(3)
  await soon()
  equal(api.asked[1], "GET /topics/3/documents?ids=7")
})

Deno.test("an event makes a document ready, and an older answer does not take that back", () => {
  const library = new Library(new FakeApi())
  library.hear(record(7))
  library.hear(record(7, { media: "ready", pages: 2 }))
  library.hear(record(7))
  equal([library.get(7)?.media, library.get(7)?.pages], ["ready", 2])
  equal(newer(record(7, { media: "ready" }), record(7, { media: "ready", state: "inWork" })).state, "inWork")
  equal(library.newerThan(7), undefined)
  // One's own newer version counts once it is sent, and a late answer doesn't take that back.
  library.hear(record(8, { replaces: 7, message: null }))
  equal(library.newerThan(7), undefined)
  library.carried(8, 2)
  library.hear(record(8, { replaces: 7, message: null, media: "ready" }))
  equal([library.newerThan(7)?.document, library.newerThan(8)], [8, undefined])
  library.forgetMessage(3, 2)
  equal(library.newerThan(7), undefined)
  library.forgetMessage(3, 1)
  equal([library.get(7), library.isAbsent(7)], [undefined, true])
})

Deno.test("what became of an upload before it was sent is asked for when its message comes", async () => {
  const api = new FakeApi()
  api.answer = () => ({ items: [record(7, { media: "ready" })] })
  const library = new Library(api)
  library.hear(record(7, { message: null }))
  library.want(3, 7)
  await soon()
  equal([api.asked, library.get(7)?.media], [["GET /topics/3/documents?ids=7"], "ready"])
})

Deno.test("an answer that was on its way when an event came is the older one", async () => {
  const api = new FakeApi()
  const library = new Library(api)
  api.answer = () => {
    library.hear(record(7, { media: "pending", reason: "converter_missing" }))
    return { items: [record(7), record(8)] }
  }
  for (const id of [7, 8]) library.want(3, id)
  await soon()
  equal([library.get(7)?.media, library.get(8)?.media], ["pending", "waiting"])
})

Deno.test("a signed address is asked for once, renewed when it is over, and a failure is not kept", async () => {
  const api = new FakeApi()
  const library = new Library(api)
  let number = 0
  api.answer = () => ({ address: `/files/${++number}`, expires: new Date(Date.now() + 300_000).toISOString() })
  equal([await library.link(7, "preview"), await library.link(7, "preview")], ["/files/1", "/files/1"])
  equal(await library.link(7, "thumbnail"), "/files/2")
  library.drop(7, "preview")
  equal(await library.link(7, "preview"), "/files/3")
  api.answer = () => ({ address: `/files/${++number}`, expires: new Date(Date.now() + 10_000).toISOString() })
  equal([await library.link(8, "file"), await library.link(8, "file")], ["/files/4", "/files/5"])
  api.answer = () => {
    throw new ApiError("not_found", 404, "")
  }
  const codes: string[] = []
  for (let round = 0; round < 2; round++) {
    await library.link(9, "file").catch((error: ApiError) => codes.push(error.code))
  }
  equal([codes, api.asked.filter((one) => one.includes("/9/")).length], [["not_found", "not_found"], 2])
})

// ── Administration ───────────────────────────────────────────────────────

Deno.test("megabytes as one types them", () => {
  equal([inMegabytes(100_000_000), inMegabytes(1_500_000)], ["100", "1.5"])
  equal(["100", " 1,5 ", "0", "-1", "", "x", "1e400"].map(fromMegabytes), [
    100_000_000,
    1_500_000,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})

Deno.test("a sample is waited for, and given up when the form has moved on", async () => {
  const mark = { version: 1, text: "", opacity: 0.2, position: "topLeft" } as const
  const api = new FakeApi()
  api.answer = () => ({ sample: 4 })
  const answers: unknown[] = [{ state: "waiting" }, { state: "leased" }, new Blob(["x"])]
  api.fetch = <T>() => Promise.resolve(answers.shift() as T)
  const pause = () => Promise.resolve()
  check(await sample(api, mark, new AbortController().signal, pause) instanceof Blob, "the picture")
  answers.push({ state: "failed" })
  equal(await sample(api, mark, new AbortController().signal, pause), "failed")
  api.fetch = <T>() => Promise.resolve({ state: "waiting" } as T)
  equal(await sample(api, mark, new AbortController().signal, pause), "slow")
  equal(await sample(api, mark, AbortSignal.abort(), pause), undefined)
})

Deno.test("thumbnails that come into view together are asked for together, and once", async () => {
  const api = new FakeApi()
  const library = new Library(api)
  const expires = new Date(Date.now() + 300_000).toISOString()
  api.answer = () => ({
    items: [7, 8].map((document) => ({ document, address: `/files/${document}/thumbnail`, expires })),
  })
  const asked = [7, 8, 7, 9].map((id) => library.thumbnail(3, id).catch((error: ApiError) => error.code))
  equal(await Promise.all(asked), ["/files/7/thumbnail", "/files/8/thumbnail", "/files/7/thumbnail", "not_found"])
  equal(api.asked, ["POST /topics/3/documents/links"])
  equal(await library.thumbnail(3, 8), "/files/8/thumbnail")
  equal(api.asked.length, 1)
  library.drop(8, "thumbnail")
  equal(await library.thumbnail(3, 8), "/files/8/thumbnail")
  equal(api.asked.length, 2)
})

Deno.test("a part of a file is read by the address that is known, and by a new one once that is over", async () => {
  const api = new FakeApi()
  const library = new Library(api)
  let number = 0
  api.answer = () => ({ address: `/files/${++number}`, expires: new Date(Date.now() + 300_000).toISOString() })
  const read: string[] = []
  const known = globalThis.fetch
  globalThis.fetch = (input, init) => {
    const range = new Headers(init?.headers).get("Range")
    read.push(`${String(input)} ${range}`)
    if (String(input) === "/files/1" && range !== "bytes=0-3") {
      return Promise.resolve(new Response(null, { status: 404 }))
    }
    if (String(input) === "/files/3") return Promise.reject(new TypeError("no network"))
    return Promise.resolve(
      new Response(new Uint8Array([1, 2, 3, 4]), { status: 206, headers: { "Content-Range": "bytes 0-3/900" } }),
    )
  }
  try {
    const { signal } = new AbortController()
    const first = await library.part(7, "file", 0, 4, signal)
    equal([[...first.bytes], first.size], [[1, 2, 3, 4], 900])
    await library.part(7, "file", 4, 8, signal)
    await library.part(7, "file", 8, 12, signal)
    equal(read, ["/files/1 bytes=0-3", "/files/1 bytes=4-7", "/files/2 bytes=4-7", "/files/2 bytes=8-11"])
    library.drop(7, "file")
    equal(await library.part(7, "file", 0, 4, signal).catch((error: ApiError) => error.code), "offline")
  } finally {
    globalThis.fetch = known
  }
})

Deno.test("pages under each other: which is where, and how sharp", () => {
  const heights = [100, 200, 100]
  equal([0, 109, 110, 319, 320, 9_999, -5].map((y) => pageAt(heights, 10, y)), [1, 1, 2, 2, 3, 3, 1])
  equal([1, 2, 3].map((page) => topOf(heights, 10, page)), [0, 110, 320])
  equal(pageAt([], 10, 0), 1)
  const page = { width: 500, height: 800 }
  equal([sharpness(page, 1, 1, 9e6), sharpness(page, 1, 3, 9e6), sharpness(page, 4, 2, 6.4e6)], [1, 2, 1])
  equal(sharpness({ width: 14_400, height: 14_400 }, 4, 2, 4e6), 0.5)
  const frame = { width: 400, height: 300 }
  equal([fit({ width: 800, height: 300 }, frame), fit({ width: 200, height: 600 }, frame)], [0.5, 0.5])
  equal(fit({ width: 20, height: 20 }, frame), 1)
})
