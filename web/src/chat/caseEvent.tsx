// What became of a case, as a line of the log: opened again, closed, rated, paused, a document's state.
import { useT } from "../shared/i18n/index.tsx"
import { Icon, Stars } from "../shared/ui/basics.tsx"
import { useApp } from "./context.tsx"
import type { Row } from "./rows.ts"
import type { TopicView } from "./topicView.ts"
import { personName, when } from "./words.ts"

interface EventProps {
  view: TopicView
  row: Extract<Row, { type: "event" }>
  now: number
  onReject: (() => void) | undefined
}

export function CaseEvent({ view, row, now, onReject }: EventProps) {
  const t = useT()
  const { chat } = useApp()
  const entry = row.item.entry
  const who = personName(t, chat.person(entry.by, view), entry.staff, entry.by)
  const params = { n: entry.case, who, at: when(t, row.at, now) }
  if (entry.kind === "rate") {
    return (
      <div className="sys sys--rate" data-testid="case-rated">
        <Stars value={entry.stars} label={t("rate.given", { n: entry.stars })} />
        <span>{t("case.rated", params)}{entry.body ? ` «${entry.body}»` : ""}</span>
      </div>
    )
  }
  if (entry.kind === "document") {
    const name = view.log.message(entry.message)?.documents.find((one) => one.document === entry.document)?.name
    return (
      <div className="sys" data-testid="document-marked" data-state={entry.state}>
        <Icon name={entry.state === "returned" ? "undo" : entry.state === "processed" ? "check" : "file"} />
        <span>
          {t(`doc.marked.${entry.state}`, { ...params, name: name ?? t("doc.one") })}
          {entry.body ? ` «${entry.body}»` : ""}
        </span>
      </div>
    )
  }
  if (entry.kind === "pause") {
    const stands = view.log.pause()?.seq === entry.seq
    // Whom it is about gets a card as long as it stands; everybody else, and later, a line.
    if (!stands || chat.staff) {
      return (
        <div className="sys" data-testid="case-paused" data-stands={stands || undefined}>
          <Icon name="pause" />
          <span>{t("case.paused.row", { ...params, wanted: entry.body ?? "" })}</span>
        </div>
      )
    }
    return (
      <section className="card pausecard" data-testid="pause-card">
        <b className="row">
          <Icon name="pause" size={14} />
          {t("case.paused", params)}
        </b>
        <p>{entry.body}</p>
        {onReject
          ? (
            <button type="button" className="btn btn--sm" data-testid="reject-pause" onClick={onReject}>
              {t("case.reject")}
            </button>
          )
          : null}
      </section>
    )
  }
  if (entry.kind === "resume") {
    return (
      <div className="sys" data-testid="case-resumed" data-why={entry.why}>
        <Icon name={entry.why === "rejected" ? "x" : "right"} />
        <span>
          {entry.why === "rejected"
            ? t("case.rejected", { ...params, reason: entry.body ?? "" })
            : t("case.resumed", params)}
        </span>
      </div>
    )
  }
  // By the system: after a week of silence, or because the company has left.
  const closed = entry.kind !== "close" || entry.by !== null
    ? "case.closed"
    : entry.why === "left"
    ? "case.closedLeft"
    : "case.closedSilently"
  return (
    <div className="sys" data-testid={entry.kind === "close" ? "case-closed" : "case-reopened"}>
      <Icon name={entry.kind === "close" ? "check" : "undo"} />
      <span>
        {t(entry.kind === "reopen" ? "case.reopened" : closed, params)}
        {entry.kind === "close" && entry.answer === "none" ? ` · ${t("case.noAnswer")}` : ""}
      </span>
    </div>
  )
}
