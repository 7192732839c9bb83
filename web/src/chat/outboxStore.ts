// Keeps the outbox of one account in localStorage, an entry per item, so that two tabs never overwrite each other's.
import { isRecord, load, names, save } from "../shared/storage.ts"
import { Signal } from "../shared/signal.ts"
import { due, type OutboxEvent, type OutboxItem, reduce } from "./outbox.ts"

const isItem = (value: unknown): value is OutboxItem =>
  isRecord(value) && typeof value["key"] === "string" && typeof value["topic"] === "number" &&
  typeof value["verb"] === "string" && typeof value["at"] === "number"

export class OutboxStore {
  items: readonly OutboxItem[] = []
  readonly signal = new Signal()
  private readonly prefix: string

  constructor(account: number) {
    this.prefix = `1fin:${account}:out:`
    const kept = names(this.prefix).map((name) => load(name, isItem)).filter((item) => item !== undefined)
    // What was on its way when the page went may have arrived: the same key again tells.
    this.items = kept.map((item): OutboxItem => item.state === "failed" ? item : { ...item, state: "waiting" })
      .sort((a, b) => a.at - b.at)
    globalThis.addEventListener("storage", this.elsewhere)
  }

  close(): void {
    globalThis.removeEventListener("storage", this.elsewhere)
  }

  feed(event: OutboxEvent): void {
    const before = this.items
    this.items = reduce(before, event)
    if (this.items === before) return
    for (const item of before) {
      if (!this.items.some((one) => one.key === item.key)) save(this.prefix + item.key, undefined)
    }
    for (const item of this.items) {
      if (before.includes(item)) continue
      save(this.prefix + item.key, item.state === "acked" ? undefined : item)
    }
    this.signal.touch()
  }

  due(): OutboxItem[] {
    return due(this.items)
  }

  of(topic: number): OutboxItem[] {
    return this.items.filter((item) => item.topic === topic)
  }

  /** By the prefix and not by what this page holds: other tabs' items go too. */
  wipe(): void {
    for (const name of names(this.prefix)) save(name, undefined)
    this.items = []
    this.signal.touch()
  }

  /** Another tab of this account got an item through, or dropped it. */
  private readonly elsewhere = (event: StorageEvent): void => {
    if (!event.key?.startsWith(this.prefix) || event.newValue !== null) return
    const key = event.key.slice(this.prefix.length)
    const item = this.items.find((one) => one.key === key)
    if (item && (item.state === "waiting" || item.state === "failed")) {
      this.items = reduce(this.items, { type: "drop", key })
      this.signal.touch()
    }
  }
}
