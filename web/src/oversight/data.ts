// What the oversight pages ask the server for.
import { useCallback } from "react"
import { type FilterOf, writeFilter } from "../shared/filter.ts"
import { type Listing, type Page, useListing } from "../shared/list.ts"
import type { Api, Named, UserRecord } from "../shared/net/api.ts"
import type { TopicKind } from "../shared/net/protocol.ts"

export interface Step {
  by: Named
  at: string
}
export interface Stay {
  id: number
  watcher: Named
  organisation: Named
  topic: number
  kind: TopicKind
  reason: string
  address: string
  device: string
  started: string
  until: string
  ended?: string
  from?: number
  to?: number
  rows: number
  files: number
  acknowledged?: Step
  remark?: string
}
export interface LedgerRow {
  seq: number
  at: string
  kind: "start" | "rows" | "documents" | "file" | "end" | "acknowledge"
  account: number
  from?: number
  to?: number
  document?: number
  documents?: number[]
  rendition?: string
  hash: string
}
export interface ReportLine {
  watcher: Named
  month: string
  stays: number
  seconds: number
  files: number
  unacknowledged: number
  organisations: string[]
  reasons: string[]
}
export interface Root {
  day: string
  rows: number
  hash: string
}
export interface Erasure {
  id: number
  organisation: Named
  topic: number
  kind: TopicKind
  message: number
  sent: string
  author?: Named
  reason: string
  state: "requested" | "confirmed" | "refused"
  requested: Step
  confirmed?: Step
  refused?: Step
  held: boolean
}
export interface Hold {
  id: number
  organisation: Named
  topic?: number
  kind?: TopicKind
  reason: string
  set: Step
  lifted?: Step
  liftReason?: string
}
export const filterNames = ["account", "organisation", "from", "to", "show"] as const
export type Filter = FilterOf<(typeof filterNames)[number]>
/** By what any of the lists is narrowed. */
type Narrowing = Readonly<Record<string, string | undefined>>
/** Of lists that can't be narrowed. */
const whole: Narrowing = {}

/** A case that was closed over a waiting client. */
export interface Unanswered {
  id: string
  topic: number
  kind: TopicKind
  organisation: Named
  case: number
  way: "dismissed" | "silent"
  at: string
  by?: Named
  message: number
  since: string
  reopened: boolean
}

/** The address of a page of a list. */
export const listPath = (path: string, filter: Narrowing, cursor?: string): string =>
  `${path}${writeFilter({ ...filter, limit: "50", cursor })}`

/** A list of these pages. */
export function useList<T>(api: Api, path: string, filter: Narrowing = whole): Listing<T> {
  return useListing<T>(
    useCallback((cursor) => api.call<Page<T>>("GET", listPath(path, filter, cursor)), [api, path, filter]),
  )
}

/** Whoever may be meant by the ledger: those who may watch, and those of its rows, whatever they are today. */
export function watchers(stays: readonly Pick<Stay, "watcher">[], users: readonly UserRecord[] | undefined): Named[] {
  const may = (users ?? []).filter((user) =>
    user.memberships.some(({ role }) => role === "admin" || role === "supervisor")
  )
  const all = new Map([...may, ...stays.map((stay) => stay.watcher)].map(({ id, name }) => [id, { id, name }]))
  return [...all.values()].sort((one, other) => one.name.localeCompare(other.name))
}

/** Puts a row that has changed in the old one's place. */
export const replaced = <T extends { id: number }>(list: Listing<T>) => (item: T): void =>
  list.change((old) => old.map((one) => one.id === item.id ? item : one))

/** How long a stay lasted, or has lasted up to now, in whole minutes, at least one. */
export function minutesOf(stay: Pick<Stay, "started" | "ended" | "until">, now: number): number {
  const end = stay.ended === undefined ? Math.min(now, Date.parse(stay.until)) : Date.parse(stay.ended)
  return Math.max(1, Math.round((end - Date.parse(stay.started)) / 60_000))
}
