// A day as the firm writes it, DD.MM.YYYY. A browser's own date input shows the order of the browser's language, whatever the page's is.
import { type InputHTMLAttributes, useEffect, useState } from "react"
import { fromIsoDay, toIsoDay } from "../i18n/format.ts"
import { useT } from "../i18n/index.tsx"

interface Props extends Omit<InputHTMLAttributes<HTMLInputElement>, "type" | "value" | "onChange"> {
  /** yyyy-mm-dd; empty: none. */
  value: string
  /** Called with every whole day and with "" once the field is empty; what is half typed isn't told. */
  onDay: (day: string) => void
  testid?: string
}

export function DayInput({ value, onDay, testid, className = "", ...input }: Props) {
  const t = useT()
  const [text, setText] = useState(() => fromIsoDay(value))
  const [left, setLeft] = useState(true)
  // What is chosen elsewhere (the filter is cleared, the address changes) replaces what stands here; the same day typed in another way doesn't.
  useEffect(() => setText((old) => (old === "" ? "" : toIsoDay(old)) === value ? old : fromIsoDay(value)), [value])
  const wrong = left && text.trim() !== "" && toIsoDay(text) === undefined
  return (
    <input
      {...input}
      className={`input num ${className}`}
      inputMode="numeric"
      autoComplete="off"
      placeholder={t("field.date_form")}
      maxLength={10}
      value={text}
      aria-invalid={wrong || undefined}
      title={wrong ? t("field.date") : undefined}
      data-testid={testid}
      onChange={(event) => {
        const typed = event.target.value
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
  )
}
