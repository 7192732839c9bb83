// What this page knows of documents, and the signed addresses of their files. Read in batches, kept by events, in memory only.
import type { Api } from "../shared/net/api.ts"
import { ApiError } from "../shared/net/api.ts"
import { Signal } from "../shared/signal.ts"
import type { Part } from "./pdf.ts"
import { type DocumentRecord, type Link, newer, type Rendition } from "./record.ts"

export interface GalleryFilter {
  kind?: "image" | "pdf" | "other"
  person?: number
  /** YYYY-MM */
  month?: string
}
export interface GalleryPage {
  items: DocumentRecord[]
  /** Where the next page begins. */
  next: number | undefined
}

/** The most ids of one request. */
const batch = 100
/** A signed address is renewed a little before the server stops answering it (ms). */
const margin = 20_000

export class Library {
  readonly signal = new Signal()
  private readonly api: Api
  private readonly records = new Map<number, DocumentRecord>()
  /** By document: the newest that has taken its place. */
  private readonly successors = new Map<number, number>()
  /** What is to be read with the next batch, by topic. */
  private readonly wanted = new Map<number, Set<number>>()
  /** Asked for and not told of since: an answer about any other is older than what told. */
  private readonly asked = new Set<number>()
  /** Asked for and not answered with: not for this reader, or hidden meanwhile. */
  private readonly absent = new Set<number>()
  private readonly links = new Map<string, { until: number; address: Promise<string> }>()
  /** Thumbnails that are about to be asked for, by topic. */
  private readonly rounds = new Map<number, { ids: number[]; links: Promise<{ items: Link[] }> }>()
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(api: Api) {
    this.api = api
  }

  get(id: number): DocumentRecord | undefined {
    return this.records.get(id)
  }

  /** The newer version of a document, if this page knows of one. */
  newerThan(id: number): DocumentRecord | undefined {
    const newer = this.successors.get(id)
    return newer === undefined ? undefined : this.records.get(newer)
  }

  isAbsent(id: number): boolean {
    return this.absent.has(id)
  }

  /**
   * Reads it soon, together with whatever else is asked for by then. Of an upload of one's own this page knows, but not what became of it before it
   * was sent: nobody is told that.
   */
  want(topic: number, id: number): void {
    if ((this.records.get(id)?.message ?? undefined) !== undefined || this.absent.has(id)) return
    this.ask(topic, [id])
  }

  /** Reads these of a topic again: events may have been missed. */
  refresh(topic: number): void {
    const known = [...this.records.values()].filter((one) => one.topic === topic && one.media !== "ready")
    for (const id of this.absent) this.absent.delete(id)
    this.ask(topic, known.map((one) => one.document))
  }

  private ask(topic: number, ids: readonly number[]): void {
    if (ids.length === 0) return
    const set = this.wanted.get(topic) ?? new Set()
    for (const id of ids) set.add(id)
    this.wanted.set(topic, set)
    this.timer ??= setTimeout(() => void this.read(), 30)
  }

  private async read(): Promise<void> {
    this.timer = undefined
    const wanted = [...this.wanted]
    this.wanted.clear()
    for (const [topic, set] of wanted) {
      const ids = [...set]
      for (let at = 0; at < ids.length; at += batch) {
        const part = ids.slice(at, at + batch)
        for (const id of part) this.asked.add(id)
        try {
          const { items } = await this.api.call<{ items: DocumentRecord[] }>(
            "GET",
            `/topics/${topic}/documents?ids=${part.join(",")}`,
          )
          for (const item of items) if (this.asked.has(item.document)) this.hear(item)
          for (const id of part) if (this.asked.delete(id)) this.absent.add(id)
        } catch (error) {
          if (!(error instanceof ApiError)) throw error
          if (error.status === 0 || error.status >= 500) setTimeout(() => this.ask(topic, part), 3_000)
          else for (const id of part) this.absent.add(id)
        }
        this.signal.touch()
      }
    }
  }

  /** An event, an upload's answer, a page of the gallery: whatever tells of a document. */
  hear(record: DocumentRecord): void {
    this.asked.delete(record.document)
    this.absent.delete(record.document)
    const known = newer(this.records.get(record.document), record)
    this.records.set(record.document, known)
    // Only what was sent takes another one's place.
    if (known.replaces !== null && known.message !== null) this.successors.set(known.replaces, known.document)
    this.signal.touch()
  }

  /** A message has come that carries it. */
  carried(id: number, message: number): void {
    const record = this.records.get(id)
    if (record && record.message === null) this.hear({ ...record, message })
  }

  /** A message was taken back or redacted: what it carried is not this page's any more. */
  forgetMessage(topic: number, message: number): void {
    this.forget((record) => record.topic === topic && record.message === message)
  }

