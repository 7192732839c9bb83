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
const pause = 400

export class Clocks {
  readonly signal = new Signal()
  queue: Queue | undefined
  /** Why the last look failed. */
  failed = false
  private readonly api: Api
  private readonly active: boolean
  private askedAt = 0
  private asking = false
  private again = false
  private timer: ReturnType<typeof setTimeout> | undefined
  private beat: ReturnType<typeof setInterval> | undefined
  private readonly byTopic = new Map<number, Clock>()

  constructor(api: Api, active: boolean) {
    this.api = api
    this.active = active
  }

  start(): void {
    if (!this.active) return
    this.beat = setInterval(() => {
      if (document.visibilityState === "visible" && this.byTopic.size > 0) void this.ask()
    }, renewal)
  }
  stop(): void {
    clearInterval(this.beat)
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
    if (clock.state === "paused" || left === undefined || clock.target === undefined) return clock.state
    return left < 0 ? "late" : left * 4 <= clock.target ? "soon" : "ok"
  }

  /** A row has come: does it move a clock? */
  heard(before: InboxTopic | undefined, event: TopicEvent): void {
    if (!this.active) return
    const kind = event.row?.kind
    const moved = (before?.waitingSince ?? null) !== (event.waitingSince ?? null) || kind === "pause" ||
      kind === "resume" ||
      kind === "delete" || (kind === "message" && this.of(event.topic)?.state === "paused")
    if (moved) this.changed()
  }
  /** Something has changed: asks soon, once for many changes. */
  changed(): void {
    if (!this.active || this.timer !== undefined) return
    this.timer = setTimeout(() => {
      this.timer = undefined
      void this.ask()
    }, pause)
  }

  async ask(): Promise<void> {
    if (this.asking) {
      this.again = true
      return
    }
    this.asking = true
    this.again = false
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
