// Who types where. Never stored: it expires after six seconds, and one's own goes out at most every three.
import { Signal } from "../shared/signal.ts"

const life = 6_000
const every = 3_000

export class TypingState {
  readonly signal = new Signal()
  private readonly until = new Map<number, Map<number, number>>()
  private sent = { topic: 0, at: 0, on: false }
  private readonly post: (topic: number, on: boolean) => void

  constructor(post: (topic: number, on: boolean) => void) {
    this.post = post
  }

  in(topic: number, except: number): number[] {
    const now = Date.now()
    const out: number[] = []
    for (const [account, until] of this.until.get(topic) ?? []) {
      if (until > now && account !== except) out.push(account)
    }
    return out
  }

  set(topic: number, account: number, on: boolean): void {
    let who = this.until.get(topic)
    if (!who) this.until.set(topic, who = new Map())
    if (!on && !who.has(account)) return
    if (on) {
      who.set(account, Date.now() + life)
      setTimeout(() => this.signal.touch(), life + 50)
    } else who.delete(account)
    this.signal.touch()
  }

  clear(): void {
    this.until.clear()
    this.signal.touch()
  }

  start(topic: number): void {
    const now = Date.now()
    if (this.sent.on && this.sent.topic === topic && now - this.sent.at < every) return
    this.sent = { topic, at: now, on: true }
    this.post(topic, true)
  }
  stop(topic: number): void {
    if (!this.sent.on || this.sent.topic !== topic) return
    this.sent = { topic, at: Date.now(), on: false }
    this.post(topic, false)
  }
}