  /** The topic itself is not this reader's any more, or the observation has ended. */
  forgetTopic(topic: number): void {
    this.forget((record) => record.topic === topic)
  }

  private forget(which: (record: DocumentRecord) => boolean): void {
    for (const [id, record] of this.records) {
      if (!which(record)) continue
      this.records.delete(id)
      this.asked.delete(id)
      this.absent.add(id)
      for (const name of this.links.keys()) if (name.startsWith(`${id}/`)) this.links.delete(name)
    }
    this.signal.touch()
  }

  clear(): void {
    clearTimeout(this.timer)
    this.records.clear()
    this.successors.clear()
    this.wanted.clear()
    this.asked.clear()
    this.absent.clear()
    this.links.clear()
    this.signal.touch()
  }

  async gallery(topic: number, filter: GalleryFilter, before?: number): Promise<GalleryPage> {
    const query = new URLSearchParams({ limit: "50" })
    if (filter.kind) query.set("kind", filter.kind)
    if (filter.person !== undefined) query.set("person", String(filter.person))
    if (filter.month) query.set("month", filter.month)
    if (before !== undefined) query.set("before", String(before))
    const page = await this.api.call<{ items: DocumentRecord[]; next?: string | null }>(
      "GET",
      `/topics/${topic}/documents?${query}`,
    )
    for (const item of page.items) this.hear(item)
    return { items: page.items, next: page.next ? Number(page.next) : undefined }
  }

  /** Where a file can be fetched from, for the next few minutes and by this session only. */
  link(id: number, rendition: Rendition): Promise<string> {
    return this.held(id, rendition, () => this.api.call<Link>("POST", `/documents/${id}/links`, { rendition }))
  }

  /** The same of a thumbnail, asked for soon and together with whatever else comes into view by then. */
  thumbnail(topic: number, id: number): Promise<string> {
    return this.held(id, "thumbnail", () => {
      let round = this.rounds.get(topic)
      if (!round) {
        const ids: number[] = []
        const links = new Promise<void>((resolve) => setTimeout(resolve, 30)).then(() => {
          this.rounds.delete(topic)
          return this.api.call<{ items: Link[] }>("POST", `/topics/${topic}/documents/links`, {
            documents: ids,
            rendition: "thumbnail",
          })
        })
        round = { ids, links }
        this.rounds.set(topic, round)
      }
      round.ids.push(id)
      return round.links.then(({ items }) => {
        const link = items.find((item) => item.document === id)
        if (!link) throw new ApiError("not_found", 404, "There is no thumbnail")
        return link
      })
    })
  }

  private held(id: number, rendition: Rendition, ask: () => Promise<Link>): Promise<string> {
    const name = `${id}/${rendition}`
    const known = this.links.get(name)
    if (known && known.until > Date.now()) return known.address
    const address = ask().then((link) => {
      const held = this.links.get(name)
      if (held) held.until = Date.parse(link.expires) - margin || Date.now() + 60_000
      return link.address
    })
    // A failure is not kept: whoever asks next tries again.
    address.catch(() => this.links.delete(name))
    this.links.set(name, { until: Date.now() + 60_000, address })
    return address
  }

  /** A part of a file's bytes. All parts that are read by one address are one look in the action log. */
  async part(id: number, rendition: Rendition, from: number, to: number, signal: AbortSignal): Promise<Part> {
    for (let isFirst = true;; isFirst = false) {
      const address = await this.link(id, rendition)
      const answer = await fetch(address, { headers: { Range: `bytes=${from}-${to - 1}` }, signal }).catch(
        (cause: unknown) => {
          if (signal.aborted) throw cause
          throw new ApiError("offline", 0, String(cause))
        },
      )
      if (answer.ok) {
        const bytes = new Uint8Array(await answer.arrayBuffer())
        const size = Number(answer.headers.get("Content-Range")?.split("/")[1] ?? bytes.length)
        return { bytes, size }
      }
      // The address has stopped working before its time: a new one is asked for, once.
      this.drop(id, rendition)
      if (answer.status !== 404 || !isFirst) {
        throw new ApiError(answer.status === 404 ? "not_found" : "unavailable", answer.status, "The part didn't come")
      }
    }
  }

  /** The address has stopped working before its time. */
  drop(id: number, rendition: Rendition): void {
    this.links.delete(`${id}/${rendition}`)
  }

  /** Saves a file. The address is asked for anew, so that each download is one row of the action log. */
  async download(id: number, rendition: Rendition): Promise<void> {
    this.drop(id, rendition)
    const address = await this.link(id, rendition)
    const anchor = document.createElement("a")
    anchor.href = `${address}&download=1`
    anchor.download = ""
    document.body.append(anchor)
    anchor.click()
    anchor.remove()
    this.drop(id, rendition)
  }
}
