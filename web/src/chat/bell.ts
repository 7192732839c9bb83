// What one was told: how many lines are unread, and the newest ones. Events say what is new; after a pause REST says all of it again.
import type { Api } from "../shared/net/api.ts"
import type { NotificationRecord } from "../shared/net/protocol.ts"
import { Signal } from "../shared/signal.ts"

export interface BellPage {
  items: NotificationRecord[]
  next: string | null
  unread: number
}

export class Bell {
  readonly signal = new Signal()
  unread = 0
  /** The newest lines, newest first; undefined until somebody opens the bell. */
  items: NotificationRecord[] | undefined
  next: string | null = null
  failed = false
  private readonly api: Api

  private asked = false
  private timer: ReturnType<typeof setTimeout> | undefined
  /** Only the newest question for the newest lines may answer. */
  private turn = 0
  private loadingMore = false
  /** The question that is on its way wants lines. */
  private lining = false
  /** What events told while such a question was on its way: the answer may not know of it. */
  private heard: { lines: NotificationRecord[]; unread: number } | undefined

  constructor(api: Api) {
    this.api = api
  }

  /** The page has a connection: asks at once, and on a later one within five seconds, since then everybody may have come back. */
  connected(): void {
    clearTimeout(this.timer)
    if (this.asked) this.timer = setTimeout(() => void this.ask(), Math.random() * 5_000)
    else void this.ask()
    this.asked = true
  }
  stop(): void {
    clearTimeout(this.timer)
  }

  clear(): void {
    this.turn++
    this.lining = false
    this.heard = undefined
    this.unread = 0
    this.items = undefined
    this.next = null
    this.signal.touch()
  }

  hear(record: NotificationRecord | undefined, unread: number): void {
    this.unread = unread
    if (this.heard) this.heard = { lines: record ? [...this.heard.lines, record] : this.heard.lines, unread }
    if (!record) {
      // Read on another device: which lines, REST knows.
      if (this.items) void this.ask(true)
    } else this.items &&= joined(this.items, [record])
    this.signal.touch()
  }

  /** Asks how much is unread; with `lines`, or when the bell has been opened, for the newest lines too. */
  async ask(wantsLines = this.items !== undefined): Promise<void> {
    const mine = ++this.turn
    // Who takes the place of a question asks for all that it asked for.
    const lines = this.lining ||= wantsLines
    const heard = this.heard = { lines: [], unread: -1 } as { lines: NotificationRecord[]; unread: number }
    try {
      const page = await this.api.call<BellPage>("GET", `/notifications?limit=${lines ? 30 : 1}`)
      if (mine !== this.turn) return
      const later = this.heard ?? heard
      this.unread = later.unread < 0 ? page.unread : later.unread
      if (lines) [this.items, this.next] = [joined(page.items, later.lines), page.next]
      this.failed = false
    } catch {
      if (mine !== this.turn) return
      // The badge stays as it was; an open bell says so.
      this.failed = true
    }
    this.heard = undefined
    this.lining = false
    this.signal.touch()
  }

  /** Older lines, once for however many presses. */
  async more(): Promise<void> {
    if (this.next === null || this.loadingMore) return
    const mine = this.turn
    this.loadingMore = true
    try {
      const page = await this.api.call<BellPage>("GET", `/notifications?limit=30&cursor=${this.next}`)
      if (mine !== this.turn) return
      this.items = joined(this.items ?? [], page.items)
      this.next = page.next
    } finally {
      this.loadingMore = false
    }
    this.signal.touch()
  }

  async read(ids: readonly number[]): Promise<void> {
    await this.mark({ ids }, (one) => ids.includes(one.id))
  }
  /** Everything up to the newest line that is shown, whether the page has loaded it or not. */
  async readAll(): Promise<void> {
    const upTo = this.items?.[0]?.id
    if (upTo !== undefined) await this.mark({ upTo }, (one) => one.id <= upTo)
  }

  private async mark(body: object, covers: (line: NotificationRecord) => boolean): Promise<void> {
    const answer = await this.api.call<{ unread: number }>("POST", "/notifications/read", body)
    const now = new Date().toISOString()
    this.items = this.items?.map((one) => covers(one) && one.readAt === null ? { ...one, readAt: now } : one)
    this.unread = answer.unread
    this.signal.touch()
  }
}

/** Newest first, each once. */
function joined(lines: readonly NotificationRecord[], others: readonly NotificationRecord[]): NotificationRecord[] {
  const known = new Set(lines.map((one) => one.id))
  return [...lines, ...others.filter((one) => !known.has(one.id))].sort((a, b) => b.id - a.id)
}
