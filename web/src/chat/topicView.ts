// One topic as this page holds it: its log, who is there, who has read what. Kept in memory only, so that switching back
// shows it at once and nothing stays on the machine.
import type { Case, Entry, Person, Presence, TopicState } from "../shared/net/protocol.ts"
import { Signal } from "../shared/signal.ts"
import { type Message, type Reader, TopicLog } from "./log.ts"

export interface Reading {
  seq: number
  /**
   * Ascending; the first that covers a message says when it was read, if this page saw that one happen. Of a mark that was
   * there already (`at` undefined) only the latest move has a time, and most of what it covers was read before that.
   */
  advances: { seq: number; at: string | undefined }[]
}

export interface Observation {
  reason: string
  /** When it ends (ms). */
  until: number
  since: number
  ended: boolean
}

export class TopicView {
  readonly topic: number
  readonly signal = new Signal()
  readonly log: TopicLog
  epoch: string | undefined
  phase: "empty" | "loading" | "live" | "stale" | "failed" = "empty"
  error: string | undefined
  case: Case | null = null
  write = false
  people = new Map<number, Person>()
  reads = new Map<number, Reading>()
  /** The read mark when the topic was opened: the unread line stands after it. */
  unreadMark: number | undefined
  /** Where one was reading when one went to another topic; undefined: at the bottom. */
  place: { key: string; delta: number } | undefined
  loadingOlder = false
  olderError = false
  /** Messages that replies point to and that lie before the log's first row. */
  quotes = new Map<number, Message | "loading" | "gone">()
  observation: Observation | undefined
  /** When its state was last known to be the server's (ms). */
  freshAt = 0
  /** The subscribe that is on its way: gaps heal themselves with its answer. Of any other the answer counts no more. */
  syncing: number | undefined

  constructor(topic: number, reader: Reader) {
    this.topic = topic
    this.log = new TopicLog(reader)
  }

  /** Takes a subscribe's answer. `after`: what was asked for. False when it doesn't fit and must be asked afresh. */
  adopt(state: TopicState, after: number | undefined): boolean {
    const same = this.epoch === state.epoch && after !== undefined && !state.reset
    this.epoch = state.epoch
    if (same) {
      for (const entry of state.entries) if (this.log.append(entry) === "gap") return false
      if (this.log.head !== state.head) return false
    } else {
      this.log.reset(state.entries, state.head, state.hash, state.more)
    }
    this.case = state.case
    this.write = state.me.write
    // Who took part before still wrote rows that stay.
    if (!same) this.people.clear()
    this.participants(state.people)
    if (state.observation && this.observation) {
      this.observation = { ...this.observation, until: Date.parse(state.observation.until) || this.observation.until }
    }
    for (const mark of state.reads) this.read(mark.account, mark.seq, undefined)
    this.phase = "live"
    this.error = undefined
    return true
  }

  /** Writers of rows that came later: they are named, but take no part by that. */
  meet(people: readonly Person[] | undefined): void {
    for (const person of people ?? []) if (!this.people.has(person.account)) this.people.set(person.account, person)
  }

  /** The participants, whole: whoever isn't among them takes part no more. */
  participants(people: readonly Person[]): void {
    for (const [account, person] of this.people) this.people.set(account, { ...person, participant: false })
    for (const person of people) this.people.set(person.account, person)
  }

  /** `at`: when, if the advance itself was seen. */
  read(account: number, seq: number, at: string | undefined): void {
    const old = this.reads.get(account)
    if (old && old.seq >= seq) return
    this.reads.set(account, { seq, advances: [...(old?.advances ?? []), { seq, at }] })
  }

  /** Who of the other side has read a message, and when, if that is known; in the order of reading, the unknown ones first. */
  readers(message: Message): { account: number; at: string | undefined }[] {
    const out: { account: number; at: string | undefined }[] = []
    for (const [account, reading] of this.reads) {
      if (reading.seq < message.seq || account === message.by) continue
      if (this.people.get(account)?.staff === message.staff) continue
      const first = reading.advances.find((advance) => advance.seq >= message.seq)
      out.push({ account, at: first?.at })
    }
    return out.sort((a, b) => (a.at ?? "") < (b.at ?? "") ? -1 : 1)
  }

  /** The case and its author's read mark follow a new row; the `topic` event brings the rest. */
  follow(entry: Entry): void {
    // Sending moves one's own mark if one had read everything before it; no `read` event says so.
    if (entry.kind === "message" && entry.by !== null && this.reads.get(entry.by)?.seq === entry.seq - 1) {
      this.read(entry.by, entry.seq, entry.at)
    }
    if (entry.kind === "message" && (!this.case || this.case.state !== "open")) {
      this.case = {
        case: entry.case,
        state: "open",
        openedAt: entry.at,
        closedAt: null,
        closedBy: null,
        stars: null,
      }
    } else if (entry.kind === "close" && this.case) {
      this.case = { ...this.case, state: "closed", closedAt: entry.at, closedBy: entry.by }
    } else if (entry.kind === "reopen" && this.case) {
      this.case = { ...this.case, state: "open", closedAt: null, closedBy: null }
    } else if (entry.kind === "rate" && this.case && this.case.case === entry.case) {
      this.case = { ...this.case, state: "rated", stars: entry.stars }
    }
  }
}

export type PresenceMap = Map<number, Presence>
