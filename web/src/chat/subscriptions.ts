// The topics whose logs this page holds, and which of them the server keeps it told of.
import type { TopicState } from "../shared/net/protocol.ts"
import { RequestError, type Socket } from "../shared/net/socket.ts"
import type { Reader } from "./log.ts"
import type { Memory } from "./memory.ts"
import { TopicView } from "./topicView.ts"

/** Topics that stay subscribed behind the open one, so that going back to them shows them live. */
const warm = 4

export interface SubscriptionHooks {
  /** A topic's state has come. */
  adopted: (view: TopicView, state: TopicState) => void
  /** The server doesn't let it be watched any more. */
  ended: (view: TopicView) => void
}

export class Subscriptions {
  private readonly socket: Socket
  private readonly memory: Memory
  private readonly reader: Reader
  private readonly hooks: SubscriptionHooks
  private readonly views = new Map<number, TopicView>()
  /** Subscribed topics, the least recently opened first. */
  private subscribed: number[] = []
  private turns = 0

  constructor(socket: Socket, memory: Memory, reader: Reader, hooks: SubscriptionHooks) {
    this.socket = socket
    this.memory = memory
    this.reader = reader
    this.hooks = hooks
  }

  /** What the page holds of a topic, if anything. */
  get(topic: number): TopicView | undefined {
    return this.views.get(topic)
  }
  /** The same; a new, empty one where there is nothing. */
  view(topic: number): TopicView {
    return this.views.get(topic) ?? this.renew(topic)
  }
  /** An empty one in the place of whatever there was. */
  renew(topic: number): TopicView {
    const view = new TopicView(topic, this.reader)
    this.views.set(topic, view)
    return view
  }

  /** Keeps a topic told of, and those that were open last. */
  open(topic: number): void {
    const view = this.view(topic)
    const known = this.subscribed.includes(topic)
    this.subscribed = [...this.subscribed.filter((one) => one !== topic), topic]
    for (const old of this.subscribed.splice(0, Math.max(0, this.subscribed.length - 1 - warm))) this.drop(old)
    if (!known || view.phase !== "live") void this.sync(view)
  }
  private drop(topic: number): void {
    const view = this.views.get(topic)
    if (view) {
      view.phase = "stale"
      // The answer of a subscribe that is still on its way comes before the end of what it began: it counts for nothing.
      view.syncing = undefined
    }
    this.socket.request("unsubscribe", { topic }).catch(() => {/* The connection's end ends the subscription too. */})
  }

  /** A topic that one may not see any more: nothing of it stays. */
  forget(topic: number): void {
    this.views.delete(topic)
    this.subscribed = this.subscribed.filter((one) => one !== topic)
  }
  /** The same of a view, unless another one has taken its place. */
  forgetView(view: TopicView): void {
    if (this.views.get(view.topic) === view) this.views.delete(view.topic)
  }
  /** What one may see has changed: only what is looked at stays. */
  forgetOthers(current: number | undefined): void {
    for (const [topic, view] of this.views) {
      if (topic !== current && !view.observation) this.views.delete(topic)
    }
    for (const topic of this.subscribed.filter((one) => one !== current)) this.drop(topic)
    this.subscribed = this.subscribed.filter((one) => one === current)
  }
  clear(): void {
    this.views.clear()
    this.subscribed = []
  }

  /** The connection is there again: what was open is asked for, the open one first. */
  syncAll(): void {
    for (const topic of [...this.subscribed].reverse()) void this.sync(this.view(topic))
    for (const view of this.views.values()) if (view.observation) void this.sync(view)
  }
  /** The connection is gone. */
  cut(): void {
    for (const view of this.views.values()) {
      if (view.phase === "live") view.phase = "stale"
      view.syncing = undefined
      view.signal.touch()
    }
  }

  /** Whether this page wants the topic's events: it may have gone on since it asked. */
  private wanted(view: TopicView): boolean {
    return this.views.get(view.topic) === view &&
      (view.observation !== undefined || this.subscribed.includes(view.topic))
  }

  /** Subscribes, from where this page's log ends. Asks for the last row again: its hash must still be the same. */
  async sync(view: TopicView): Promise<void> {
    if (view.syncing !== undefined || !this.socket.ready || !this.wanted(view)) return
    if (view.observation?.ended) return
    const turn = ++this.turns
    view.syncing = turn
    if (view.phase === "empty" || view.phase === "failed") view.phase = "loading"
    view.signal.touch()
    const resume = view.epoch !== undefined && view.log.head > 0 ? view.log.head - 1 : undefined
    try {
      const state = await this.socket.request(
        "subscribe",
        resume === undefined || view.epoch === undefined
          ? { topic: view.topic }
          : { topic: view.topic, epoch: view.epoch, after: resume },
      )
      if (view.syncing !== turn) return
      view.syncing = undefined
      this.adopt(view, state, resume)
    } catch (error) {
      if (!(error instanceof RequestError)) throw error
      if (view.syncing !== turn) return
      view.syncing = undefined
      this.failed(view, error)
    }
  }

  /** Takes over what the server says of a topic; `after` is the row from which on it was asked. */
  adopt(view: TopicView, state: TopicState, after: number | undefined): void {
    if (this.memory.check(state) === "unknown") void this.checkHead(view, state)
    if (!view.adopt(state, after)) {
      view.epoch = undefined
      void this.sync(view)
      return
    }
    view.freshAt = Date.now()
    this.hooks.adopted(view, state)
    view.signal.touch()
  }

  /** The remembered row isn't on the page that came: it is fetched alone and compared. */
  private async checkHead(view: TopicView, state: TopicState): Promise<void> {
    const head = this.memory.head(view.topic)
    if (!head) return
    try {
      const page = await this.socket.request("history", { topic: view.topic, before: head.seq + 1, limit: 1 })
      this.memory.check({ ...state, entries: page.entries })
    } catch (error) {
      // Not compared yet is not an alarm: the next subscribe compares again.
      if (!(error instanceof RequestError)) throw error
    }
  }

  private failed(view: TopicView, error: RequestError): void {
    if (view.observation && !error.temporary) return this.hooks.ended(view)
    view.error = error.code
    // Nothing is here yet and nothing could come: the line at the top says so, and the next connection asks again.
    if (error.code === "offline" && view.log.head === 0) {
      view.phase = "empty"
      return view.signal.touch()
    }
    if (view.log.head === 0 || !error.temporary) view.phase = "failed"
    else view.phase = "stale"
    view.signal.touch()
    if (error.temporary && error.code !== "offline") setTimeout(() => void this.sync(view), 2_000)
  }
}
