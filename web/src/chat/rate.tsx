// The card with which a client rates a closed case, once.
import { type KeyboardEvent, useEffect, useRef, useState } from "react"
import { useT } from "../shared/i18n/index.tsx"
import { RequestError } from "../shared/net/socket.ts"
import { Icon } from "../shared/ui/basics.tsx"
import { uuid } from "../shared/uuid.ts"
import { useApp } from "./context.tsx"
import { errorText } from "./words.ts"

export function StarInput(
  { value, onChange, label }: { value: number; onChange: (stars: number) => void; label: string },
) {
  const t = useT()
  const [over, setOver] = useState(0)
  const box = useRef<HTMLDivElement>(null)
  const keys = (event: KeyboardEvent) => {
    const by = event.key === "ArrowRight" || event.key === "ArrowUp"
      ? 1
      : event.key === "ArrowLeft" || event.key === "ArrowDown"
      ? -1
      : 0
    const digit = Number(event.key)
    const next = by !== 0 ? Math.max(1, Math.min(5, value + by)) : digit >= 1 && digit <= 5 ? digit : 0
    if (next === 0) return
    event.preventDefault()
    onChange(next)
    box.current?.querySelectorAll("button")[next - 1]?.focus()
  }
  return (
    <div
      className="stars stars--lg starinput"
      role="radiogroup"
      aria-label={label}
      ref={box}
      onPointerLeave={() => setOver(0)}
    >
      {[1, 2, 3, 4, 5].map((n) => (
        <button
          key={n}
          type="button"
          role="radio"
          aria-checked={value === n}
          aria-label={t("rate.stars", { n })}
          title={t("rate.stars", { n })}
          tabIndex={n === (value || 1) ? 0 : -1}
          data-testid={`star-${n}`}
          onKeyDown={keys}
          onPointerEnter={() => setOver(n)}
          onClick={() => onChange(n)}
        >
          <svg className={n <= (over || value) ? "i on" : "i"} aria-hidden="true">
            <use href="#star" />
          </svg>
        </button>
      ))}
    </div>
  )
}

export function RateCard(
  { topic, number, onReopen }: { topic: number; number: number; onReopen: (() => void) | undefined },
) {
  const t = useT()
  const { chat } = useApp()
  // The card's row comes and goes with scrolling; what was chosen stays, and so does the key.
  const first = useRef(chat.memory.rating(topic, number)).current
  const [stars, setStars] = useState(first?.stars ?? 0)
  const [comment, setComment] = useState(first?.comment ?? "")
  const [state, setState] = useState<"idle" | "busy" | "done">("idle")
  const [error, setError] = useState<string>()
  const [key, setKey] = useState(() => first?.key ?? uuid())
  useEffect(() => {
    if (state === "done") chat.memory.setRating(topic, undefined)
    else if (stars > 0 || comment !== "") chat.memory.setRating(topic, { case: number, stars, comment, key })
  }, [chat, topic, number, stars, comment, key, state])
  const send = () => {
    if (stars === 0) {
      setError(t("rate.choose"))
      return
    }
    setState("busy")
    setError(undefined)
    chat.verbs.rate(topic, number, stars, comment.trim(), key).then(() => setState("done"), (raw: unknown) => {
      setState("idle")
      const code = raw instanceof RequestError ? raw.code : "unknown"
      // A refusal spends its key; an unanswered request keeps it, so that it counts once.
      if (raw instanceof RequestError && !raw.temporary) setKey(uuid())
      setError(errorText(t, code))
    })
  }
  if (state === "done") return null
  return (
    <section className="card ratecard" aria-label={t("rate.title", { n: number })} data-testid="rate-card">
      <b>{t("rate.title", { n: number })}</b>
      <StarInput value={stars} onChange={setStars} label={t("rate.label")} />
      <input
        className="input"
        aria-label={t("rate.comment")}
        placeholder={t("rate.comment")}
        maxLength={500}
        value={comment}
        data-testid="rate-comment"
        onChange={(event) => setComment(event.target.value)}
      />
      {error
        ? (
          <p className="danger s12 row" role="alert">
            <Icon name="alert" size={14} />
            {error}
          </p>
        )
        : null}
      <button
        type="button"
        className="btn btn--primary btn--block"
        aria-busy={state === "busy"}
        disabled={state === "busy"}
        data-testid="rate"
        onClick={send}
      >
        {t("rate.send")}
      </button>
      {onReopen
        ? (
          <button type="button" className="link s12" data-testid="rate-reopen" onClick={onReopen}>
            {t("case.notDone")}
          </button>
        )
        : null}
    </section>
  )
}
