// What the audit pages ask the server for.
import { type FilterOf, writeFilter } from "../shared/filter.ts"
import type { Page } from "../shared/list.ts"
import type { Api, Named } from "../shared/net/api.ts"
import { isRecord, load, save } from "../shared/storage.ts"
import {
  brokenRoot,
  hex,
  origin,
  type Proof,
  type ProofRow,
  type Root,
  rootHash,
  treeOf,
  type Walk,
  walk,
} from "./chain.ts"

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
  topics: number
  entries: number
  actions: number
  roots: number
  faultCount: number
  faults: { place: string; reason: string }[]
}
export interface Integrity {
  verifiedUntil?: string | null
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
export const readNames = (api: Api): Promise<{ names: string[]; signs: boolean }> => api.call("GET", "/actions/names")
export const exportPath = (filter: Filter, format: string): string =>
  `/actions/export${writeFilter({ ...filter, format })}`
export const readIntegrity = (api: Api): Promise<Integrity> => api.call("GET", "/integrity")
export const readRoots = (api: Api, after?: number): Promise<{ roots: Root[] }> =>
  api.call("GET", `/integrity/roots${after === undefined ? "" : `?after=${after}`}`)

/** The newest root that this device has seen, and what it found when the server later showed another one. */
export interface Held {
  number: number
  root: string
  day: string
}
const isHeld = (value: unknown): value is Held =>
  isRecord(value) && typeof value["number"] === "number" && typeof value["root"] === "string" &&
  typeof value["day"] === "string"
const heldName = (account: number) => `1fin:root:${account}`
const alarmName = (account: number) => `1fin:root-alarm:${account}`
export const heldRoot = (account: number): Held | undefined => load(heldName(account), isHeld)
export const rootAlarm = (account: number): Held | undefined => load(alarmName(account), isHeld)
/** After somebody has looked into it. */
export const dismissRootAlarm = (account: number): void => {
  save(alarmName(account), undefined)
  save(heldName(account), undefined)
}

/** Asks for the roots since the one that is remembered, holds them against it, and remembers the newest. */
export async function checkRoots(api: Api, account: number): Promise<{ newest?: Root; alarm?: Held }> {
  const held = heldRoot(account)
  // The remembered one comes first, so that it can be compared.
  const { roots } = await readRoots(api, held && held.number - 1)
  const broken = await brokenRoot(roots, held)
  if (broken !== undefined) {
    const alarm = held ?? { number: broken, root: roots.find((root) => root.number === broken)?.root ?? "", day: "" }
    save(alarmName(account), alarm)
    return { alarm }
  }
  const newest = roots.at(-1)
  if (newest) save(heldName(account), { number: newest.number, root: newest.root, day: newest.day })
  return newest ? { newest } : {}
}

/** Works a topic's chain out and holds it against the day's root. `onRows` hears how far it is. */
export async function checkTopic(api: Api, topic: number, onRows: (rows: number) => void): Promise<Walk> {
  const proof = await api.call<Proof>("GET", `/integrity/topics/${topic}/proof`)
  let now: Walk = { seq: 0, hash: await origin(topic), bodies: 0, withheld: 0 }
  if (hex(await rootHash(proof.root)) !== proof.root.root) return { ...now, fault: { seq: 0, reason: "root" } }
  if (await treeOf(proof) !== proof.root.tree) return { ...now, fault: { seq: proof.seq, reason: "tree" } }
  if (proof.seq === 0 && proof.hash !== hex(now.hash)) return { ...now, fault: { seq: 0, reason: "sealed" } }
  let more = true
  while (more) {
    const page = await api.call<{ rows: ProofRow[]; more: boolean }>(
      "GET",
      `/integrity/topics/${topic}/rows?after=${now.seq}`,
    )
    now = await walk(topic, page.rows, now, proof)
    if (now.fault) return now
    onRows(now.seq)
    more = page.more
  }
  if (now.seq < proof.seq) return { ...now, fault: { seq: now.seq + 1, reason: "short" } }
  return now
}
