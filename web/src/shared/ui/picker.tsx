// A field in which one types to find something on the server, and chooses it: a combobox, by keyboard, pointer and ear.
import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useRef, useState } from "react"
import { errorText } from "../i18n/errors.ts"
import { useT } from "../i18n/index.tsx"
import { ApiError, type Named } from "../net/api.ts"
import type { Offer } from "../offer.ts"
import { Frame } from "./field.tsx"
import { placeOf, sight } from "./place.ts"

interface Props<T> {
  label: string
  error?: string | undefined
  testid: string
  chosen: Named | undefined
  onChoose: (choice: T | undefined) => void
  /** What fits what is typed, or the first ones. The same function as long as it looks in the same place. */
  find: (search: string) => Promise<Offer<T>>
}

export function Picker<T extends Named>({ label, error, testid, chosen, onChoose, find }: Props<T>) {
  const t = useT()
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  /** Undefined: what is chosen stands there. */
  const [typed, setTyped] = useState<string>()
  const [open, setOpen] = useState(false)
  const [found, setFound] = useState<{ search: string; offer: Offer<T> }>()
  const [failed, setFailed] = useState<string>()
  const [active, setActive] = useState(-1)
  const search = (typed ?? "").trim()
  useEffect(() => {
    if (!open) return
    let isOld = false
    const timer = setTimeout(() => {
      find(search).then((offer) => {
        if (isOld) return
        setFound({ search, offer })
        setFailed(undefined)
        setActive(search !== "" && offer.choices.length > 0 ? 0 : -1)
      }, (raw: unknown) => {
        if (!(raw instanceof ApiError)) throw raw
        if (!isOld) setFailed(raw.code)
      })
    }, search === "" ? 0 : 200)
    return () => {
      isOld = true
      clearTimeout(timer)
    }
  }, [open, search, find])
  const choices = failed === undefined ? found?.offer.choices ?? [] : []
  const close = () => {
    setOpen(false)
    setTyped(undefined)
    setActive(-1)
  }
  const choose = (choice: T) => {
    onChoose(choice)
    close()
  }
  const move = (by: number) => {
    setOpen(true)
    if (choices.length > 0) setActive((active + by + choices.length + (active < 0 && by < 0 ? 1 : 0)) % choices.length)
  }
  const press = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault()
      move(event.key === "ArrowDown" ? 1 : -1)
    } else if (open && event.key === "Enter") {
      // Never what was found for other letters, and never the whole form.
      event.preventDefault()
      const choice = choices[active]
      if (choice && found?.search === search) choose(choice)
    } else if (open && event.key === "Escape") {
      event.preventDefault()
      close()
    }
  }
  return (
    <Frame id={id} label={label} error={error} className="field picker">
      <input
        ref={input}
        id={id}
        className="input"
        type="text"
        role="combobox"
        autoComplete="off"
        spellCheck={false}
        maxLength={100}
        placeholder={t("admin.choose")}
        aria-autocomplete="list"
        aria-expanded={open}
        aria-controls={open ? `${id}-list` : undefined}
        aria-activedescendant={open && choices[active] ? `${id}-${active}` : undefined}
        aria-invalid={error ? true : undefined}
        aria-describedby={error ? `${id}-hint` : undefined}
        data-testid={testid}
        data-chosen={chosen?.id}
        value={typed ?? chosen?.name ?? ""}
        onChange={(event) => {
          setTyped(event.target.value)
          setOpen(true)
        }}
        onClick={() => setOpen(true)}
        onFocus={(event) => event.target.select()}
        onBlur={() => {
          // What was emptied is chosen no longer; half a name changes nothing.
          if (typed !== undefined && search === "") onChoose(undefined)
          close()
        }}
        onKeyDown={press}
      />
      {open
        ? (
          <Choices
            id={id}
            label={label}
            anchor={input.current}
            choices={choices}
            active={active}
            onChoose={choose}
            state={failed !== undefined
              ? errorText(t, failed)
              : !found
              ? t("picker.asking")
              : choices.length === 0
              ? t(found.offer.more ? "picker.further" : "admin.nothing")
              : found.offer.more
              ? t("picker.more", { n: choices.length })
              : undefined}
          />
        )
        : null}
    </Frame>
  )
}

interface ChoicesProps<T> {
  id: string
  label: string
  /** Beneath which it stands, or above when there is more room. */
  anchor: HTMLElement | null
  choices: readonly T[]
  active: number
  onChoose: (choice: T) => void
  /** What is to be said besides. */
  state: string | undefined
}
function Choices<T extends Named>({ id, label, anchor, choices, active, onChoose, state }: ChoicesProps<T>) {
  const [place, setPlace] = useState<Record<string, number>>()
  useLayoutEffect(() => {
    if (!anchor) return
    const measure = () => setPlace(placeOf(anchor.getBoundingClientRect(), sight()))
    measure()
    const until = new AbortController()
    const { signal } = until
    addEventListener("resize", measure, { signal })
    // Whatever scrolls around the field: events of scrolling don't rise, but can be caught on their way down.
    addEventListener("scroll", measure, { signal, capture: true, passive: true })
    // A phone's keyboard, and fingers that zoom, change this one alone.
    globalThis.visualViewport?.addEventListener("resize", measure, { signal })
    globalThis.visualViewport?.addEventListener("scroll", measure, { signal })
    return () => until.abort()
  }, [anchor])
  const shown = useRef<HTMLButtonElement>(null)
  useLayoutEffect(() => {
    // With braces: some browsers answer with a promise, which is no way to tidy up.
    shown.current?.scrollIntoView({ block: "nearest" })
  }, [active])
  return (
    <div className="pop picker__pop" style={place} hidden={!place}>
      <div role="listbox" id={`${id}-list`} aria-label={label}>
        {choices.map((choice, index) => (
          <button
            key={choice.id}
            ref={index === active ? shown : undefined}
            type="button"
            role="option"
            id={`${id}-${index}`}
            className="menu__item"
            tabIndex={-1}
            aria-selected={index === active}
            data-testid="choice"
            // The field keeps the focus, so that it isn't left before the click.
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => onChoose(choice)}
          >
            <span className="cut">{choice.name}</span>
          </button>
        ))}
      </div>
      <p className="picker__state t3 s12" role="status">{state}</p>
    </div>
  )
}
