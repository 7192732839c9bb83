// What the log shows, as a flat list of rows: days, the unread line, messages grouped by author, what happened to cases.
import { dayNumber } from "../shared/i18n/format.ts"
import type { Item, Message } from "./log.ts"
import type { OutboxItem } from "./outbox.ts"

export type Row =
  | { key: string; type: "older"; at: number }
  | { key: string; type: "day"; at: number }
  | { key: string; type: "unread"; at: number; count: number }
  | { key: string; type: "opened"; at: number; case: number }
  | { key: string; type: "event"; at: number; item: Exclude<Item, { type: "message" }> }
  | { key: string; type: "message"; at: number; message: Message; first: boolean }
  | { key: string; type: "sending"; at: number; item: OutboxItem; first: boolean }
  | { key: string; type: "rate"; at: number }
  | { key: string; type: "typing"; at: number }

export interface RowsInput {
  items: readonly Item[]
  outbox: readonly OutboxItem[]
  more: boolean
  /** The first row of the log is on the page, so that the first case's beginning is too. */
  whole: boolean
  unreadMark: number | undefined
  me: number
  rate: boolean
  typing: boolean
  now: number
}

/** Messages of one author within this time stand close together under one name. */
const together = 10 * 60_000

export function buildRows(input: RowsInput): Row[] {
  const rows: Row[] = []
  if (input.more) rows.push({ key: "older", type: "older", at: 0 })
  let day = -1
  let caseNumber = input.whole ? 0 : -1
  let author: number | null | undefined
  let last = 0
  let unread = input.unreadMark
  const startDay = (at: number) => {
    if (dayNumber(at) === day) return
    day = dayNumber(at)
    author = undefined
    rows.push({ key: `d${day}`, type: "day", at })
  }
  for (const item of input.items) {
    const at = Date.parse(item.type === "message" ? item.message.at : item.entry.at)
    startDay(at)
    if (unread !== undefined && item.seq > unread && item.type === "message" && item.message.by !== input.me) {
      const mark = unread
      const count = input.items.filter((one) =>
        one.seq > mark && one.type === "message" && one.message.by !== input.me
      ).length
      rows.push({ key: "unread", type: "unread", at, count })
      unread = undefined
      author = undefined
    }
    if (item.type !== "message") {
      rows.push({ key: `e${item.seq}`, type: "event", at, item })
      author = undefined
      continue
    }
    const message = item.message
    if (caseNumber >= 0 && message.case > caseNumber) {
      rows.push({ key: `c${message.case}`, type: "opened", at, case: message.case })
      author = undefined
    }
    caseNumber = message.case
    const first = author === undefined || author !== message.by || at - last > together
    rows.push({ key: `m${message.seq}`, type: "message", at, message, first })
    author = message.by
    last = at
  }
  for (const item of input.outbox) {
    if (item.verb !== "send") continue
    const at = item.ackedAt ? Date.parse(item.ackedAt) : item.at
    if (dayNumber(at) > day) startDay(at)
    const first = author !== input.me || at - last > together
    rows.push({ key: `o${item.key}`, type: "sending", at, item, first })
    author = input.me
    last = at
  }
  if (input.rate) rows.push({ key: "rate", type: "rate", at: input.now })
  if (input.typing) rows.push({ key: "typing", type: "typing", at: input.now })
  return rows
}

/** The key of the row that shows an entry of the log: a message, else something that happened to a case or a document. */
export function rowOf(rows: readonly Row[], seq: number): string | undefined {
  return rows.find((row) => row.key === `m${seq}`)?.key ?? rows.find((row) => row.key === `e${seq}`)?.key
}
