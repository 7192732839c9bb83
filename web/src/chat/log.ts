// A topic's log on this page: a fold over its entries. What it shows depends on the entries alone, never on the order in
// which pages of them arrived: older pages may come late, and an edit may be here before its message is.
import type { WorkState } from "../documents/record.ts"
import type {
  ChangeEntry,
  CloseEntry,
  Entry,
  EntryDocument,
  MarkEntry,
  MessageEntry,
  PauseEntry,
  RateEntry,
  ReopenEntry,
  ResumeEntry,
} from "../shared/net/protocol.ts"

/** What a reader may still see of a message that was taken back (the server decides; this says what to drop at once). */
export interface Reader {
  /** Bodies that a client deleted: admin and supervisor. */
  deleted: boolean
  /** Bodies that were redacted: admin. */
  redacted: boolean
}

/** A message as it reads now. A new object whenever anything about it changes, so that a view can compare by identity. */
export interface Message {
  seq: number
  at: string
  by: number | null
  staff: boolean
  case: number
  /** The newest text; undefined when this reader may not open it. */
  body: string | undefined
  reply: number | undefined
  holding: boolean
  /** 1, plus one for every edit, delete and redaction. */
  version: number
  edits: number
  deleted: { at: string; by: number | null; staff: boolean } | undefined
  redacted: { at: string; by: number | null; reason: string | undefined } | undefined
  /** Its text is gone for good; then it counts as redacted too, by whoever confirmed that. */
  erased: boolean
  /** What it carries, as long as this reader may open it. */
  documents: readonly EntryDocument[]
  /** The steps of the work on them that are on this page, ascending. */
  marks: readonly MarkEntry[]
}

/** What stands in the log in its place by seq: messages and what happened to their case. */
export type Item =
  | { type: "message"; seq: number; message: Message }
  | { type: EventEntry["kind"]; seq: number; entry: EventEntry }
type EventEntry = CloseEntry | ReopenEntry | RateEntry | MarkEntry | PauseEntry | ResumeEntry

export class TopicLog {
  /** Rows first … head are here without a gap; first is head + 1 while there is none. */
  first = 1
  head = 0
  headHash: string | null = null
  /** Older rows exist before `first`. */
  more = false
  /** Grows with every change. */
  revision = 0

  private readonly reader: Reader
  private readonly bases = new Map<number, MessageEntry>()
  private readonly changes = new Map<number, ChangeEntry[]>()
  private readonly views = new Map<number, Message>()
  private readonly others = new Map<number, EventEntry>()
  private readonly marks = new Map<number, MarkEntry[]>()
  private order: number[] = []
  private cached: { revision: number; items: Item[] } = { revision: -1, items: [] }

  constructor(reader: Reader) {
    this.reader = reader
  }

  /** The newest page, or everything after a reset: forgets what was here. */
  reset(entries: readonly Entry[], head: number, hash: string | null, more: boolean): void {
    this.bases.clear()
    this.changes.clear()
    this.views.clear()
    this.others.clear()
    this.marks.clear()
    this.order = []
    this.first = entries[0]?.seq ?? head + 1
    this.head = head
    this.headHash = hash
    this.more = more
    for (const entry of entries) this.take(entry)
    this.sortOrder()
    this.revision++
  }

  /** The next row. `gap` when rows between are missing (ask for them), `known` when it is here already. */
  append(entry: Entry): "added" | "known" | "gap" {
    if (entry.seq <= this.head) return "known"
    if (entry.seq !== this.head + 1) return "gap"
    if (this.first > this.head) this.first = entry.seq
    this.head = entry.seq
    this.headHash = entry.hash
    this.take(entry)
    this.revision++
    return "added"
  }

  /** A page that ends right before `first`. Rows that overlap are ignored; a page that leaves a gap is refused. */
  prepend(entries: readonly Entry[], more: boolean): boolean {
    const older = entries.filter((entry) => entry.seq < this.first)
    const last = older[older.length - 1]
    if (last && last.seq !== this.first - 1) return false
    const known = this.order
    this.order = []
    for (const entry of older) this.take(entry)
    this.sortOrder()
    this.order = this.order.concat(known)
    this.first = older[0]?.seq ?? this.first
    this.more = more
    this.revision++
    return true
  }

  message(seq: number): Message | undefined {
    const base = this.bases.get(seq)
    if (!base) return undefined
    let view = this.views.get(seq)
    if (!view) {
      view = read(base, this.changes.get(seq) ?? [], this.marks.get(seq) ?? [])
      this.views.set(seq, view)
    }
    return view
  }

  /** Every row of a message that is here, ascending by version; complete when it has the message and no version is missing. */
  versions(seq: number): { entries: Entry[]; complete: boolean } {
    const base = this.bases.get(seq)
    const changes = this.changes.get(seq) ?? []
    const entries: Entry[] = base ? [base, ...changes] : [...changes]
    return { entries, complete: base !== undefined && changes.every((change, i) => change.version === i + 2) }
  }

