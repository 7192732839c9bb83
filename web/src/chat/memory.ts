// What one account's page remembers of each topic across reloads: the newest (seq, hash), alarms, drafts.
import { isRecord, load, names, save } from "../shared/storage.ts"
import { Signal } from "../shared/signal.ts"
import { type Alarm, compare, type Head, type Seen } from "./heads.ts"
import type { InboxState } from "./inbox.ts"

const isHead = (value: unknown): value is Head =>
  isRecord(value) && typeof value["seq"] === "number" && typeof value["hash"] === "string" &&
  typeof value["epoch"] === "string"
const isAlarm = (value: unknown): value is Alarm =>
  isRecord(value) && typeof value["topic"] === "number" && typeof value["seq"] === "number"

export interface Draft {
  body: string
  reply?: number
  /** An edit in progress: which message, how it read, how it is to read. */
  edit?: { message: number; before: string; body: string }
  /** Ids of the uploads that are attached. */
  files?: readonly string[]
}
const isDraft = (value: unknown): value is Draft => {
  if (!isRecord(value) || typeof value["body"] !== "string") return false
  const edit = value["edit"]
  const files = value["files"]
  if (files !== undefined && !(Array.isArray(files) && files.every((one) => typeof one === "string"))) return false
  return edit === undefined ||
    (isRecord(edit) && typeof edit["message"] === "number" && typeof edit["before"] === "string" &&
      typeof edit["body"] === "string")
}

/** A rating that isn't given yet. Its key lives as long as it does, so that it counts once however often it is sent. */
export interface RatingDraft {
  case: number
  stars: number
  comment: string
  key: string
}
const isRating = (value: unknown): value is RatingDraft =>
  isRecord(value) && typeof value["case"] === "number" && typeof value["stars"] === "number" &&
  typeof value["comment"] === "string" && typeof value["key"] === "string"

/** The database said that it is another one than before. */
export interface Restored {
  at: string
  epoch: string
  /** Whoever reads it has said that it is understood. */
  dismissed?: boolean
}
const isRestored = (value: unknown): value is Restored =>
  isRecord(value) && typeof value["at"] === "string" && typeof value["epoch"] === "string"

export class Memory {
  readonly signal = new Signal()
  private readonly prefix: string

  constructor(account: number) {
    this.prefix = `1fin:${account}:`
  }

  head(topic: number): Head | undefined {
    return load(`${this.prefix}head:${topic}`, isHead)
  }
  alarm(topic: number): Alarm | undefined {
    return load(`${this.prefix}alarm:${topic}`, isAlarm)
  }

  /** That the database is another one, until whoever reads it has said that it is understood. */
  restored(): Restored | undefined {
    const found = load(`${this.prefix}restored`, isRestored)
    return found?.dismissed ? undefined : found
  }
  /** Stays dismissed for the other topics that the same database brings later. */
  dismissRestored(): void {
    const found = this.restored()
    if (found) save(`${this.prefix}restored`, { ...found, dismissed: true })
    this.signal.touch()
  }

  /** Compares with what is remembered; keeps the alarm, or the newer head. */
  check(seen: Seen): "same" | "unknown" | "alarm" | "other" {
    const old = this.head(seen.topic)
    const result = compare(old, seen, new Date().toISOString())
    if (typeof result === "object") {
      if (!this.alarm(seen.topic)) {
        save(`${this.prefix}alarm:${seen.topic}`, result)
        this.signal.touch()
      }
      return "alarm"
    }
    if (result === "other") {
      // It starts over, an old alarm included; that it did is said until it is dismissed.
      save(`${this.prefix}head:${seen.topic}`, undefined)
      save(`${this.prefix}alarm:${seen.topic}`, undefined)
      if (load(`${this.prefix}restored`, isRestored)?.epoch !== seen.epoch) {
        save(`${this.prefix}restored`, { at: new Date().toISOString(), epoch: seen.epoch })
      }
      this.remember(seen.topic, seen.head, seen.hash, seen.epoch)
      this.signal.touch()
    }
    if (result === "same") this.remember(seen.topic, seen.head, seen.hash, seen.epoch)
    return result
  }

  /** The list alone tells already that a log has become shorter. */
  checkList(inbox: InboxState): void {
    for (const { topic, head, participant } of inbox.topics.values()) {
      if (participant && head < (this.head(topic)?.seq ?? 0)) {
        this.check({ topic, epoch: inbox.epoch, head, hash: null, entries: [] })
      }
    }
  }

  /** A row that follows what was compared. While an alarm stands the old head stays: it is the evidence. */
  remember(topic: number, seq: number, hash: string | null, epoch: string): void {
    if (hash === null || this.alarm(topic)) return
    const old = this.head(topic)
    if (old && old.epoch === epoch && old.seq >= seq) return
    save(`${this.prefix}head:${topic}`, { seq, hash, epoch })
  }

  draft(topic: number): Draft | undefined {
    return load(`${this.prefix}draft:${topic}`, isDraft)
  }
  setDraft(topic: number, draft: Draft | undefined): void {
    const had = this.draft(topic) !== undefined
    save(
      `${this.prefix}draft:${topic}`,
      draft && (draft.body !== "" || draft.reply || draft.edit || draft.files) ? draft : undefined,
    )
    if (had !== (this.draft(topic) !== undefined)) this.signal.touch()
  }

  /** Of a case; another case's is none. */
  rating(topic: number, number: number): RatingDraft | undefined {
    const found = load(`${this.prefix}rate:${topic}`, isRating)
    return found?.case === number ? found : undefined
  }
  setRating(topic: number, rating: RatingDraft | undefined): void {
    save(`${this.prefix}rate:${topic}`, rating)
  }

  /** Signing out leaves no text behind. Heads and alarms stay (numbers and hashes): they are what a later lie is measured by. */
  wipe(): void {
    const evidence = ["head:", "alarm:", "restored"].map((name) => this.prefix + name)
    for (const name of names(this.prefix)) {
      if (!evidence.some((kept) => name.startsWith(kept))) save(name, undefined)
    }
    this.signal.touch()
  }
  forget(topic: number): void {
    save(`${this.prefix}draft:${topic}`, undefined)
    this.setRating(topic, undefined)
    this.signal.touch()
  }
}
