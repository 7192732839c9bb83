// Who, what, whom, which organisation, from where and when: each on its own or all together.
import { useEffect, useState } from "react"
import { useApp } from "../chat/context.tsx"
import { useT } from "../shared/i18n/index.tsx"
import { ApiError, type Named } from "../shared/net/api.ts"
import { Icon } from "../shared/ui/basics.tsx"
import { DayInput } from "../shared/ui/dayInput.tsx"
import { actionName } from "./actionWords.ts"
import { type Filter, readNames } from "./data.ts"
import { useWords } from "./words.ts"

interface Choices {
  people: Named[]
  organisations: Named[]
  names: string[]
}

interface Props {
  filter: Filter
  onFilter: (next: Filter) => void
  /** Told whether the server can sign bundles. */
  onSigns: (signs: boolean) => void
}

export function LogFilters({ filter, onFilter, onSigns }: Props) {
  const t = useT()
  const say = useWords()
  const { api } = useApp()
  const [choices, setChoices] = useState<Choices>({ people: [], organisations: [], names: [] })
  const [address, setAddress] = useState(filter.address ?? "")
  useEffect(() => {
    Promise.all([api.users(), api.organisations(), readNames(api)]).then(
      ([people, organisations, { names, signs }]) => {
        setChoices({ people, organisations, names })
        onSigns(signs)
      },
      (raw: unknown) => {
        // The rows are there without them; their own failure is told by the list.
        if (!(raw instanceof ApiError)) throw raw
      },
    )
  }, [api, onSigns])
  const set = (name: keyof Filter, value: string) => {
    const { [name]: _, ...rest } = filter
    onFilter(value === "" ? rest : { ...rest, [name]: value })
  }
  const select = (
    name: "account" | "action" | "subject" | "organisation",
    label: string,
    items: [string, string][],
  ) => (
    <label className="audit__filter">
      <span>{label}</span>
      <select
        className="select"
        value={filter[name] ?? ""}
        data-testid={`filter-${name}`}
        onChange={(event) => set(name, event.target.value)}
      >
        <option value="">{say("any")}</option>
        {items.map(([value, text]) => <option key={value} value={value}>{text}</option>)}
      </select>
    </label>
  )
  const named = (items: Named[]): [string, string][] => items.map((one) => [String(one.id), one.name])
  return (
    <form
      className="audit__filters"
      onSubmit={(event) => {
        event.preventDefault()
        set("address", address.trim())
      }}
    >
      {select("account", say("who"), named(choices.people))}
      {select("action", say("what"), choices.names.map((name) => [name, actionName(name, t.language)]))}
      {select("subject", say("whom"), named(choices.people))}
      {select("organisation", say("organisation"), named(choices.organisations))}
      <label className="audit__filter">
        <span>{say("address")}</span>
        <input
          className="input mono"
          value={address}
          maxLength={64}
          data-testid="filter-address"
          onChange={(event) => setAddress(event.target.value)}
          onBlur={() => address.trim() === (filter.address ?? "") ? undefined : set("address", address.trim())}
        />
      </label>
      {(["from", "until"] as const).map((name) => (
        <label className="audit__filter" key={name}>
          <span>{say(name)}</span>
          <DayInput value={filter[name] ?? ""} testid={`filter-${name}`} onDay={(day) => set(name, day)} />
        </label>
      ))}
      {Object.keys(filter).length === 0 ? null : (
        <button
          type="button"
          className="btn btn--quiet"
          data-testid="filter-clear"
          onClick={() => {
            setAddress("")
            onFilter({})
          }}
        >
          <Icon name="x" />
          {say("clear")}
        </button>
      )}
      <button type="submit" className="sr" tabIndex={-1}>{say("address")}</button>
    </form>
  )
}
