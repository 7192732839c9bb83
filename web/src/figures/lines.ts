// The lines of a bonus, in words and numbers.
import { number } from "../shared/i18n/format.ts"
import { type Correction, type CountName, countNames, type Line } from "./data.ts"
import type { FigureWord, Say } from "./words.ts"

export const lineWords: Record<Line, FigureWord> = {
  documents: "lineDocuments",
  positive: "linePositive",
  negative: "lineNegative",
  sla: "lineSla",
}
/** The same above a column. */
export const lineHeads: Record<Line, FigureWord> = {
  documents: "documents",
  positive: "headPositive",
  negative: "headNegative",
  sla: "sla",
}
export const factorText = (factor: number): string => String(factor / 10_000).replace(".", ",")
/** +2, −1. */
export const signed = (value: number): string => (value > 0 ? "+" : "") + number(value)

export const countWords: Record<CountName, FigureWord> = {
  documents: "rowsDocuments",
  positive: "countPositive",
  negative: "countNegative",
  hits: "rowsHits",
  misses: "rowsMisses",
}

/** `documents +2`, `responses in time +1, late responses −1`: no language needs another form of the noun for that. */
export const correctionText = (correction: Correction, words: Say): string =>
  countNames.filter((name) => correction[name] !== 0)
    .map((name) => `${words(countWords[name])} ${signed(correction[name])}`).join(", ")