  items(): Item[] {
    if (this.cached.revision === this.revision) return this.cached.items
    const items: Item[] = []
    for (const seq of this.order) {
      const message = this.message(seq)
      if (message) items.push({ type: "message", seq, message })
      else {
        const entry = this.others.get(seq)
        if (entry) items.push({ type: entry.kind, seq, entry })
      }
    }
    this.cached = { revision: this.revision, items }
    return items
  }

  /** The pause that stands, as far as the log is here: an answer ends none, a client's next message does. */
  pause(): PauseEntry | undefined {
    for (let i = this.order.length - 1; i >= 0; i--) {
      const seq = this.order[i] ?? 0
      const base = this.bases.get(seq)
      if (base) {
        if (base.staff) continue
        return undefined
      }
      const other = this.others.get(seq)
      if (other?.kind === "pause") return other
      if (other?.kind === "resume" || other?.kind === "close") return undefined
    }
    return undefined
  }

  /** Messages of others past a read mark, as far as they are here; undefined when the mark lies before `first`. */
  unreadAfter(mark: number, me: number): number | undefined {
    if (mark + 1 < this.first) return undefined
    let count = 0
    for (let i = this.order.length - 1; i >= 0; i--) {
      const seq = this.order[i] ?? 0
      if (seq <= mark) break
      const base = this.bases.get(seq)
      if (base && base.by !== me) count++
    }
    return count
  }

  private take(entry: Entry): void {
    switch (entry.kind) {
      case "message":
        this.bases.set(entry.seq, entry)
        this.order.push(entry.seq)
        this.views.delete(entry.seq)
        // Its deletion may have come first.
        if (this.changes.has(entry.seq)) this.forget(entry.seq)
        return
      case "edit":
      case "delete":
      case "redact":
      case "erase": {
        const changes = this.changes.get(entry.message) ?? []
        if (changes.some((change) => change.version === entry.version)) return
        changes.push(entry)
        changes.sort((a, b) => a.version - b.version)
        this.changes.set(entry.message, changes)
        this.views.delete(entry.message)
        this.forget(entry.message)
        return
      }
      case "document": {
        const marks = this.marks.get(entry.message) ?? []
        this.marks.set(entry.message, [...marks, entry].sort((a, b) => a.seq - b.seq))
        this.views.delete(entry.message)
        this.others.set(entry.seq, entry)
        this.order.push(entry.seq)
        return
      }
      case "close":
      case "reopen":
      case "rate":
      case "pause":
      case "resume":
        this.others.set(entry.seq, entry)
        this.order.push(entry.seq)
    }
  }

  /** Drops the bodies of a message that a client took back or that was redacted, unless this reader may keep them; what was erased nobody keeps. */
  private forget(seq: number): void {
    const changes = this.changes.get(seq) ?? []
    const gone = changes.some((change) =>
      (change.kind === "delete" && !change.staff && !this.reader.deleted) ||
      (change.kind === "redact" && !this.reader.redacted) || change.kind === "erase"
    )
    if (!gone) return
    const base = this.bases.get(seq)
    if (base && base.body !== undefined) {
      const { body: _, documents: __, ...rest } = base
      this.bases.set(seq, { ...rest, hidden: true })
    }
    this.changes.set(
      seq,
      changes.map((change) => {
        if (change.kind !== "edit" || change.body === undefined) return change
        const { body: _, ...rest } = change
        return { ...rest, hidden: true }
      }),
    )
    this.views.delete(seq)
  }

  private sortOrder(): void {
    this.order.sort((a, b) => a - b)
  }
}

/** How far the work on a document is, as far as these rows tell. */
export function markedState(marks: readonly MarkEntry[], document: number): WorkState | undefined {
  return marks.findLast((mark) => mark.document === document)?.state
}

function read(base: MessageEntry, changes: readonly ChangeEntry[], marks: readonly MarkEntry[]): Message {
  const message: Message = {
    seq: base.seq,
    at: base.at,
    by: base.by,
    staff: base.staff,
    case: base.case,
    body: base.body,
    reply: base.reply,
    holding: base.holding === true,
    version: base.version,
    edits: 0,
    deleted: undefined,
    redacted: undefined,
    erased: false,
    documents: base.documents ?? [],
    marks,
  }
  for (const change of changes) {
    message.version = Math.max(message.version, change.version)
    if (change.kind === "edit") {
      message.edits++
      message.body = change.body
    } else if (change.kind === "delete") {
      message.deleted = { at: change.at, by: change.by, staff: change.staff }
    } else {
      message.redacted = { at: change.at, by: change.by, reason: change.kind === "redact" ? change.body : undefined }
      if (change.kind === "erase") message.erased = true
    }
  }
  return message
}
