// The wire protocol of docs/protocol.md as types. Field names are the wire's.
import type { DocumentRecord, WorkState } from "../../documents/record.ts"

export type TopicKind = "bank" | "dogovor" | "faktura" | "dovernost" | "ttn"
export const topicKinds: readonly TopicKind[] = ["bank", "dogovor", "faktura", "dovernost", "ttn"]

export type Role =
  | "admin"
  | "supervisor"
  | "accountant"
  | "client"
  | "warehouse"
  | "production"
  | "sales"
  | "agent"
  | "driver"

interface EntryBase {
  seq: number
  at: string
  /** null: the system (a silent close). */
  by: number | null
  /** Which side the author wrote from. */
  staff: boolean
  case: number
  hash: string
}

/** A document as the row of its message names it. */
export interface EntryDocument {
  document: number
  name: string
  size: number
  type: string
}
export interface MessageEntry extends EntryBase {
  kind: "message"
  message: number
  version: number
  body?: string
  hidden?: boolean
  reply?: number
  holding?: boolean
  documents?: EntryDocument[]
}
export interface EditEntry extends EntryBase {
  kind: "edit"
  message: number
  version: number
  body?: string
  hidden?: boolean
}
export interface DeleteEntry extends EntryBase {
  kind: "delete"
  message: number
  version: number
}
export interface RedactEntry extends EntryBase {
  kind: "redact"
  message: number
  version: number
  body?: string
}
/** Texts and files of a message are gone for good: two people have seen to it because the law demands it. */
export interface EraseEntry extends EntryBase {
  kind: "erase"
  message: number
  version: number
}
export interface CloseEntry extends EntryBase {
  kind: "close"
  /** Closed over a waiting client: only staff are told. */
  answer?: "none"
  /** Closed by the system because the company has left: only staff are told. */
  why?: "left"
}
/** Staff wait for something from the client: `body` says what. */
export interface PauseEntry extends EntryBase {
  kind: "pause"
  body?: string
}
export interface ResumeEntry extends EntryBase {
  kind: "resume"
  why: "rejected" | "ended"
  body?: string
}
export interface ReopenEntry extends EntryBase {
  kind: "reopen"
}
export interface RateEntry extends EntryBase {
  kind: "rate"
  stars: number
  body?: string
}
/** The work on a document has come further, or was sent back. */
export interface MarkEntry extends EntryBase {
  kind: "document"
  message: number
  document: number
  state: WorkState
  body?: string
}
/** A row of a topic's log, rendered for its reader. */
export type Entry =
  | MessageEntry
  | EditEntry
  | DeleteEntry
  | RedactEntry
  | EraseEntry
  | CloseEntry
  | ReopenEntry
  | RateEntry
  | MarkEntry
  | PauseEntry
  | ResumeEntry
/** A row that gives a message another version. */
export type ChangeEntry = EditEntry | DeleteEntry | RedactEntry | EraseEntry

export interface Person {
  account: number
  name: string
  role: Role
  staff: boolean
  participant: boolean
}

export interface Case {
  case: number
  state: "open" | "closed" | "rated"
  openedAt: string
  closedAt: string | null
  closedBy: number | null
  stars: number | null
}

export interface ReadMark {
  account: number
  seq: number
  at: string
}
export interface Presence {
  account: number
  online: boolean
  seen: string | null
}

export interface TopicState {
  topic: number
  epoch: string
  head: number
  hash: string | null
  entries: Entry[]
  more: boolean
  reset?: boolean
  reads: ReadMark[]
  typing: number[]
  presence: Presence[]
  people: Person[]
  case: Case | null
  me: { read: number; unread: number; participant: boolean; write: boolean }
  observation?: { until: string }
}

export interface LastLine {
  seq: number
  kind: "message"
  by: number | null
  at: string
  text?: string
  /** How many documents it has. */
  documents?: number
  edited?: boolean
  deleted?: boolean
}

export interface InboxTopic {
  topic: number
  organisation: number
  kind: TopicKind
  head: number
  mark: number
  unread: number
  participant: boolean
  write: boolean
  last: LastLine | null
  case: Case | null
  waitingSince?: string | null
}
export interface Organisation {
  organisation: number
  name: string
  department: number | null
}
export interface Inbox {
  epoch: string
  account: number
  organisations: Organisation[]
  topics: InboxTopic[]
  people: Person[]
}

export interface Appended {
  topic: number
  seq: number
  at: string
  hash: string
  case?: number
  message?: number
  version?: number
}

export type TopicEvent = Omit<InboxTopic, "mark" | "unread"> & {
  row?: { seq: number; kind: Entry["kind"]; by: number | null }
}

export type ServerEvent =
  | { event: "entry"; topic: number; entry: Entry }
  | { event: "read"; topic: number; account: number; seq: number; at: string; unread?: number }
  | { event: "typing"; topic: number; account: number; on: boolean }
  | { event: "presence"; account: number; online: boolean; seen: string | null }
  | ({ event: "topic" } & TopicEvent)
  | { event: "person"; topic: number; people: Person[]; presence?: Presence[] }
  | { event: "document"; topic: number; document: DocumentRecord }
  | { event: "notification"; notification?: NotificationRecord; unread: number }
  | { event: "inbox" }
  | { event: "observation"; topic: number; state: "ended" }
  | { event: "lag"; topic: number }
  | { event: "session"; state: "ended" }

/** A line of one's bell. */
export interface NotificationRecord {
  id: number
  kind: string
  detail: Readonly<Record<string, unknown>>
  topic: number | null
  organisation: number | null
  at: string
  readAt: string | null
}

export interface WireError {
  code: string
  message: string
  temporary: boolean
}

/** What each verb asks for and answers with. */
export interface Verbs {
  inbox: { fields: Record<never, never>; ok: Inbox }
  subscribe: { fields: { topic: number; epoch?: string; after?: number }; ok: TopicState }
  unsubscribe: { fields: { topic: number }; ok: { topic: number } }
  send: {
    fields: { topic: number; key: string; body: string; reply?: number; holding?: boolean; documents?: number[] }
    ok: Appended
  }
  mark: {
    fields: { topic: number; document: number; state: WorkState; reason?: string; key: string }
    ok: Appended
  }
  edit: { fields: { topic: number; message: number; key: string; body: string }; ok: Appended }
  delete: { fields: { topic: number; message: number; key: string }; ok: Appended }
  redact: { fields: { topic: number; message: number; reason: string; key: string }; ok: Appended }
  history: {
    fields: { topic: number; before?: number; after?: number; limit?: number }
    ok: { topic: number; entries: Entry[]; more: boolean; people?: Person[] }
  }
  versions: {
    fields: { topic: number; message: number }
    ok: { topic: number; message: number; entries: Entry[]; people?: Person[] }
  }
  read: { fields: { topic: number; seq: number }; ok: { topic: number; seq: number } }
  close: { fields: { topic: number; key: string; answer?: "none" }; ok: Appended }
  pause: { fields: { topic: number; key: string; body: string }; ok: Appended }
  resume: { fields: { topic: number; key: string; reason?: string }; ok: Appended }
  reopen: { fields: { topic: number; key: string }; ok: Appended }
  rate: { fields: { topic: number; case: number; stars: number; comment?: string; key: string }; ok: Appended }
  observe: { fields: { topic: number; reason: string }; ok: TopicState }
  unobserve: { fields: { topic: number }; ok: { topic: number } }
}
export type Verb = keyof Verbs
