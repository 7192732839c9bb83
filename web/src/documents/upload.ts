// One upload as a pure state machine: what happened goes in, what to do next comes out. uploads.ts does it.
//
// The server keeps what has come: a chunk that was cut off, a lost answer, a reload of the page all end in asking how far it is
// and going on from there. Only the server's own refusal ends an upload, or whoever began it.
import type { DocumentRecord } from "./record.ts"

export interface Upload {
  /** A UUID that this page made: the upload's name on the server too. */
  readonly id: string
  readonly topic: number
  readonly name: string
  readonly size: number
  /** When it was chosen (ms): uploads go in this order. */
  readonly at: number
  /** The document whose newer version this is. */
  readonly replaces?: number
  readonly state: "waiting" | "going" | "resting" | "done" | "refused"
  /** The server has heard of it. */
  readonly begun: boolean
  /** It is not known how far the server is. */
  readonly unsure: boolean
  /** So many bytes the server has. */
  readonly offset: number
  /** So many bytes of the chunk on its way have left. */
  readonly sent: number
  /** Failures in a row. */
  readonly failures: number
  /** Of `resting`: when to try again (ms). */
  readonly retryAt: number
  readonly document?: DocumentRecord
  /** Of `refused`: why. Of `resting`: what went wrong last. */
  readonly error?: string
  /** Of `refused`: what the server says beyond its code, such as the most bytes that it takes. */
  readonly limit?: number
}

export type UploadEvent =
  /** Its turn has come, or its rest is over. */
  | { type: "start" }
  /** The server says how far it is. */
  | { type: "at"; offset: number }
  | { type: "progress"; sent: number }
  | { type: "done"; document: DocumentRecord }
  /** `status` 0: nothing answered. */
  | { type: "failed"; status: number; code: string; retryAfter: number; now: number; random: number; limit?: number }
  /** The browser has lost the file's bytes, which only whoever has the file can bring again. */
  | { type: "lost" }
  /** The network is back: nobody rests any longer. */
  | { type: "online" }

export type UploadAction =
  | { do: "begin" }
  | { do: "ask" }
  | { do: "chunk"; from: number; to: number }
  | { do: "rest" }
  | undefined

/** Bytes of one request: small enough that a phone's bad network gets one through, far below the server's 8 MiB. */
export const chunkBytes = 2 * 1024 * 1024
const longestRest = 30_000

export function newUpload(
  of: { id: string; topic: number; name: string; size: number; at: number; replaces?: number },
): Upload {
  return {
    id: of.id,
    topic: of.topic,
    name: of.name,
    size: of.size,
    at: of.at,
    ...(of.replaces === undefined ? {} : { replaces: of.replaces }),
    state: "waiting",
    begun: false,
    unsure: false,
    offset: 0,
    sent: 0,
    failures: 0,
    retryAt: 0,
  }
}

/** As it comes back after a reload: what was on its way may or may not have arrived. */
export function restored(upload: Upload): Upload {
  if (upload.state === "done" || upload.state === "refused") return upload
  return { ...upload, state: "waiting", unsure: true, sent: 0, failures: 0, retryAt: 0 }
}

export function reduce(upload: Upload, event: UploadEvent): Upload {
  if (upload.state === "done" || upload.state === "refused") return upload
  switch (event.type) {
    case "start":
      return { ...upload, state: "going" }
    case "at":
      return {
        ...withoutError(upload),
        begun: true,
        unsure: false,
        offset: Math.max(0, Math.min(event.offset, upload.size)),
        sent: 0,
        // Only progress counts as success: a server that answers and takes nothing must not be asked without end.
        failures: event.offset > upload.offset ? 0 : upload.failures,
      }
    case "progress":
      return { ...upload, sent: Math.min(event.sent, upload.size - upload.offset) }
    case "done":
      return { ...withoutError(upload), state: "done", offset: upload.size, sent: 0, document: event.document }
    case "failed":
      return failed(upload, event)
    case "lost":
      return { ...upload, state: "refused", error: "file_lost", sent: 0 }
    case "online":
      return upload.state === "resting" ? { ...upload, state: "waiting", retryAt: 0 } : upload
  }
}

function failed(upload: Upload, event: Extract<UploadEvent, { type: "failed" }>): Upload {
  // The server's place is another one: its answer says which, or it is asked.
  if (event.status === 409 && upload.begun && event.code === "conflict" && upload.failures < 3) {
    return { ...upload, unsure: true, sent: 0, failures: upload.failures + 1 }
  }
  // It was begun and is unknown: the server has been restored from a time before, and it begins once more.
  if (event.status === 404 && (upload.begun || upload.unsure) && upload.failures < 3) {
    return { ...upload, begun: false, unsure: false, offset: 0, sent: 0, failures: upload.failures + 1 }
  }
  // A day's quota is no matter of seconds: whoever uploads is told.
  const temporary = event.status === 0 || event.status >= 500 || event.status === 408 || event.status === 401 ||
    event.status === 429 && event.code !== "quota_account" || event.code === "taken_over"
  if (!temporary) {
    const refused: Upload = { ...upload, state: "refused", error: event.code, sent: 0 }
    return event.limit === undefined ? refused : { ...refused, limit: event.limit }
  }
  const failures = upload.failures + 1
  const pause = Math.min(longestRest, 500 * 2 ** Math.min(failures, 10)) * (0.5 + event.random / 2)
  return {
    ...upload,
    state: "resting",
    error: event.code,
    unsure: upload.begun,
    sent: 0,
    failures,
    retryAt: event.now + Math.max(pause, event.retryAfter * 1000),
  }
}

/** What a running upload does next. */
export function action(upload: Upload): UploadAction {
  if (upload.state === "resting") return { do: "rest" }
  if (upload.state !== "going") return undefined
  if (upload.unsure) return { do: "ask" }
  if (!upload.begun) return { do: "begin" }
  // Whole and still no document: the server finishes what it has when it is given nothing more.
  return { do: "chunk", from: upload.offset, to: Math.min(upload.size, upload.offset + chunkBytes) }
}

/** How much of it has left, 0 to 1. */
export function progress(upload: Upload): number {
  if (upload.state === "done") return 1
  return upload.size === 0 ? 0 : (upload.offset + upload.sent) / upload.size
}

/** The uploads whose turn it is, when `atOnce` may run together: those that were chosen first. */
export function turns(uploads: Iterable<Upload>, atOnce: number): Upload[] {
  const all = [...uploads].sort((a, b) => a.at - b.at)
  const running = all.filter((one) => one.state === "going").length
  return all.filter((one) => one.state === "waiting").slice(0, Math.max(0, atOnce - running))
}

function withoutError(upload: Upload): Upload {
  const { error: _, ...rest } = upload
  return rest
}
