// The filters over a list: beside each other where there is room, behind a button on a phone.
import { type FormEvent, type ReactNode, useId, useState } from "react"
import { useT } from "../i18n/index.tsx"
import { Icon, IconButton } from "./basics.tsx"
import { DayInput } from "./dayInput.tsx"

interface BarProps {
  /** How many of them narrow the list. */
  active: number
  /** What the button says that takes them all away. */
  clear: string
  onClear: () => void
  onSubmit?: () => void
  children: ReactNode
}

export function FilterBar({ active, clear, onClear, onSubmit, children }: BarProps) {
  const t = useT()
  const id = useId()
  const [open, setOpen] = useState(false)
  /** How often they were taken away: what was half typed into one of them goes too. */
  const [cleared, setCleared] = useState(0)
  return (
    <form
      className="filters"
      data-open={open || undefined}
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        onSubmit?.()
      }}
    >
      <button
        type="button"
        className="btn filters__toggle"
        aria-expanded={open}
        aria-controls={id}
        data-testid="filter-toggle"
        onClick={() => setOpen(!open)}
      >
        <Icon name="filter" />
        {t("list.filter")}
        {active > 0 ? <span className="badge">{active}</span> : null}
      </button>
      <div key={cleared} className="filters__in" id={id}>{children}</div>
      {active === 0 ? null : (
        <button
          type="button"
          className="btn btn--quiet"
          data-testid="filter-clear"
          // The field keeps the focus: what it says when it is left half typed would move this away before the click.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => {
            setCleared(cleared + 1)
            onClear()
          }}
        >
          <Icon name="x" />
          {clear}
        </button>
      )}
    </form>
  )
}

interface FieldProps {
  label: string
  /** Beside the label. */
  aside?: ReactNode
  children: (id: string) => ReactNode
}
export function FilterField({ label, aside, children }: FieldProps) {
  const id = useId()
  return (
    <div className="filter">
      <span className="filter__label">
        <label htmlFor={id}>{label}</label>
        {aside}
      </span>
      {children(id)}
    </div>
  )
}

interface SelectProps {
  label: string
  /** Of the choice that narrows nothing. */
  any: string
  value: string | undefined
  onChange: (value: string) => void
  /** Undefined until they are known. */
  choices: readonly (readonly [value: string, text: string])[] | undefined
  /** Asks for the choices again; given when they could not be read. */
  again: (() => void) | undefined
  /** What a value is called of which no choice tells. */
  name?: (value: string) => string
  testid: string
}

/** What narrows the list is always said: a value whose name isn't known, or not yet, stands there with its number. */
export function FilterSelect(props: SelectProps) {
  const { label, any, value = "", onChange, choices, again, name = (value: string) => `№${value}`, testid } = props
  const t = useT()
  return (
    <FilterField
      label={label}
      aside={again
        ? (
          <IconButton
            icon="sync"
            iconSize={12}
            label={`${t("retry")}: ${label}`}
            size="sm"
            className="filter__again"
            data-testid={`${testid}-again`}
            onClick={again}
          />
        )
        : null}
    >
      {(id) => (
        <select
          id={id}
          className="select"
          value={value}
          data-testid={testid}
          onChange={(event) => onChange(event.target.value)}
        >
          <option value="">{any}</option>
          {value === "" || choices?.some(([one]) => one === value)
            ? null
            : <option value={value}>{name(value)}</option>}
          {choices?.map(([one, text]) => <option key={one} value={one}>{text}</option>)}
        </select>
      )}
    </FilterField>
  )
}

/** `filter` with one of its values set, or taken away by an empty one. */
export function narrowed<F extends object>(filter: F, name: keyof F, value: string): F {
  const { [name]: _, ...rest } = filter
  return (value === "" ? rest : { ...rest, [name]: value }) as F
}

interface DayProps {
  label: string
  /** YYYY-MM-DD; undefined: any day. */
  value: string | undefined
  onDay: (day: string) => void
  testid: string
}
export function FilterDay({ label, value, onDay, testid }: DayProps) {
  return (
    <FilterField label={label}>
      {(id) => <DayInput id={id} value={value ?? ""} testid={testid} onDay={onDay} />}
    </FilterField>
  )
}
