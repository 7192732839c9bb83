// How long a client has been waiting for an answer: a ring that empties, amber when little is left, red when nothing is.
import { clock as clockText, dateTime } from "../shared/i18n/format.ts"
import { useT } from "../shared/i18n/index.tsx"
import { useNow } from "../shared/clock.ts"
import { useSignal } from "../shared/signal.ts"
import { Icon } from "../shared/ui/basics.tsx"
import { useApp } from "./context.tsx"

export function Waiting({ topic, since, long = false }: { topic: number; since: string; long?: boolean }) {
  const t = useT()
  const { chat } = useApp()
  useSignal(chat.clocks.signal)
  const now = useNow(15_000)
  const clock = chat.clocks.of(topic)
  const from = Date.parse(since)
  const state = clock ? chat.clocks.state(clock, now) : "open"
  const left = clock && chat.clocks.left(clock, now)
  if (clock && state === "paused") {
    return (
      <span
        className="sla"
        data-state="paused"
        data-testid="waiting"
        title={t("waiting.paused.title", { wanted: clock.wanted ?? "" })}
      >
        <Icon name="pause" size={12} />
        {t("waiting.paused")}
      </span>
    )
  }
  // Until the clock has come, and where nothing is measured: how long it has been.
  const waited = Math.max(0, now - from)
  const target = clock?.target
  const measured = left !== undefined && target !== undefined
  const share = measured ? Math.max(0, Math.min(100, Math.round(left / target * 100))) : 100
  const days = Math.floor(waited / 86_400_000)
  const text = measured
    ? `${left < 0 ? "−" : ""}${clockText(Math.abs(left) * 1000)}`
    : days > 0
    ? t("days", { n: days })
    : clockText(waited)
  const due = clock?.due === undefined ? undefined : Date.parse(clock.due)
  const title = [
    t("waiting.since", { at: dateTime(from) }),
    due === undefined ? "" : t(state === "late" ? "waiting.late" : "waiting.due", { at: dateTime(due) }),
  ].filter(Boolean).join("\n")
  return (
    <span className="sla" data-state={state === "open" ? "ok" : state} title={title} data-testid="waiting">
      <svg className="ring" viewBox="0 0 12 12" aria-hidden="true">
        <circle cx="6" cy="6" r="4.6" />
        <circle cx="6" cy="6" r="4.6" pathLength="100" strokeDasharray={`${state === "late" ? 100 : share} 100`} />
      </svg>
      <span className="sr">{t("waiting")}:</span>
      {long && (measured || days === 0) ? <span className="wide">{t("waiting")}</span> : null}
      {text}
    </span>
  )
}
