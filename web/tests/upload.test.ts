import {
  action,
  chunkBytes,
  newUpload,
  progress,
  reduce,
  restored,
  turns,
  type Upload,
  type UploadEvent,
} from "../src/documents/upload.ts"
import type { DocumentRecord } from "../src/documents/record.ts"
import { check, equal } from "./assert.ts"

const size = chunkBytes * 2 + 5
const fresh = (id = "a", at = 0) => newUpload({ id, topic: 3, name: "akt.pdf", size, at })
const play = (...events: UploadEvent[]) => events.reduce<Upload>(reduce, fresh())
const failed = (status: number, code: string, more: { retryAfter?: number; random?: number } = {}): UploadEvent => ({
  type: "failed",
  status,
  code,
  retryAfter: more.retryAfter ?? 0,
  now: 1_000,
  random: more.random ?? 1,
})
const document: DocumentRecord = {
  document: 7,
  topic: 3,
  name: "akt.pdf",
  size,
  type: "pdf",
  staff: false,
  uploader: 5,
  at: "2026-11-21T09:00:00.000000Z",
  message: null,
  replaces: null,
  media: "waiting",
  state: "received",
}

Deno.test("upload: begins, goes chunk by chunk, and is done with the server's document", () => {
  equal(action(fresh()), undefined)
  let upload = reduce(fresh(), { type: "start" })
  equal(action(upload), { do: "begin" })
  const asked: unknown[] = []
  upload = reduce(upload, { type: "at", offset: 0 })
  while (upload.offset < size) {
    const next = action(upload)
    asked.push(next)
    if (next?.do !== "chunk") break
    upload = reduce(upload, { type: "progress", sent: 10 })
    check(progress(upload) > upload.offset / size, "what is on its way counts")
    upload = reduce(upload, { type: "at", offset: next.to })
  }
  equal(asked, [
    { do: "chunk", from: 0, to: chunkBytes },
    { do: "chunk", from: chunkBytes, to: chunkBytes * 2 },
    { do: "chunk", from: chunkBytes * 2, to: size },
  ])
  // Everything is there and the server has not finished with it: an empty chunk makes it try again.
  equal(action(upload), { do: "chunk", from: size, to: size })
  upload = reduce(upload, { type: "done", document })
  equal([upload.state, upload.document?.document, action(upload), progress(upload)], ["done", 7, undefined, 1])
  equal(reduce(upload, failed(500, "unavailable")), upload)
})

Deno.test("upload: a lost line rests for longer each time, then asks how far the server is", () => {
  let upload = play({ type: "start" }, { type: "at", offset: chunkBytes })
  const pauses: number[] = []
  for (let round = 0; round < 9; round++) {
    upload = reduce(upload, failed(0, "offline"))
    equal([upload.state, action(upload)], ["resting", { do: "rest" }])
    pauses.push(upload.retryAt - 1_000)
    upload = reduce(reduce(upload, { type: "online" }), { type: "start" })
    equal(action(upload), { do: "ask" })
  }
  equal(pauses, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000])
  equal(reduce(upload, failed(0, "offline", { random: 0 })).retryAt - 1_000, 15_000)
  upload = reduce(upload, { type: "at", offset: chunkBytes + 3 })
  equal([upload.failures, action(upload)], [0, { do: "chunk", from: chunkBytes + 3, to: chunkBytes * 2 + 3 }])
})

Deno.test("upload: one that was never begun begins again and asks nothing", () => {
  const upload = reduce(reduce(play({ type: "start" }, failed(503, "unavailable")), { type: "online" }), {
    type: "start",
  })
  equal(action(upload), { do: "begin" })
})

Deno.test("upload: what the server will not take ends it, with the reason and the limit", () => {
  for (
    const [status, code] of [[413, "file_too_large"], [422, "encrypted"], [403, "quota_organisation"], [
      429,
      "quota_account",
    ]] as const
  ) {
    const upload = play({ type: "start" }, { type: "at", offset: 0 }, failed(status, code))
    equal([upload.state, upload.error, action(upload)], ["refused", code, undefined])
    equal(reduce(upload, { type: "start" }), upload)
  }
  const limited = reduce(play({ type: "start" }), { ...failed(413, "too_large"), limit: 9 } as UploadEvent)
  equal(limited.limit, 9)
})

Deno.test("upload: what may pass does not end it", () => {
  for (
    const [status, code] of [
      [0, "offline"],
      [401, "unauthenticated"],
      [408, "timeout"],
      [409, "taken_over"],
      [429, "too_many_uploads"],
      [503, "unavailable"],
      [507, "disk_full"],
    ] as const
  ) {
    equal(play({ type: "start" }, { type: "at", offset: 0 }, failed(status, code)).state, "resting", code)
  }
  const later = play({ type: "start" }, failed(429, "throttled", { retryAfter: 60 }))
  equal(later.retryAt, 61_000)
})

Deno.test("upload: what the server knows nothing of any more begins from nothing, but not for ever", () => {
  let upload = play({ type: "start" }, { type: "at", offset: chunkBytes })
  for (let round = 0; round < 3; round++) {
    upload = reduce(upload, failed(404, "not_found"))
    equal([upload.state, upload.offset, action(upload)], ["going", 0, { do: "begin" }])
    upload = reduce(upload, { type: "at", offset: 0 })
  }
  equal(reduce(upload, failed(404, "not_found")).state, "refused")
  // A topic in which one may not write is not there from the beginning.
  equal(play({ type: "start" }, failed(404, "not_found")).state, "refused")
})

Deno.test("upload: a server that answers and takes nothing is asked ever more rarely", () => {
  let upload = play({ type: "start" }, { type: "at", offset: 5 }, failed(503, "unavailable"))
  upload = reduce(reduce(reduce(upload, { type: "online" }), { type: "start" }), { type: "at", offset: 5 })
  equal(reduce(upload, failed(503, "unavailable")).retryAt, 3_000)
})

Deno.test("upload: after a reload it asks first; what has ended stays as it was", () => {
  const upload = restored(play({ type: "start" }, { type: "at", offset: chunkBytes }))
  equal([upload.state, upload.unsure], ["waiting", true])
  equal(action(reduce(upload, { type: "start" })), { do: "ask" })
  // Kept before the server had heard of it: then it is unknown there, and begins.
  const unknown = reduce(reduce(restored(fresh()), { type: "start" }), failed(404, "not_found"))
  equal([unknown.state, action(unknown)], ["going", { do: "begin" }])
  const done = play({ type: "start" }, { type: "done", document })
  equal(restored(done), done)
  equal(play({ type: "lost" }).error, "file_lost")
})

Deno.test("upload: places from the server never leave the file", () => {
  equal(play({ type: "start" }, { type: "at", offset: size + 9 }).offset, size)
  equal(play({ type: "start" }, { type: "at", offset: -1 }).offset, 0)
  const upload = play({ type: "start" }, { type: "at", offset: size - 2 }, { type: "progress", sent: 999 })
  equal(progress(upload), 1)
})

Deno.test("upload: two run at once, in the order in which they were chosen", () => {
  const [a, b, c] = [fresh("a", 1), fresh("b", 2), fresh("c", 3)]
  equal(turns([c, b, a], 2).map((one) => one.id), ["a", "b"])
  equal(turns([reduce(b, { type: "start" }), c, a], 2).map((one) => one.id), ["a"])
  const resting = reduce(reduce(a, { type: "start" }), failed(0, "offline"))
  equal(turns([resting, b, c], 2).map((one) => one.id), ["b", "c"])
})
