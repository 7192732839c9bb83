// Bonus rules as they are typed, and what was meant.
import type { Line, RuleLine, Rules } from "./data.ts"

export interface Typed {
  from: string
  value: string
}
export interface TypedLine {
  minimum: string
  steps: Typed[]
}
export type Draft = Record<Line, TypedLine> & { cap: string }

export const comma = (value: number): string => String(value).replace(".", ",")

/** Rules as they are typed: shares in per cent, factors as factors. */
export function typed(rules: Rules | undefined): Draft {
  const line = (of: RuleLine | undefined, name: Line): TypedLine => {
    const [from, value] = name === "sla" ? [100, 10_000] : [1, 1]
    return {
      minimum: comma((of?.minimum ?? 0) / from),
      steps: (of?.steps ?? []).map((step) => ({ from: comma(step.from / from), value: comma(step.value / value) })),
    }
  }
  return {
    documents: line(rules?.documents, "documents"),
    positive: line(rules?.positive, "positive"),
    negative: line(rules?.negative, "negative"),
    sla: line(rules?.sla, "sla"),
    cap: rules?.cap === undefined || rules.cap === null ? "" : String(rules.cap),
  }
}

/** What was typed as a whole number of ten-thousandths, hundredths or ones; NaN when it is none. Never through a fraction of a double. */
export function scaled(text: string, digits: number): number {
  const match = /^(-?)(\d{1,13})(?:[.,](\d+))?$/.exec(text.replaceAll(/[\s\u00a0]/g, "").replace("−", "-"))
  const fraction = match?.[3] ?? ""
  if (!match || fraction.length > digits) return Number.NaN
  return Number(`${match[1]}${match[2]}${fraction.padEnd(digits, "0")}`)
}

/** The rules that were typed; undefined when something in them is no number. */
export function meant(draft: Draft): Rules | undefined {
  let sound = true
  const whole = (text: string, digits: number): number => {
    const value = scaled(text, digits)
    if (Number.isNaN(value)) sound = false
    return value
  }
  const line = (name: Line): RuleLine => {
    const [from, value] = name === "sla" ? [2, 4] : [0, 0]
    const typedLine = draft[name]
    return {
      minimum: whole(typedLine.minimum, from),
      steps: typedLine.steps.map((step) => ({ from: whole(step.from, from), value: whole(step.value, value) })),
    }
  }
  const rules: Rules = {
    documents: line("documents"),
    positive: line("positive"),
    negative: line("negative"),
    sla: line("sla"),
    cap: draft.cap.trim() === "" ? null : whole(draft.cap, 0),
  }
  return sound ? rules : undefined
}
