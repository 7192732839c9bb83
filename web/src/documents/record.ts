// A document as REST and the `document` event tell of it (docs/protocol.md, "Document").

export type WorkState = "received" | "inWork" | "processed" | "returned"
/** What the work may come to by somebody's hand. */
export type Step = Exclude<WorkState, "received">
export type Media = "waiting" | "ready" | "pending" | "refused" | "failed"

export interface DocumentRecord {
  document: number
  topic: number
  name: string
  size: number
  type: string
  staff: boolean
  uploader: number
  at: string
  message: number | null
  replaces: number | null
  media: Media
  reason?: string
  unstamped?: boolean
  width?: number
  height?: number
  pages?: number
  state: WorkState
}

/** Which file of a document: `file` is the stamped one of staff and the cleaned one of clients. */
export type Rendition = "file" | "preview" | "thumbnail" | "original"

export interface Link {
  document: number
  address: string
  expires: string
}

/** Whether its file is a PDF: it was one, or it became one under its stamp. */
export const isPaper = (record: DocumentRecord): boolean =>
  record.type === "pdf" || record.staff && !record.unstamped && (record.type === "docx" || record.type === "xlsx" ||
      record.type === "txt" || record.type === "csv")

/** The next step of the work on a client's document, for whoever may take it. */
export function nextStep(state: WorkState, role: { processes: boolean; client: boolean }): Step | undefined {
  if (role.processes && (state === "received" || state === "returned")) return "inWork"
  if (role.processes && state === "inWork") return "processed"
  if (role.client && state === "processed") return "returned"
  return undefined
}

/** How many of the four bars are full. */
export const stepsDone: Readonly<Record<WorkState, number>> = { received: 1, inWork: 2, processed: 3, returned: 4 }

/** The newer of two things known of a document: it goes forward only, and an answer may be older than an event. */
export function newer(known: DocumentRecord | undefined, heard: DocumentRecord): DocumentRecord {
  const later = known?.media === "ready" && heard.media !== "ready" ? known : heard
  const message = known?.message ?? heard.message
  return later.message === message ? later : { ...later, message }
}
