// Who, what, whom, which organisation, from where and when: each on its own or all together.
import { useState } from "react"
import { useApp } from "../chat/context.tsx"
import { type Answer, useAnswer } from "../shared/answer.ts"
import { useT } from "../shared/i18n/index.tsx"
import type { Named } from "../shared/net/api.ts"
import { FilterBar, FilterDay, FilterField, FilterSelect, narrowed } from "../shared/ui/filters.tsx"
import { actionName } from "./actionWords.ts"
import type { ActionNames, Filter } from "./data.ts"
import { useWords } from "./words.ts"

interface Props {
  filter: Filter
  onFilter: (next: Filter) => void
  names: Answer<ActionNames>
}

export function LogFilters({ filter, onFilter, names }: Props) {
  const t = useT()
  const say = useWords()
  const { api } = useApp()
  const people = useAnswer<readonly Named[]>(api.users)
  const organisations = useAnswer<readonly Named[]>(api.organisations)
  const [address, setAddress] = useState(filter.address ?? "")
  const set = (name: keyof Filter, value: string) => onFilter(narrowed(filter, name, value))
  const select = (name: "account" | "subject" | "organisation", label: string, of: Answer<readonly Named[]>) => (
    <FilterSelect
      label={label}
      any={say("any")}
      value={filter[name]}
      choices={of.value?.map((one) => [String(one.id), one.name])}
      again={of.error ? of.reload : undefined}
      testid={`filter-${name}`}
      onChange={(value) => set(name, value)}
    />
  )
  return (
    <FilterBar
      active={Object.keys(filter).length}
      clear={say("clear")}
      onClear={() => {
        setAddress("")
        onFilter({})
      }}
      onSubmit={() => set("address", address.trim())}
    >
      {select("account", say("who"), people)}
      <FilterSelect
        label={say("what")}
        any={say("any")}
        value={filter.action}
        choices={names.value?.names.map((name) => [name, actionName(name, t.language)])}
        again={names.error ? names.reload : undefined}
        name={(name) => actionName(name, t.language)}
        testid="filter-action"
        onChange={(value) => set("action", value)}
      />
      {select("subject", say("whom"), people)}
      {select("organisation", say("organisation"), organisations)}
      <FilterField label={say("address")}>
        {(id) => (
          <input
            id={id}
            className="input mono"
            value={address}
            maxLength={64}
            data-testid="filter-address"
            onChange={(event) => setAddress(event.target.value)}
            onBlur={() => address.trim() === (filter.address ?? "") ? undefined : set("address", address.trim())}
          />
        )}
      </FilterField>
      {(["from", "until"] as const).map((name) => (
        <FilterDay
          key={name}
          label={say(name)}
          value={filter[name]}
          testid={`filter-${name}`}
          onDay={(day) => set(name, day)}
        />
      ))}
      <button type="submit" className="sr" tabIndex={-1}>{say("address")}</button>
    </FilterBar>
  )
}
