// The documents of a topic, the newest first, by kind, person and month: a part of the details pane.
import { useCallback, useEffect, useRef, useState } from "react"
import { useApp } from "../chat/context.tsx"
import { markedState } from "../chat/log.ts"
import type { TopicView } from "../chat/topicView.ts"
import { errorText, personName, when } from "../chat/words.ts"
import { useNow } from "../shared/clock.ts"
import { useT } from "../shared/i18n/index.tsx"
import { ApiError } from "../shared/net/api.ts"
import { useSignal } from "../shared/signal.ts"
import { Icon } from "../shared/ui/basics.tsx"
import { Choice } from "../shared/ui/choice.tsx"
import type { GalleryFilter } from "./library.ts"
import { months } from "./months.ts"
import { Steps, Thumb } from "./parts.tsx"
import type { DocumentRecord } from "./record.ts"
import { viewing } from "./viewing.ts"
import { mediaText, versionText } from "./words.ts"

const kinds = ["all", "image", "pdf", "other"] as const

export function Gallery({ view }: { view: TopicView }) {
  const t = useT()
  const { chat } = useApp()
  const library = chat.papers.library
  useSignal(library.signal)
  useSignal(view.signal)
  const now = useNow(60_000)
  const [filter, setFilter] = useState<GalleryFilter>({})
  const [open, setOpen] = useState(false)
  const [ids, setIds] = useState<readonly number[]>()
  const [next, setNext] = useState<number>()
  const [error, setError] = useState<string>()
  const turn = useRef(0)
  // A message with documents came, or one was taken back: the list is read again.
  const revision = view.log.items().filter((item) => item.type === "message" && item.message.documents.length > 0)
    .map((item) => item.seq).join(",")

  const load = useCallback(async (before?: number) => {
    const mine = ++turn.current
    setError(undefined)
    try {
      const page = await library.gallery(view.topic, filter, before)
      if (mine !== turn.current) return
      const found = page.items.map((item) => item.document)
      setIds((old) => before === undefined ? found : [...(old ?? []), ...found])
      setNext(page.next)
    } catch (cause) {
      if (!(cause instanceof ApiError)) throw cause
      if (mine === turn.current) setError(cause.code)
    }
  }, [library, view, filter])
  useEffect(() => void load(), [load, revision])

  const people = [...view.people.values()].sort((a, b) => a.name.localeCompare(b.name))
  const shown = (ids ?? []).flatMap((id) => library.get(id) ?? [])
  const filtered = filter.kind !== undefined || filter.person !== undefined || filter.month !== undefined
  const change = (part: { [K in keyof GalleryFilter]: GalleryFilter[K] | undefined }) => {
    const merged = { ...filter, ...part }
    setFilter({
      ...(merged.kind ? { kind: merged.kind } : {}),
      ...(merged.person === undefined ? {} : { person: merged.person }),
      ...(merged.month ? { month: merged.month } : {}),
    })
  }
  return (
    <section data-testid="gallery">
      <h3>
        {t("gallery.title")} <span className="n">{shown.length}{next === undefined ? "" : "+"}</span>
        <span className="grow" />
        <button
          type="button"
          className="btn btn--quiet btn--sm"
          aria-expanded={open}
          data-testid="gallery-filter"
          onClick={() => setOpen(!open)}
        >
          <Icon name="filter" size={14} />
          {t(filtered ? "gallery.filtered" : "gallery.filter")}
        </button>
      </h3>
      {open
        ? (
          <div className="gfilter">
            <Choice
              label={t("gallery.kind")}
              options={kinds.map((id) => ({ id, label: t(`gallery.kind.${id}`), testid: `gallery-${id}` }))}
              value={filter.kind ?? "all"}
              onChange={(kind) => change({ kind: kind === "all" ? undefined : kind })}
            />
            <select
              className="select"
              aria-label={t("gallery.person")}
              data-testid="gallery-person"
              value={filter.person ?? ""}
              onChange={(event) => change({ person: Number(event.target.value) || undefined })}
            >
              <option value="">{t("gallery.person.all")}</option>
              {people.map((one) => <option key={one.account} value={one.account}>{one.name}</option>)}
            </select>
            <select
              className="select"
              aria-label={t("gallery.month")}
              data-testid="gallery-month"
              value={filter.month ?? ""}
              onChange={(event) => change({ month: event.target.value || undefined })}
            >
              <option value="">{t("gallery.month.all")}</option>
              {months(now, 24).map((month) => (
                <option key={month} value={month}>{month.slice(5)}.{month.slice(0, 4)}</option>
              ))}
            </select>
          </div>
        )
        : null}
      {error
        ? (
          <p className="danger s12" role="alert">
            {errorText(t, error)}{" "}
            <button type="button" className="link" onClick={() => void load()}>{t("retry")}</button>
          </p>
        )
        : ids === undefined
        ? <p className="t3 s12">{t("log.loading")}</p>
        : shown.length === 0
        ? <p className="t3 s12">{t(filtered ? "gallery.noneFound" : "gallery.none")}</p>
        : null}
      <div className={filter.kind === "image" ? "dgrid" : undefined}>
        {shown.map((record, at) => (
          <GalleryItem
            key={record.document}
            view={view}
            record={record}
            now={now}
            open={() =>
              viewing.set({
                view,
                list: shown.map((one) => ({ id: one.document, name: one.name, type: one.type, size: one.size })),
                at,
              })}
          />
        ))}
      </div>
      {next === undefined ? null : (
        <button
          type="button"
          className="btn btn--sm btn--block"
          data-testid="gallery-more"
          onClick={() => void load(next)}
        >
          {t("gallery.more")}
        </button>
      )}
    </section>
  )
}

interface ItemProps {
  view: TopicView
  record: DocumentRecord
  now: number
  open: () => void
}

/** One document; among pictures alone its words are hidden, and the picture is large. */
function GalleryItem({ view, record, now, open }: ItemProps) {
  const t = useT()
  const { chat } = useApp()
  const message = record.message === null ? undefined : view.log.message(record.message)
  const marks = message?.marks ?? []
  return (
    <button
      type="button"
      className="d"
      title={record.name}
      data-testid="gallery-item"
      data-document={record.document}
      onClick={open}
    >
      <span className="d__i">
        <Thumb record={record} type={record.type} name="" />
      </span>
      <span className="grow">
        <span className="cut d__n">{record.name}</span>
        {record.media === "ready" && !record.staff
          ? (
            <Steps
              view={view}
              state={markedState(marks, record.document) ?? record.state}
              sent={{ at: record.at, by: record.uploader }}
              marks={marks}
              plain
            />
          )
          : null}
        <span className="s11 t3 cut d__m">
          {mediaText(t, record) ?? [
            versionText(t, chat.papers.library, record),
            personName(t, chat.person(record.uploader, view), record.staff, record.uploader),
            when(t, Date.parse(record.at), now),
          ].filter(Boolean).join(" · ")}
        </span>
      </span>
    </button>
  )
}
