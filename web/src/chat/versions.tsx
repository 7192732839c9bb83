// The earlier versions of a message, opened in place: what each edit took away and put in.
import { useEffect, useState } from "react"
import { dateTime } from "../shared/i18n/format.ts"
import { useT } from "../shared/i18n/index.tsx"
import type { Entry } from "../shared/net/protocol.ts"
import { RequestError } from "../shared/net/socket.ts"
import { wordDiff } from "../shared/text.ts"
import { useApp } from "./context.tsx"
import { errorText, personName } from "./words.ts"
import type { TopicView } from "./topicView.ts"

type Bodied = Extract<Entry, { kind: "message" | "edit" }>

/** The rows of a message that carry a text, oldest first. */
export function useVersions(view: TopicView, seq: number, version: number): { rows: Bodied[]; error?: string } {
  const { chat } = useApp()
  const known = view.log.versions(seq)
  const [loaded, setLoaded] = useState<{ version: number; entries: Entry[]; error?: string }>()
  const complete = known.complete
  useEffect(() => {
    if (complete) return
    let stale = false
    chat.history.versions(view, seq).then(
      (entries) => stale || setLoaded({ version, entries }),
      (error: unknown) =>
        stale || setLoaded({ version, entries: [], error: error instanceof RequestError ? error.code : "unknown" }),
    )
    return () => {
      stale = true
    }
  }, [chat, view, seq, version, complete])
  const entries = complete ? known.entries : loaded?.entries ?? known.entries
  const rows = entries.filter((entry): entry is Bodied => entry.kind === "message" || entry.kind === "edit")
  return loaded?.error === undefined || complete ? { rows } : { rows, error: loaded.error }
}

/** The newest text with what the last edit put in marked. */
export function Newest({ rows, fallback }: { rows: readonly Bodied[]; fallback: string }) {
  const now = rows[rows.length - 1]?.body
  const before = rows[rows.length - 2]?.body
  if (now === undefined || before === undefined || now !== fallback) return <>{fallback}</>
  return (
    <>
      {wordDiff(before, now).map((part, i) =>
        part.kind === "removed" ? null : part.kind === "added" ? <ins key={i}>{part.text}</ins> : part.text
      )}
    </>
  )
}

export function Versions(
  { view, rows, error }: { view: TopicView; rows: readonly Bodied[]; error: string | undefined },
) {
  const t = useT()
  const { chat } = useApp()
  // Newest of the old ones first: the message itself, above, is the newest of all.
  const old = rows.slice(0, -1).map((row, i) => ({ row, next: rows[i + 1] })).reverse()
  return (
    <div className="vers" data-testid="versions">
      {error ? <p className="danger s12">{errorText(t, error)}</p> : null}
      {rows.length === 0 && !error ? <span className="sk sk--line" /> : null}
      {old.map(({ row, next }) => (
        <div className="ver" key={row.seq} data-version={row.version}>
          <div className="ver__h">
            <b>{row.version === 1 ? t("version.original") : t("version.n", { n: row.version })}</b>
            {dateTime(Date.parse(row.at))} · {personName(t, chat.person(row.by, view), row.staff, row.by)}
          </div>
          <p>
            {row.body === undefined
              ? <i className="t3">{t("message.hidden")}</i>
              : next?.body === undefined
              ? row.body
              : wordDiff(row.body, next.body).map((part, i) =>
                part.kind === "added" ? null : part.kind === "removed" ? <del key={i}>{part.text}</del> : part.text
              )}
          </p>
        </div>
      ))}
    </div>
  )
}
