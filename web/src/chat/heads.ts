// The newest (seq, hash) of each topic that this page has ever seen, and what it means when the server later disagrees.
import type { Entry } from "../shared/net/protocol.ts"

export interface Head {
  seq: number
  hash: string
  epoch: string
}
export interface Alarm {
  topic: number
  seq: number
  /** `changed`: the row has another hash now. `shortened`: the log ends before it. */
  kind: "changed" | "shortened"
  was: string
  is: string | null
  at: string
}

export interface Seen {
  topic: number
  epoch: string
  head: number
  hash: string | null
  entries: readonly Entry[]
}

/**
 * Compares what is remembered with what the server says. `unknown`: the remembered row isn't among the rows shown. `other`:
 * the database names itself as another one (restored from a copy, or made anew), so that its rows can't be compared.
 */
export function compare(head: Head | undefined, seen: Seen, now: string): Alarm | "same" | "unknown" | "other" {
  if (!head || head.seq === 0) return "same"
  if (head.epoch !== seen.epoch) return "other"
  if (seen.head < head.seq) {
    return { topic: seen.topic, seq: head.seq, kind: "shortened", was: head.hash, is: null, at: now }
  }
  const is = seen.head === head.seq ? seen.hash : seen.entries.find((entry) => entry.seq === head.seq)?.hash
  if (is === undefined || is === null) return "unknown"
  return is === head.hash ? "same" : { topic: seen.topic, seq: head.seq, kind: "changed", was: head.hash, is, at: now }
}
