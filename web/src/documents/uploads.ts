// Runs uploads: takes files, sends them in chunks, keeps them for a reload. What to do next upload.ts says.
import type { Api } from "../shared/net/api.ts"
import { Signal } from "../shared/signal.ts"
import { uuid } from "../shared/uuid.ts"
import { cleanName } from "./files.ts"
import { Keep } from "./keep.ts"
import type { DocumentRecord } from "./record.ts"
import { action, newUpload, reduce, turns, type Upload, type UploadEvent } from "./upload.ts"

/** Uploads that run at the same time: more would only share the same line. */
const atOnce = 2

/** What the server answers about an upload, however it is asked. */
interface UploadAnswer {
  offset?: number
  document?: DocumentRecord | null
  refusal?: string | null
}

interface Reply {
  status: number
  body: unknown
  offset: string | null
  retryAfter: number
}

export interface UploadHooks {
  /** An upload has become a document. */
  done: (id: string, document: DocumentRecord) => void
  /** The server will not take it. */
  refused: (id: string, code: string) => void
}

export class Uploads {
  readonly signal = new Signal()
  /** What was kept has been read. */
  readonly ready: Promise<void>
  private readonly api: Api
  private readonly hooks: UploadHooks
  private readonly keep: Keep
  private readonly all = new Map<string, Upload>()
  private readonly files = new Map<string, Blob>()
  /** Addresses of pictures in this page's memory. */
  private readonly pictures = new Map<string, string>()
  private readonly running = new Map<string, AbortController>()
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>()
  private stopped = false

  constructor(account: number, api: Api, hooks: UploadHooks) {
    this.api = api
    this.hooks = hooks
    this.keep = new Keep(account)
    this.ready = this.restore()
  }

  private async restore(): Promise<void> {
    for (const kept of await this.keep.load()) {
      if (this.stopped || this.all.has(kept.upload.id)) continue
      this.all.set(kept.upload.id, kept.upload)
      this.files.set(kept.upload.id, kept.file)
    }
    this.signal.touch()
  }

  start(): void {
    this.stopped = false
    globalThis.addEventListener("online", this.online)
    void this.ready.then(() => this.pump())
  }

  stop(): void {
    this.stopped = true
    globalThis.removeEventListener("online", this.online)
    for (const one of this.running.values()) one.abort()
    for (const timer of this.timers.values()) clearTimeout(timer)
    for (const address of this.pictures.values()) URL.revokeObjectURL(address)
    this.pictures.clear()
  }

  /** Signing out: nothing of the account stays on this device. */
  wipe(): void {
    this.stop()
    this.all.clear()
    this.files.clear()
    void this.keep.wipe()
  }

  private readonly online = (): void => {
    for (const id of this.all.keys()) this.feed(id, { type: "online" })
    this.pump()
  }

  /** Takes a file; its upload begins at once. */
  add(topic: number, file: File, name: string, replaces?: number): string {
    const id = uuid()
    const upload = newUpload({
      id,
      topic,
      name: cleanName(name),
      size: file.size,
      at: Date.now() + this.all.size / 1000,
      ...(replaces === undefined ? {} : { replaces }),
    })
    this.all.set(id, upload)
    this.files.set(id, file)
    void this.keep.put(upload, file)
    this.signal.touch()
    if (file.size === 0) this.feed(id, { type: "failed", status: 400, code: "empty", retryAfter: 0, now: 0, random: 0 })
    else this.pump()
    return id
  }

  get(id: string): Upload | undefined {
    return this.all.get(id)
  }

  /** The bytes of an upload are not here any more: a draft or a message waits for them in vain. */
  missing(id: string): boolean {
    return !this.all.has(id)
  }

