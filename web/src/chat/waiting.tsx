// How long a client has been waiting for an answer: a ring that fills, amber when it gets long, red when it is.
import { clock, dateTime } from "../shared/i18n/format.ts"
import { useT } from "../shared/i18n/index.tsx"
import { useNow } from "../shared/clock.ts"

/** When a wait counts as long, until a client's own target is known here. */
const longWait = 2 * 3_600_000

export function Waiting({ since, long = false }: { since: string; long?: boolean }) {
  const t = useT()
  const now = useNow(15_000)
  const from = Date.parse(since)
  const waited = Math.max(0, now - from)
  const share = Math.min(100, Math.round(waited / longWait * 100))
  const state = share >= 100 ? "late" : share >= 75 ? "soon" : "ok"
  const days = Math.floor(waited / 86_400_000)
  const text = days > 0 ? t("days", { n: days }) : clock(waited)
  return (
    <span className="sla" data-state={state} title={t("waiting.since", { at: dateTime(from) })} data-testid="waiting">
      <svg className="ring" viewBox="0 0 12 12" aria-hidden="true">
        <circle cx="6" cy="6" r="4.6" />
        <circle cx="6" cy="6" r="4.6" pathLength="100" strokeDasharray={`${share} 100`} />
      </svg>
      <span className="sr">{t("waiting")}:</span>
      {long && days === 0 ? <span className="wide">{t("waiting")}</span> : null}
      {text}
    </span>
  )
}
