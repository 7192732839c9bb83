// The small parts of documents: picture or icon, how far the work is, how far an upload is.
import { useEffect, useState } from "react"
import { useApp } from "../chat/context.tsx"
import type { TopicView } from "../chat/topicView.ts"
import { personName, when } from "../chat/words.ts"
import { useNow } from "../shared/clock.ts"
import { useT } from "../shared/i18n/index.tsx"
import type { MarkEntry } from "../shared/net/protocol.ts"
import { Icon } from "../shared/ui/basics.tsx"
import { Menu } from "../shared/ui/menu.tsx"
import { kindIcon, kindOf } from "./files.ts"
import { type DocumentRecord, stepsDone, type WorkState } from "./record.ts"

/** The first page, small; an icon while there is none. */
export function Thumb({ record, type, name }: { record: DocumentRecord | undefined; type: string; name: string }) {
  const { chat } = useApp()
  const library = chat.papers.library
  const [address, setAddress] = useState<string>()
  const [tries, setTries] = useState(0)
  const id = record?.media === "ready" ? record.document : undefined
  useEffect(() => {
    if (id === undefined) return setAddress(undefined)
    let live = true
    library.link(id, "thumbnail").then((found) => live && setAddress(found), () => live && setAddress(undefined))
    return () => {
      live = false
    }
  }, [library, id, tries])
  if (address === undefined) {
    return (
      <span className="pv pv--icon" aria-hidden="true" data-kind={kindOf(type)}>
        <Icon name={kindIcon[kindOf(type)]} size={24} />
        <span>{type}</span>
      </span>
    )
  }
  return (
    <span className="pv">
      <img
        src={address}
        alt={name}
        loading="lazy"
        decoding="async"
        data-testid="thumbnail"
        onError={() => {
          // An address lives for minutes; a page that was left open asks for a new one.
          if (id === undefined || tries >= 2) return setAddress(undefined)
          library.drop(id, "thumbnail")
          setTries(tries + 1)
        }}
      />
    </span>
  )
}

interface StepsProps {
  view: TopicView
  state: WorkState
  /** When and by whom it was sent. */
  sent: { at: string; by: number | null }
  marks: readonly MarkEntry[]
  plain?: boolean
}

/** Received → in work → processed, and sent back; who and when on a tap. */
export function Steps({ view, state, sent, marks, plain = false }: StepsProps) {
  const t = useT()
  const { chat } = useApp()
  const now = useNow(60_000)
  const [place, setPlace] = useState<DOMRect>()
  const done = stepsDone[state]
  const bars = (
    <>
      {[1, 2, 3, 4].map((n) => <i key={n} className={n <= done ? "on" : ""} />)}
      <span>{t(`doc.state.${state}`)}</span>
    </>
  )
  if (plain) return <span className="steps" data-state={state}>{bars}</span>
  const line = (by: number | null, staff: boolean, at: string) =>
    `${personName(t, chat.person(by, view), staff, by)}, ${when(t, Date.parse(at), now)}`
  return (
    <>
      <button
        type="button"
        className="steps"
        data-state={state}
        data-testid="doc-state"
        title={t("doc.state.hint")}
        aria-haspopup="dialog"
        onClick={(event) => {
          event.stopPropagation()
          setPlace(event.currentTarget.getBoundingClientRect())
        }}
      >
        {bars}
      </button>
      {place
        ? (
          <Menu
            label={t("doc.history")}
            items={[]}
            anchor={place}
            onClose={() => setPlace(undefined)}
            testid="doc-history"
            head={
              <div className="dochist">
                <div className="menu__head">{t("doc.history")}</div>
                <div>
                  <b>{t("doc.state.received")}</b>
                  <span>{line(sent.by, false, sent.at)}</span>
                </div>
                {marks.map((mark) => (
                  <div key={mark.seq}>
                    <b>{t(`doc.state.${mark.state}`)}</b>
                    <span>{line(mark.by, mark.staff, mark.at)}</span>
                    {mark.body ? <q>{mark.body}</q> : null}
                  </div>
                ))}
              </div>
            }
          />
        )
        : null}
    </>
  )
}

/** How much has gone, 0 to 1. */
export function Progress({ value, label, kind }: { value: number; label: string; kind?: "warn" | undefined }) {
  const percent = Math.round(value * 100)
  return (
    <span
      className="progress"
      role="progressbar"
      aria-label={label}
      aria-valuenow={percent}
      aria-valuemin={0}
      aria-valuemax={100}
      data-kind={kind}
    >
      <i style={{ width: `${percent}%` }} />
    </span>
  )
}