  /** The address of a picture that is being uploaded, to show it at once; nothing for other files. */
  picture(id: string): string | undefined {
    const known = this.pictures.get(id)
    if (known !== undefined) return known
    const file = this.files.get(id)
    if (!file || !/^image\/(jpeg|png|webp)$/.test(file.type)) return undefined
    const address = URL.createObjectURL(file)
    this.pictures.set(id, address)
    return address
  }

  /** Whoever chose it wants it no more: here it is gone at once, and on the server as soon as that can be said. */
  cancel(id: string): void {
    const upload = this.all.get(id)
    if (!upload) return
    this.forget(id)
    if (upload.begun && upload.state !== "refused") {
      this.request("DELETE", `/uploads/${id}`).catch(() => {/* What nobody goes on with the server sweeps away. */})
    }
    this.pump()
  }

  /** The upload has done what it was for. */
  forget(id: string): void {
    this.running.get(id)?.abort()
    this.running.delete(id)
    clearTimeout(this.timers.get(id))
    this.timers.delete(id)
    this.all.delete(id)
    this.files.delete(id)
    const address = this.pictures.get(id)
    if (address !== undefined) URL.revokeObjectURL(address)
    this.pictures.delete(id)
    void this.keep.drop(id)
    this.signal.touch()
  }

  private feed(id: string, event: UploadEvent): void {
    const before = this.all.get(id)
    if (!before) return
    const upload = reduce(before, event)
    if (upload === before) return
    this.all.set(id, upload)
    this.signal.touch()
    if (upload.state === before.state) return
    if (upload.state === "done" && upload.document) this.hooks.done(id, upload.document)
    if (upload.state === "refused") this.hooks.refused(id, upload.error ?? "unknown")
  }

  private pump(): void {
    if (this.stopped) return
    for (const upload of turns(this.all.values(), atOnce)) {
      this.feed(upload.id, { type: "start" })
      void this.run(upload.id)
    }
  }

  /** One tab runs an upload at a time: another one of the account may have found it in the same store. */
  private async run(id: string): Promise<void> {
    const abort = new AbortController()
    this.running.set(id, abort)
    try {
      if (navigator.locks) {
        await navigator.locks.request(`1fin:upload:${id}`, { signal: abort.signal }, () => this.steps(id, abort))
      } else await this.steps(id, abort)
    } catch (cause) {
      if (!(cause instanceof DOMException && cause.name === "AbortError")) throw cause
    }
    if (this.running.get(id) === abort) this.running.delete(id)
    this.pump()
  }

  private async steps(id: string, abort: AbortController): Promise<void> {
    while (!this.stopped && !abort.signal.aborted) {
      const upload = this.all.get(id)
      const file = this.files.get(id)
      if (!upload) break
      if (!file) {
        this.feed(id, { type: "lost" })
        break
      }
      const next = action(upload)
      if (!next) break
      if (next.do === "rest") {
        this.rest(upload)
        break
      }
      const event = await this.step(upload, file, next, abort.signal)
      if (!abort.signal.aborted) this.feed(id, event)
    }
  }

  private rest(upload: Upload): void {
    clearTimeout(this.timers.get(upload.id))
    const wait = Math.max(0, upload.retryAt - Date.now())
    this.timers.set(
      upload.id,
      setTimeout(() => {
        this.feed(upload.id, { type: "online" })
        this.pump()
      }, wait),
    )
  }

  private async step(
    upload: Upload,
    file: Blob,
    next: Exclude<ReturnType<typeof action>, undefined | { do: "rest" }>,
    signal: AbortSignal,
  ): Promise<UploadEvent> {
    try {
      const path = `/uploads/${upload.id}`
      const reply = next.do === "begin"
        ? await this.request("POST", "/uploads", {
          json: {
            id: upload.id,
            topic: upload.topic,
            name: upload.name,
            size: upload.size,
            ...(upload.replaces === undefined ? {} : { replaces: upload.replaces }),
          },
          signal,
        })
        : next.do === "ask"
        ? await this.request("GET", path, { signal })
        : await this.request("PATCH", path, {
          chunk: file.slice(next.from, next.to),
          from: next.from,
          signal,
          progress: (sent) => this.feed(upload.id, { type: "progress", sent }),
        })
      return this.read(reply)
    } catch (cause) {
      // A phone may take the bytes of a photo back while the page still names it.
      if (cause instanceof DOMException && (cause.name === "NotReadableError" || cause.name === "NotFoundError")) {
        return { type: "lost" }
      }
      return failure(0, "offline", 0)
    }
  }

