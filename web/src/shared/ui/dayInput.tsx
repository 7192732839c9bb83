// A day as the firm writes it, DD.MM.YYYY. A browser's own date input shows the order of the browser's language, whatever the page's is.
import { type ChangeEvent, type InputHTMLAttributes, useEffect, useId, useState } from "react"
import { fromIsoDay, toIsoDay } from "../i18n/format.ts"
import { useT } from "../i18n/index.tsx"
import { dotted } from "./dayText.ts"
import { Field } from "./field.tsx"

type Input = Omit<InputHTMLAttributes<HTMLInputElement>, "type" | "value" | "onChange">

interface TextProps extends Input {
  /** As it is typed. */
  value: string
  onText: (text: string) => void
  testid?: string
}

/** What every field for a day has: the keypad of digits, the pattern, the dots that come by themselves. */
function useDayText(value: string, onText: (text: string) => void) {
  const t = useT()
  return {
    inputMode: "numeric" as const,
    autoComplete: "off",
    placeholder: t("field.date_form"),
    maxLength: 10,
    value,
    onChange: ({ target }: ChangeEvent<HTMLInputElement>) =>
      onText(dotted(target.value, value, target.selectionStart === target.value.length)),
  }
}

/** A field for a day without a label of its own; whoever uses it judges what was typed. */
export function DayText({ value, onText, testid, ...input }: TextProps) {
  return <input className="input num" {...useDayText(value, onText)} {...input} data-testid={testid} />
}

interface FieldProps {
  label: string
  /** As it is typed. */
  value: string
  onText: (text: string) => void
  error?: string | undefined
  hint?: string | undefined
  testid?: string
}
/** The same with a label, for forms that judge it when they are sent. */
export function DayField({ value, onText, ...field }: FieldProps) {
  return <Field {...field} {...useDayText(value, onText)} />
}

interface Props extends Input {
  /** yyyy-mm-dd; empty: none. */
  value: string
  /** Called with every whole day and with "" once the field is empty; what is half typed isn't told. */
  onDay: (day: string) => void
  testid?: string
}

/** A field that knows itself what is a day, and says so when it is left with something else. */
export function DayInput({ value, onDay, ...input }: Props) {
  const t = useT()
  const id = useId()
  const [text, setText] = useState(() => fromIsoDay(value))
  const [left, setLeft] = useState(true)
  // What is chosen elsewhere (the filter is cleared, the address changes) replaces what stands here; the same day typed in another way doesn't.
  useEffect(() => setText((old) => (old === "" ? "" : toIsoDay(old)) === value ? old : fromIsoDay(value)), [value])
  const wrong = left && text.trim() !== "" && toIsoDay(text) === undefined
  return (
    <>
      <DayText
        {...input}
        value={text}
        aria-invalid={wrong || undefined}
        aria-describedby={wrong ? id : undefined}
        onText={(typed) => {
          setText(typed)
          setLeft(false)
          const day = typed.trim() === "" ? "" : toIsoDay(typed)
          if (day !== undefined && day !== value) onDay(day)
        }}
        onBlur={() => {
          setLeft(true)
          if (toIsoDay(text) !== undefined) setText(fromIsoDay(value))
        }}
      />
      {wrong ? <span className="hint danger" id={id} role="alert">{t("field.date")}</span> : null}
    </>
  )
}
