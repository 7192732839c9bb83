// What was written and isn't acknowledged yet. Every item carries the key that was made for it, is stored until the server
// has it, and is repeated with the same key after a lost connection or a reload: the server counts a key once.
// Pure: events in, state and what to send out. outboxStore.ts keeps it in localStorage.
export interface OutboxItem {
  key: string
  topic: number
  /** Closing, reopening and rating wait for their answer in a dialog instead. */
  verb: "send" | "edit" | "delete"
  /** Written at (ms), for order and for the clock beside the bubble. */
  at: number
  body?: string
  reply?: number
  holding?: boolean
  /** The message that is edited or deleted. */
  message?: number
  /** What it carries: it goes once all of them are documents. */
  files?: readonly OutboxFile[]
  state: "waiting" | "sent" | "failed" | "acked"
  /** Of `failed`: the server's code. */
  error?: string
  /** Of `acked`: its row, which the log may not have shown yet. */
  seq?: number
  /** Of `acked`: the server's time. */
  ackedAt?: string
}
/** A file of a message that isn't sent yet. */
export interface OutboxFile {
  /** The upload's id. */
  upload: string
  name: string
  size: number
  /** What it has become. */
  document?: number
  /** Why it becomes none. */
  error?: string
}
export type NewItem = Omit<OutboxItem, "state" | "error" | "seq" | "ackedAt">

export type OutboxEvent =
  | { type: "add"; item: NewItem }
  | { type: "sent"; key: string }
  | { type: "acked"; key: string; seq: number; at: string }
  | { type: "refused"; key: string; code: string; temporary: boolean }
  /** The connection is gone: what was on its way may or may not have arrived. */
  | { type: "lost" }
  /** The log of a topic has reached this row. */
  | { type: "shown"; topic: number; head: number }
  /** A failed item again, under a new key: the old one is spent. */
  | { type: "retry"; key: string; newKey: string; at: number }
  | { type: "drop"; key: string }
  /** An upload has become a document, or will not. */
  | { type: "uploaded"; upload: string; document: number }
  | { type: "uploadRefused"; upload: string; code: string }
  /** The message goes without this file. */
  | { type: "without"; key: string; upload: string }

export function reduce(items: readonly OutboxItem[], event: OutboxEvent): readonly OutboxItem[] {
  switch (event.type) {
    case "add":
      return items.some((item) => item.key === event.item.key) ? items : [...items, { ...event.item, state: "waiting" }]
    case "sent":
      return change(items, event.key, (item) => item.state === "waiting" ? { ...item, state: "sent" } : item)
    case "acked":
      return change(items, event.key, (item) => ({ ...item, state: "acked", seq: event.seq, ackedAt: event.at }))
    case "refused":
      return change(
        items,
        event.key,
        (item) => event.temporary ? { ...item, state: "waiting" } : { ...item, state: "failed", error: event.code },
      )
    case "lost":
      return items.some((item) => item.state === "sent")
        ? items.map((item) => item.state === "sent" ? { ...item, state: "waiting" } : item)
        : items
    case "shown": {
      const done = (item: OutboxItem) =>
        item.topic === event.topic && item.state === "acked" && (item.seq ?? 0) <= event.head
      return items.some(done) ? items.filter((item) => !done(item)) : items
    }
    case "retry":
      return change(items, event.key, (item) => {
        if (item.state !== "failed") return item
        const { error: _, ...rest } = item
        return { ...rest, key: event.newKey, at: event.at, state: "waiting" }
      })
    case "drop":
      return items.filter((item) => item.key !== event.key)
    case "uploaded":
      return changeFile(items, event.upload, (file) => {
        const { error: _, ...rest } = file
        return { ...rest, document: event.document }
      })
    case "uploadRefused":
      return changeFile(items, event.upload, (file) => ({ ...file, error: event.code }))
    case "without":
      return items.flatMap((item) => {
        if (item.key !== event.key || item.state === "sent" || item.state === "acked") return [item]
        const files = item.files?.filter((file) => file.upload !== event.upload) ?? []
        if (files.length === 0 && !item.body) return []
        const { files: _, ...rest } = item
        return [files.length === 0 ? rest : { ...rest, files }]
      })
  }
}

function changeFile(
  items: readonly OutboxItem[],
  upload: string,
  to: (file: OutboxFile) => OutboxFile,
): readonly OutboxItem[] {
  if (!items.some((item) => item.files?.some((file) => file.upload === upload))) return items
  return items.map((item) =>
    item.files ? { ...item, files: item.files.map((file) => file.upload === upload ? to(file) : file) } : item
  )
}

/** Whether everything that it carries has been uploaded. */
export const isWhole = (item: OutboxItem): boolean => item.files?.every((file) => file.document !== undefined) ?? true

function change(
  items: readonly OutboxItem[],
  key: string,
  to: (item: OutboxItem) => OutboxItem,
): readonly OutboxItem[] {
  return items.map((item) => item.key === key ? to(item) : item)
}

/**
 * What may go now: the oldest waiting item of each topic that has nothing on its way, so that a topic's order holds. What waits for its files holds
 * nobody up: a long upload must not keep the words that were written after it.
 */
export function due(items: readonly OutboxItem[]): OutboxItem[] {
  const busy = new Set<number>()
  const out: OutboxItem[] = []
  for (const item of [...items].sort((a, b) => a.at - b.at)) {
    if (item.state === "sent") busy.add(item.topic)
  }
  for (const item of [...items].sort((a, b) => a.at - b.at)) {
    if (item.state !== "waiting" || busy.has(item.topic) || !isWhole(item)) continue
    busy.add(item.topic)
    out.push(item)
  }
  return out
}
