// Which topics, from which day, to which: the same for one assignment and for many at once.
import { useState } from "react"
import { topicName } from "../chat/words.ts"
import { date, toIsoDay } from "../shared/i18n/format.ts"
import { type Translate, useT } from "../shared/i18n/index.tsx"
import { type TopicKind, topicKinds } from "../shared/net/protocol.ts"
import { DayField } from "../shared/ui/dayInput.tsx"
import { Check } from "../shared/ui/field.tsx"
import type { Errors } from "./form.tsx"

export interface Span {
  topics: readonly TopicKind[]
  /** As typed. */
  from: string
  to: string
}

/** All topics from today on, until something else is chosen. */
export const useSpan = () => useState<Span>(() => ({ topics: topicKinds, from: date(Date.now()), to: "" }))

/** What is wrong with it, by field. */
export function spanErrors(t: Translate, { topics, from, to }: Span): Errors {
  const first = toIsoDay(from)
  const last = toIsoDay(to)
  return {
    topics: topics.length === 0 ? t("admin.topics.required") : undefined,
    from: from.trim() === "" ? t("field.required") : first ? undefined : t("field.date"),
    to: to.trim() === ""
      ? undefined
      : !last
      ? t("field.date")
      : first && last < first
      ? t("field.date_order")
      : undefined,
  }
}

/** As REST takes it; undefined while the first day isn't one. */
export function spanFields({ topics, from, to }: Span): { topics: TopicKind[]; from: string; to?: string } | undefined {
  const first = toIsoDay(from)
  const last = toIsoDay(to)
  if (first === undefined) return undefined
  return { topics: topicKinds.filter((kind) => topics.includes(kind)), from: first, ...(last ? { to: last } : {}) }
}

interface SpanProps {
  span: Span
  onChange: (span: Span) => void
  errors: Errors
  /** What the test ids begin with. */
  name: string
}
export function SpanFields({ span, onChange, errors, name }: SpanProps) {
  const t = useT()
  const { topics, from, to } = span
  return (
    <>
      <fieldset className="field checks" data-invalid={errors["topics"] ? true : undefined}>
        <legend className="label">{t("admin.topics")}</legend>
        {topicKinds.map((kind) => (
          <Check
            key={kind}
            label={topicName(t, kind)}
            checked={topics.includes(kind)}
            testid={`${name}-${kind}`}
            onCheck={(checked) =>
              onChange({ ...span, topics: checked ? [...topics, kind] : topics.filter((one) => one !== kind) })}
          />
        ))}
        {errors["topics"] ? <span className="hint" role="alert">{errors["topics"]}</span> : null}
      </fieldset>
      <div className="two">
        <DayField
          label={t("admin.from")}
          value={from}
          error={errors["from"]}
          testid={`${name}-from`}
          onText={(from) => onChange({ ...span, from })}
        />
        <DayField
          label={t("admin.to")}
          value={to}
          error={errors["to"]}
          hint={t("admin.to.hint")}
          testid={`${name}-to`}
          onText={(to) => onChange({ ...span, to })}
        />
      </div>
    </>
  )
}
