// The small parts of documents: picture or icon, how far the work is, how far an upload is.
import { useEffect, useRef, useState } from "react"
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
import { useAddress } from "./useAddress.ts"

/** The first page, small, once it has been in view; an icon while there is none. */
export function Thumb({ record, type, name }: { record: DocumentRecord | undefined; type: string; name: string }) {
  const place = useRef<HTMLSpanElement>(null)
  const seen = useSeen(place)
  const ready = record?.media === "ready"
  const { address, failed } = useAddress(record?.document ?? 0, "thumbnail", ready && seen, record?.topic ?? 0)
  if (address === undefined) {
    return (
      <span ref={place} className="pv pv--icon" aria-hidden="true" data-kind={kindOf(type)}>
        <Icon name={kindIcon[kindOf(type)]} size={24} />
        <span>{type}</span>
      </span>
    )
  }
  return (
    <span className="pv">
      <img src={address} alt={name} decoding="async" data-testid="thumbnail" onError={failed} />
    </span>
  )
}

/** Whether an element has been in view, or nearly so. */
function useSeen(place: { readonly current: Element | null }): boolean {
  const [seen, setSeen] = useState(false)
  useEffect(() => {
    const element = place.current
    if (seen || !element) return
    const observer = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) setSeen(true)
    }, { rootMargin: "200px" })
    observer.observe(element)
    return () => observer.disconnect()
  }, [place, seen])
  return seen
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
