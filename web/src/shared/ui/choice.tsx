// One of a few, side by side. One stop of the tab key; arrows go from one to the next and choose it, as radio buttons do.
import { type KeyboardEvent, useRef } from "react"

export interface Option<T extends string> {
  id: T
  label: string
  /** How many there are of it; nothing is shown for none. */
  count?: number
  lang?: string
  testid?: string
}

interface Props<T extends string> {
  label: string
  options: readonly Option<T>[]
  value: T
  onChange: (value: T) => void
}

/** Which one a key leads to; undefined when it is no such key. */
export function target(key: string, at: number, count: number): number | undefined {
  const last = count - 1
  if (key === "Home") return 0
  if (key === "End") return last
  if (key === "ArrowLeft" || key === "ArrowUp") return at === 0 ? last : at - 1
  if (key === "ArrowRight" || key === "ArrowDown") return at === last ? 0 : at + 1
  return undefined
}

export function Choice<T extends string>({ label, options, value, onChange }: Props<T>) {
  const box = useRef<HTMLDivElement>(null)
  const keys = (event: KeyboardEvent, at: number) => {
    const to = event.ctrlKey || event.altKey || event.metaKey ? undefined : target(event.key, at, options.length)
    const next = to === undefined ? undefined : options[to]
    if (to === undefined || !next) return
    event.preventDefault()
    onChange(next.id)
    box.current?.querySelectorAll("button")[to]?.focus()
  }
  return (
    <div className="seg" role="radiogroup" aria-label={label} ref={box}>
      {options.map(({ id, label, count, lang, testid }, at) => (
        <button
          key={id}
          type="button"
          role="radio"
          lang={lang}
          aria-checked={value === id}
          tabIndex={value === id ? 0 : -1}
          data-testid={testid}
          onKeyDown={(event) => keys(event, at)}
          onClick={() => onChange(id)}
        >
          {label}
          {count ? <span className="num t3">{count}</span> : null}
        </button>
      ))}
    </div>
  )
}