  private read(reply: Reply): UploadEvent {
    const answer = (reply.body ?? {}) as UploadAnswer & {
      code?: string
      fields?: Record<string, unknown>
      limit?: number
    }
    const place = Number(reply.offset ?? answer.offset)
    if (reply.status >= 200 && reply.status < 300) {
      if (answer.document) return { type: "done", document: answer.document }
      if (answer.refusal) return failure(422, answer.refusal, 0)
      return Number.isFinite(place) ? { type: "at", offset: place } : failure(502, "malformed", 0)
    }
    // The place that the server expects stands in its refusal.
    if (reply.status === 409 && Number.isFinite(place) && (reply.offset !== null || answer.offset !== undefined)) {
      return { type: "at", offset: place }
    }
    if (reply.status === 401) this.api.onSignedOut()
    const code = answer.code ?? (reply.status >= 500 ? "unavailable" : `http_${reply.status}`)
    return failure(reply.status, code, reply.retryAfter, answer.limit)
  }

  /** XMLHttpRequest and not fetch: it alone tells how much of a body has left. */
  private request(
    method: string,
    path: string,
    of: { json?: unknown; chunk?: Blob; from?: number; signal?: AbortSignal; progress?: (sent: number) => void } = {},
  ): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (of.signal?.aborted) return reject(new Error("aborted"))
      const request = new XMLHttpRequest()
      request.open(method, `/api/v1${path}`)
      request.setRequestHeader("Accept", "application/json")
      if (method !== "GET" && this.api.csrf) request.setRequestHeader("X-CSRF-Token", this.api.csrf)
      if (of.from !== undefined) request.setRequestHeader("Upload-Offset", String(of.from))
      if (of.json !== undefined) request.setRequestHeader("Content-Type", "application/json")
      else if (of.chunk) request.setRequestHeader("Content-Type", "application/octet-stream")
      // A line that has died without a word: as long as anything moves, the request goes on.
      let moved = setTimeout(() => request.abort(), 60_000)
      const alive = () => {
        clearTimeout(moved)
        moved = setTimeout(() => request.abort(), 60_000)
      }
      const abort = () => request.abort()
      of.signal?.addEventListener("abort", abort)
      const end = () => {
        clearTimeout(moved)
        of.signal?.removeEventListener("abort", abort)
      }
      request.upload.onprogress = (event) => {
        alive()
        of.progress?.(event.loaded)
      }
      request.onprogress = alive
      request.onload = () => {
        end()
        let body: unknown = null
        try {
          body = request.responseText === "" ? null : JSON.parse(request.responseText)
        } catch {
          // A proxy's error page: its status alone is what there is to know.
        }
        resolve({
          status: request.status,
          body,
          offset: request.getResponseHeader("Upload-Offset"),
          retryAfter: Number(request.getResponseHeader("Retry-After") ?? 0) || 0,
        })
      }
      request.onerror = () => {
        end()
        reject(new Error("network"))
      }
      request.onabort = () => {
        end()
        reject(new Error("aborted"))
      }
      request.send(of.json !== undefined ? JSON.stringify(of.json) : of.chunk ?? null)
    })
  }
}

function failure(status: number, code: string, retryAfter: number, limit?: number): UploadEvent {
  const event = { type: "failed", status, code, retryAfter, now: Date.now(), random: Math.random() } as const
  return limit === undefined ? event : { ...event, limit }
}
