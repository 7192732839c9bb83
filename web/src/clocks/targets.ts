// The targets as REST gives them, and what a form makes of them.
import type { Found } from "../shared/drafts.ts"
import type { Named } from "../shared/net/api.ts"
import { type TopicKind, topicKinds } from "../shared/net/protocol.ts"

export interface Targets {
  topics: Partial<Record<TopicKind, number>>
  clients: { organisation: Named; minutes: number }[]
  /** Staff are warned when so much of the target is left. */
  warning: { version: number; percent: number }
}
/** What of them is saved on its own; numbers as they are typed. */
export type TargetParts = Record<TopicKind | "warning", string> & { clients: Targets["clients"] }

/** What an answer tells. Only the share at which staff are warned has a version: a target is one number, and each change of it stays on record. */
export function targetParts(found: Targets): Found<TargetParts> {
  const parts: Found<TargetParts> = {
    clients: { version: undefined, value: found.clients },
    warning: { version: found.warning.version, value: String(found.warning.percent) },
  }
  for (const kind of topicKinds) parts[kind] = { version: undefined, value: String(found.topics[kind] ?? "") }
  return parts
}

const longest = 60_000
/** Of how much of the target that is left staff can be warned, in percent. */
const shares = { least: 5, most: 90 }

/** Whole minutes; null for none. Undefined when it is neither. */
export function parseMinutes(text: string): number | null | undefined {
  if (text.trim() === "") return null
  const value = Number(text.trim())
  return Number.isInteger(value) && value >= 1 && value <= longest ? value : undefined
}

/** A share in whole percent; undefined when it is none. */
export function parseShare(text: string): number | undefined {
  const value = parseMinutes(text)
  return value !== null && value !== undefined && value >= shares.least && value <= shares.most ? value : undefined
}
