// How long clients wait, by the firm's working time: asked from REST, for staff only, and again whenever a clock may have moved.
import type { Api, Named } from "../shared/net/api.ts"
import type { InboxTopic, TopicEvent, TopicKind } from "../shared/net/protocol.ts"
import { Signal } from "../shared/signal.ts"

/** A client who waits, as `GET /queue` gives it. Times are in seconds of working time. */
export interface Clock {
  topic: number
  kind: TopicKind
  organisation: Named
  department: number
  case: number
  message: number
  since: string
  state: "ok" | "soon" | "late" | "paused" | "open"
  due?: string
  target?: number
  left?: number
  /** When so much is left, or less, it is soon. */
  warning?: number
  holder?: Named
  wanted?: string
}
export interface Queue {
  items: Clock[]
  more: boolean
  at: string
  working: boolean
}

/** Answers are asked for again after so long, since shifts begin and end. */
const renewal = 60_000
/** What a page knows of the world around it; tests have their own. */
export interface Surroundings {
  /** Whether somebody can see the page. */
  visible: () => boolean
  /** How long a change of somebody else waits, in ms: every page of the staff hears of it at once, and they must not all ask at once. */
  spread: () => number
  /** How long one's own change waits, and the first look, in ms. */
  soon: number
}
const page: Surroundings = {
  visible: () => document.visibilityState === "visible",
  spread: () => 2_000 + Math.random() * 3_000,
  soon: 400,
}

export class Clocks {
  readonly signal = new Signal()
  queue: Queue | undefined
  /** Why the last look failed. */
  failed = false
  private readonly api: Api
  private readonly active: boolean
  private readonly around: Surroundings
  private askedAt = 0
  /** Something changed that nobody has looked at, since the page was hidden. */
  private stale = false
  private dueAt = 0
  private asking = false
  private again = false
  private timer: ReturnType<typeof setTimeout> | undefined
  private beat: ReturnType<typeof setInterval> | undefined
  private readonly byTopic = new Map<number, Clock>()

  constructor(api: Api, active: boolean, around: Surroundings = page) {
    this.api = api
    this.active = active
    this.around = around
  }

  start(): void {
    if (!this.active) return
    this.beat = setInterval(() => {
      if (this.around.visible() && this.byTopic.size > 0) void this.ask()
    }, renewal)
    document.addEventListener("visibilitychange", this.shown)
  }
  stop(): void {
    clearInterval(this.beat)
    if (this.beat !== undefined) document.removeEventListener("visibilitychange", this.shown)
    this.beat = undefined
    clearTimeout(this.timer)
    this.timer = undefined
  }
  clear(): void {
    this.queue = undefined
    this.byTopic.clear()
    this.signal.touch()
  }

  of(topic: number): Clock | undefined {
    return this.byTopic.get(topic)
  }
  /** Seconds of working time that are left now; less than zero when the time is up. Undefined without a target. */
  left(clock: Clock, now: number): number | undefined {
    if (clock.left === undefined) return undefined
    const runs = this.queue?.working === true && clock.state !== "paused"
    return runs ? clock.left - Math.max(0, now - this.askedAt) / 1000 : clock.left
  }
  state(clock: Clock, now: number): Clock["state"] {
    const left = this.left(clock, now)
    if (clock.state === "paused" || left === undefined || clock.warning === undefined) return clock.state
    return left < 0 ? "late" : left <= clock.warning ? "soon" : "ok"
  }

  /** The page is seen again: what changed meanwhile is asked for, and what counts from a look of long ago is counted anew. */
  readonly shown = (): void => {
    if (!this.active || !this.around.visible()) return
    if (this.stale || (this.byTopic.size > 0 && Date.now() - this.askedAt > renewal)) this.changed(true)
  }

  /** A row has come, perhaps one's own: does it move a clock? */
  heard(before: InboxTopic | undefined, event: TopicEvent, isOwn = false): void {
    if (!this.active) return
    const kind = event.row?.kind
    const moved = (before?.waitingSince ?? null) !== (event.waitingSince ?? null) || kind === "pause" ||
      kind === "resume" ||
      kind === "delete" || (kind === "message" && this.of(event.topic)?.state === "paused")
    if (moved) this.changed(isOwn)
  }
  /** Something has changed: asks once for many changes, soon for one's own; not while nobody looks. */
  changed(isOwn = false): void {
    if (!this.active) return
    if (!this.around.visible()) {
      this.stale = true
      return
    }
    const wait = isOwn || this.queue === undefined ? this.around.soon : this.around.spread()
    const at = Date.now() + wait
    if (this.timer !== undefined && this.dueAt <= at) return
    clearTimeout(this.timer)
    this.dueAt = at
    this.timer = setTimeout(() => {
      this.timer = undefined
      void this.ask()
    }, wait)
  }

  async ask(): Promise<void> {
    if (this.asking) {
      this.again = true
      return
    }
    this.asking = true
    this.again = false
    this.stale = false
    try {
      const queue = await this.api.call<Queue>("GET", "/queue?limit=500")
      this.queue = queue
      this.askedAt = Date.now()
      this.failed = false
      this.byTopic.clear()
      for (const clock of queue.items) this.byTopic.set(clock.topic, clock)
    } catch {
      // What was known goes on; the next beat or change asks again.
      this.failed = true
    } finally {
      this.asking = false
    }
    this.signal.touch()
    if (this.again) await this.ask()
  }
}
