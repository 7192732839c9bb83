// The thin I/O shell around connection.ts: one WebSocket, one clock, requests matched to their answers.
import { type ConnectionEvent, type ConnectionState, initial, step } from "./connection.ts"
import type { ServerEvent, Verb, Verbs, WireError } from "./protocol.ts"

/** A refusal by the server, or `offline` (temporary) when the connection went before the answer came. */
export class RequestError extends Error {
  readonly code: string
  readonly temporary: boolean
  constructor(code: string, message: string, temporary: boolean) {
    super(message)
    this.code = code
    this.temporary = temporary
  }
}

interface Waiting {
  resolve: (ok: never) => void
  reject: (error: RequestError) => void
}

export interface SocketHandlers {
  /** The connection is up: ask for the inbox, subscribe again, send what waits. */
  opened(): void
  event(event: ServerEvent): void
  changed(state: ConnectionState): void
  ended(): void
  probe(): void
}

export class Socket {
  state: ConnectionState = initial
  /** On this connection the server has named the account that it takes this page for, and it is the page's own. */
  confirmed = false
  private socket: WebSocket | null = null
  private waiting = new Map<number, Waiting>()
  private next = 1
  private timer: ReturnType<typeof setInterval> | undefined
  private readonly stops: (() => void)[] = []

  private readonly url: string
  private readonly handlers: SocketHandlers

  constructor(url: string, handlers: SocketHandlers) {
    this.url = url
    this.handlers = handlers
  }

  start(): void {
    if (this.timer !== undefined) return
    this.timer = setInterval(() => this.feed({ type: "tick" }), 500)
    const listen = (target: EventTarget, name: string, run: () => void) => {
      target.addEventListener(name, run)
      this.stops.push(() => target.removeEventListener(name, run))
    }
    listen(globalThis, "offline", () => this.feed({ type: "offline" }))
    listen(globalThis, "online", () => this.feed({ type: "online" }))
    listen(document, "visibilitychange", () => document.hidden || this.feed({ type: "nudge" }))
    this.feed({ type: "start" })
    if (!navigator.onLine) this.feed({ type: "offline" })
  }

  stop(): void {
    clearInterval(this.timer)
    this.timer = undefined
    for (const stop of this.stops.splice(0)) stop()
    this.feed({ type: "stop" })
  }

  /** Tries now instead of at the next appointed time. */
  nudge(): void {
    this.feed({ type: "nudge" })
  }

  /** The connection is up and speaks for this page's account. */
  get ready(): boolean {
    return this.state.phase === "open" && this.confirmed
  }

  /** Until the account is confirmed only `inbox` goes out: the cookie may be another's by now, signed in from another tab. */
  request<V extends Verb>(verb: V, fields: Verbs[V]["fields"]): Promise<Verbs[V]["ok"]> {
    return new Promise((resolve, reject) => {
      if (this.state.phase !== "open" || !this.socket || !(this.confirmed || verb === "inbox")) {
        reject(new RequestError("offline", "not connected", true))
        return
      }
      const id = this.next++
      this.waiting.set(id, { resolve: resolve as Waiting["resolve"], reject })
      this.socket.send(JSON.stringify({ id, do: verb, ...fields }))
    })
  }

  /** Typing has no answer and is worth nothing later: it is dropped unless it can go now. */
  typing(topic: number, on: boolean): void {
    if (this.ready) this.socket?.send(JSON.stringify({ do: "typing", topic, on }))
  }

  private feed(event: ConnectionEvent): void {
    const before = this.state
    const { state, actions } = step(before, event, performance.now(), Math.random())
    this.state = state
    for (const action of actions) {
      switch (action.type) {
        case "connect":
          this.connect(action.generation)
          break
        case "close": {
          const socket = this.socket
          this.socket = null
          socket?.close(action.code)
          break
        }
        case "ping":
          // Whatever it answers shows that the server is there: nobody waits for this id.
          this.socket?.send(JSON.stringify({ id: this.next++, do: "ping" }))
          break
        case "lost": {
          const lost = [...this.waiting.values()]
          this.waiting.clear()
          for (const one of lost) one.reject(new RequestError("offline", "connection lost", true))
          break
        }
        case "ended":
          this.handlers.ended()
          break
        case "probe":
          this.handlers.probe()
          break
      }
    }
    if (before.phase !== state.phase || before.retryAt !== state.retryAt) this.handlers.changed(state)
    if (before.phase !== "open" && state.phase === "open") this.handlers.opened()
  }

  private connect(generation: number): void {
    const socket = new WebSocket(this.url, "1fin.v1")
    this.socket = socket
    this.confirmed = false
    socket.onopen = () => this.feed({ type: "opened", generation })
    socket.onclose = (event) => this.feed({ type: "closed", generation, code: event.code })
    socket.onmessage = (event) => {
      if (generation !== this.state.generation) return
      this.feed({ type: "heard", generation })
      this.receive(String(event.data))
    }
  }

  private receive(text: string): void {
    const frame = JSON.parse(text) as { id?: number | null; ok?: unknown; error?: WireError; event?: string }
    if (frame.event !== undefined) {
      if (this.confirmed) this.handlers.event(frame as ServerEvent)
      return
    }
    if (typeof frame.id !== "number") return
    const waiting = this.waiting.get(frame.id)
    this.waiting.delete(frame.id)
    if (!waiting) return
    if (frame.error) waiting.reject(new RequestError(frame.error.code, frame.error.message, frame.error.temporary))
    else waiting.resolve(frame.ok as never)
  }
}
