// The month in five figures, each of which opens the rows behind it.
import type { ReactNode } from "react"
import { number } from "../shared/i18n/format.ts"
import { Stars } from "../shared/ui/basics.tsx"
import { Sparkline } from "./charts.tsx"
import type { FigureKind, Figures, Group } from "./data.ts"
import { monthName, share, shareChange, span, useSay } from "./words.ts"

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
  const change = (text: string, isGood: boolean) => (
    <span className={`figures__delta ${isGood ? "ok" : "danger"}`}>{text}</span>
  )
  const delta = (value: Value, old: Value, better: "less" | "more", text: (by: number) => string) => {
    if (value === null || value === undefined || old === null || old === undefined || value === old) return null
    return change(`${value < old ? "−" : "+"}${text(Math.abs(value - old))}`, (value < old) === (better === "less"))
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
  const median = (of: "first" | "responses", label: string) =>
    cell(
      of,
      label,
      span(now[of].median, words),
      now[of].count,
      (figures) => figures[of].median,
      delta(now[of].median, before[of].median, "less", (by) => span(by, words)),
    )
  const moved = shareChange(now.share, before.share)
  return (
    <div className="strip" data-testid="strip">
      {median("first", words("firstMedian"))}
      {median("responses", words("everyMedian"))}
      {cell(
        "hits",
        words("within"),
        share(now.share, words),
        now.hits,
        (of) => of.share,
        <>
          {moved === null ? null : change(moved, moved.startsWith("+"))}
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
