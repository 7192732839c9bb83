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
    this.unread = 0
    this.items = undefined
    this.next = null
    this.signal.touch()
  }

  hear(record: NotificationRecord | undefined, unread: number): void {
    this.unread = unread
    if (!record) {
      // Read on another device: which lines, REST knows.
      if (this.items) void this.ask(true)
    } else if (this.items && !this.items.some((one) => one.id === record.id)) {
      this.items = [record, ...this.items].sort((a, b) => b.id - a.id)
    }
    this.signal.touch()
  }

  /** Asks how much is unread; with `lines`, or when the bell has been opened, for the newest lines too. */
  async ask(lines = this.items !== undefined): Promise<void> {
    try {
      const page = await this.api.call<BellPage>("GET", `/notifications?limit=${lines ? 30 : 1}`)
      this.unread = page.unread
      if (lines) [this.items, this.next] = [page.items, page.next]
      this.failed = false
    } catch {
      // The badge stays as it was; an open bell says so.
      this.failed = true
    }
    this.signal.touch()
  }

  async more(): Promise<void> {
    if (this.next === null) return
    const page = await this.api.call<BellPage>("GET", `/notifications?limit=30&cursor=${this.next}`)
    this.items = [...(this.items ?? []), ...page.items]
    this.next = page.next
    this.signal.touch()
  }

  async read(ids: readonly number[]): Promise<void> {
    const answer = await this.api.call<{ unread: number }>("POST", "/notifications/read", { ids })
    const now = new Date().toISOString()
    this.items = this.items?.map((one) => ids.includes(one.id) && one.readAt === null ? { ...one, readAt: now } : one)
    this.unread = answer.unread
    this.signal.touch()
  }
}
