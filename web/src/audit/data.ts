// What the audit pages ask the server for.
import { type FilterOf, writeFilter } from "../shared/filter.ts"
import type { Page } from "../shared/list.ts"
import type { Api, Named } from "../shared/net/api.ts"
import type { Root } from "./chain.ts"

export type Detail = string | number | boolean | null | Detail[] | { [name: string]: Detail }
export interface ActionRow {
  id: number
  at: string
  account: Named | null
  session: number | null
  organisation: Named | null
  subject: Named | null
  action: string
  address: string
  detail: { [name: string]: Detail }
  seq: number | null
  hash: string | null
}
export const filterNames = ["account", "action", "subject", "organisation", "address", "from", "until"] as const
export type Filter = FilterOf<(typeof filterNames)[number]>
export interface Run {
  startedAt: string
  finishedAt: string
  isDaily: boolean
  askedBy?: Named
  topics: number
  entries: number
  actions: number
  roots: number
  months: number
  faultCount: number
  faults: { place: string; reason: string }[]
}
export interface Integrity {
  verifiedUntil?: string | null
  isRunning: boolean
  runs: Run[]
  root?: Root | null
  actionSeq: number
  actionHash?: string | null
  actionsWaiting: number
}

export async function readActions(api: Api, filter: Filter, cursor?: string): Promise<Page<ActionRow>> {
  const page = await api.call<{ actions: ActionRow[]; next: string | null }>(
    "GET",
    `/actions${writeFilter({ ...filter, cursor })}`,
  )
  return { items: page.actions, next: page.next }
}
export interface ActionNames {
  names: string[]
  /** Whether the server can sign bundles. */
  signs: boolean
}
export const readNames = (api: Api): Promise<ActionNames> => api.call("GET", "/actions/names")
export const exportPath = (filter: Filter, format: string): string =>
  `/actions/export${writeFilter({ ...filter, format })}`
export const readIntegrity = (api: Api): Promise<Integrity> => api.call("GET", "/integrity")
export const askForCheck = (api: Api): Promise<Integrity> => api.call("POST", "/integrity/checks", {})
