// What the oversight pages ask the server for.
import { useCallback, useEffect, useRef, useState } from "react"
import { type Api, ApiError, type Named } from "../shared/net/api.ts"
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
export interface Filter {
  account?: string
  organisation?: string
  from?: string
  to?: string
  show?: string
}

interface Page<T> {
  items: T[]
  next?: string | null
}

/** The address of a page of a list. */
export function listPath(path: string, filter: Filter, cursor?: string): string {
  const query = new URLSearchParams({ ...filter, limit: "50", ...(cursor === undefined ? {} : { cursor }) })
  return `${path}?${query}`
}

export interface Listed<T> {
  items: T[] | undefined
  next: string | undefined
  error: string | undefined
  busy: boolean
  load: (cursor?: string) => void
  replace: (item: T) => void
}

/** A list that grows by pages and is asked for anew when its filter changes. */
export function useList<T extends { id: number }>(api: Api, path: string, filter: Filter): Listed<T> {
  const [items, setItems] = useState<T[]>()
  const [next, setNext] = useState<string>()
  const [error, setError] = useState<string>()
  const [busy, setBusy] = useState(false)
  // An answer to a filter that isn't the chosen one any more comes too late.
  const turn = useRef(0)
  const load = useCallback((cursor?: string) => {
    const mine = cursor === undefined ? ++turn.current : turn.current
    setBusy(true)
    setError(undefined)
    api.call<Page<T>>("GET", listPath(path, filter, cursor)).then((page) => {
      if (mine !== turn.current) return
      setItems((old) => cursor === undefined ? page.items : [...(old ?? []), ...page.items])
      setNext(page.next ?? undefined)
      setBusy(false)
    }, (raw: unknown) => {
      if (!(raw instanceof ApiError)) throw raw
      if (mine !== turn.current) return
      setError(raw.code)
      setBusy(false)
    })
  }, [api, path, filter])
  useEffect(() => load(), [load])
  const replace = useCallback((item: T) => {
    setItems((old) => old?.map((one) => one.id === item.id ? item : one))
  }, [])
  return { items, next, error, busy, load, replace }
}

/** How long a stay lasted, or has lasted up to now, in whole minutes, at least one. */
export function minutesOf(stay: Pick<Stay, "started" | "ended" | "until">, now: number): number {
  const end = stay.ended === undefined ? Math.min(now, Date.parse(stay.until)) : Date.parse(stay.ended)
  return Math.max(1, Math.round((end - Date.parse(stay.started)) / 60_000))
}
