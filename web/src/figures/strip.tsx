// The month in five figures, each of which opens the rows behind it.
import type { ReactNode } from "react"
import { number } from "../shared/i18n/format.ts"
import { Stars } from "../shared/ui/basics.tsx"
import { Sparkline } from "./charts.tsx"
import type { FigureKind, Figures, Group } from "./data.ts"
import { monthName, share, span, useSay } from "./words.ts"

export const ratings = (figures: Figures): number => figures.stars.reduce((sum, one) => sum + one, 0)
export const average = (figures: Figures): number | null =>
  ratings(figures) === 0 ? null : figures.stars.reduce((sum, one, i) => sum + one * (i + 1), 0) / ratings(figures)
export const oneDigit = (value: number): string => value.toFixed(1).replace(".", ",")

interface StripProps {
  now: Figures
  before: Figures
  /** The month and those before it, the newest last. */
  months: Group[]
  open: (figure: FigureKind) => void
}
export function Strip({ now, before, months, open }: StripProps) {
  const words = useSay()
  type Value = number | null | undefined
  const delta = (value: Value, old: Value, better: "less" | "more", text: (by: number) => string) => {
    if (value === null || value === undefined || old === null || old === undefined || value === old) return null
    const good = (value < old) === (better === "less")
    return (
      <span className={`figures__delta ${good ? "ok" : "danger"}`}>
        {value < old ? "−" : "+"}
        {text(Math.abs(value - old))}
      </span>
    )
  }
  const cell = (
    figure: FigureKind,
    label: string,
    text: string,
    count: number,
    trend: (of: Figures) => Value,
    rest: ReactNode,
  ) => (
    <div>
      <div className="l">{label}</div>
      <div className="row">
        {count === 0 ? <span className="fig" data-testid={`strip-${figure}`}>{text}</span> : (
          <button
            type="button"
            className="fig fig--open"
            aria-label={`${label}: ${text}. ${words("press")}`}
            data-testid={`strip-${figure}`}
            onClick={() => open(figure)}
          >
            {text}
          </button>
        )}
        {rest}
      </div>
      <Sparkline
        label={words("trend", { figure: label })}
        places={months.map((one) => monthName(one.name, words.language))}
        values={months.map((one) => trend(one.figures) ?? null)}
      />
    </div>
  )
  const mean = average(now)
  const time = (by: number) => span(by, words)
  return (
    <div className="strip" data-testid="strip">
      {cell(
        "first",
        words("firstMedian"),
        span(now.first.median, words),
        now.first.count,
        (of) => of.first.median,
        delta(now.first.median, before.first.median, "less", time),
      )}
      {cell(
        "responses",
        words("everyMedian"),
        span(now.responses.median, words),
        now.responses.count,
        (of) => of.responses.median,
        delta(now.responses.median, before.responses.median, "less", time),
      )}
      {cell(
        "hits",
        words("within"),
        share(now.share, words),
        now.hits,
        (of) => of.share,
        <>
          {delta(now.share, before.share, "more", (by) => oneDigit(by / 100))}
          {now.misses === 0 ? null : (
            <button
              type="button"
              className="link s12 danger"
              data-testid="strip-misses"
              onClick={() => open("misses")}
            >
              {words("late", { n: now.misses })}
            </button>
          )}
        </>,
      )}
      {cell(
        "documents",
        words("processed"),
        number(now.documents),
        now.documents === 0 ? 0 : 1,
        (of) => of.documents,
        delta(now.documents, before.documents, "more", number),
      )}
      {cell(
        "ratings",
        words("rating"),
        mean === null ? words("none") : oneDigit(mean),
        ratings(now),
        average,
        mean === null ? null : <Stars value={Math.round(mean)} label={`${oneDigit(mean)} / 5`} />,
      )}
    </div>
  )
}
