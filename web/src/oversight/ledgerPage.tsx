// The ledger of ghosts: who watched what, why, how long, what was shown, and who else has looked at that.
import { useRef, useState } from "react"
import { useApp } from "../chat/context.tsx"
import { topicName } from "../chat/words.ts"
import { useAnswer } from "../shared/answer.ts"
import { useNow } from "../shared/clock.ts"
import { date, parse, time } from "../shared/i18n/format.ts"
import { useT } from "../shared/i18n/index.tsx"
import { useFilter } from "../shared/filter.ts"
import type { Named } from "../shared/net/api.ts"
import { Avatar, Icon } from "../shared/ui/basics.tsx"
import { FilterBar, FilterDay, FilterSelect, narrowed } from "../shared/ui/filters.tsx"
import { type Filter, filterNames, minutesOf, replaced, type Stay, useList, watchers } from "./data.ts"
import { List } from "./parts.tsx"
import { StayDialog } from "./stayDialog.tsx"
import { type Say, useWords } from "./words.ts"

export function LedgerPage() {
  const t = useT()
  const say = useWords()
  const { api } = useApp()
  const now = useNow(60_000)
  const [filter, setFilter] = useFilter(filterNames)
  const list = useList<Stay>(api, "/ghosts", filter)
  /** By watcher: a filter leaves the others out of the list, but not out of its own choices. */
  const seen = useRef(new Map<number, Stay>())
  for (const stay of list.items ?? []) seen.current.set(stay.watcher.id, stay)
  const [open, setOpen] = useState<Stay>()
  return (
    <section className="main oversee" data-testid="ledger">
      <header className="bar">
        <h1 className="nw">{say("ledger")}</h1>
        <span className="grow" />
      </header>
      <Filters filter={filter} onFilter={setFilter} stays={[...seen.current.values()]} />
      <List
        list={list}
        columns={(["when", "who", "where", "why", "long", "seen", "state"] as const).map((one) => say(one))}
        row={(stay) => (
          <>
            <td className="num t2">
              <button type="button" className="link oversee__open" onClick={() => setOpen(stay)}>
                {date(parse(stay.started))} {time(parse(stay.started))}
              </button>
            </td>
            <td>
              <span className="oversee__who">
                <Avatar id={stay.watcher.id} name={stay.watcher.name} size={20} />
                <span className="cut">{stay.watcher.name}</span>
              </span>
            </td>
            <td className="oversee__cut">
              {stay.organisation.name} <span className="t3">· {topicName(t, stay.kind)}</span>
            </td>
            <td className="oversee__why" title={stay.reason} data-label={say("why")}>{stay.reason}</td>
            <td className="num nw" data-label={say("long")}>{say("minutes", { n: minutesOf(stay, now) })}</td>
            <td className="nw t2" data-label={say("seen")}>{shown(say, stay)}</td>
            <td>
              <State stay={stay} say={say} />
            </td>
          </>
        )}
        empty={{ icon: "ghost", title: say("ledger.empty"), text: say("ledger.empty.text") }}
      />
      {open
        ? (
          <StayDialog
            stay={open}
            onClose={() => setOpen(undefined)}
            onAcknowledged={(stay) => {
              replaced(list)(stay)
              setOpen(undefined)
            }}
          />
        )
        : null}
    </section>
  )
}

/** 12 rows, 2 files. */
export function shown(say: Say, stay: Stay): string {
  const parts = [stay.rows > 0 && say("rows", { n: stay.rows }), stay.files > 0 && say("files", { n: stay.files })]
  return parts.filter(Boolean).join(", ") || say("nothing")
}

function State({ stay, say }: { stay: Stay; say: Say }) {
  if (stay.ended === undefined) {
    return (
      <span className="tag tag--ghost">
        <Icon name="ghost" size={12} />
        {say("open")}
      </span>
    )
  }
  return stay.acknowledged
    ? (
      <span className="tag tag--ok" title={say("acknowledged", { who: stay.acknowledged.by.name })}>
        <Icon name="check" size={12} />
        <span className="cut">{stay.acknowledged.by.name}</span>
      </span>
    )
    : <span className="tag tag--warn">{say("waiting")}</span>
}

interface FiltersProps {
  filter: Filter
  onFilter: (next: Filter) => void
  /** One of each watcher whom this page has shown. */
  stays: readonly Stay[]
}
function Filters({ filter, onFilter, stays }: FiltersProps) {
  const say = useWords()
  const { api } = useApp()
  const users = useAnswer(api.users)
  const organisations = useAnswer(api.organisations)
  const set = (name: keyof Filter, value: string) => onFilter(narrowed(filter, name, value))
  const select = (
    name: "account" | "organisation",
    label: string,
    items: readonly Named[] | undefined,
    again: (() => void) | undefined,
  ) => (
    <FilterSelect
      label={label}
      any={say("any")}
      value={filter[name]}
      choices={items?.map((one) => [String(one.id), one.name])}
      again={again}
      testid={`filter-${name}`}
      onChange={(value) => set(name, value)}
    />
  )
  return (
    <FilterBar active={Object.keys(filter).length} clear={say("clear")} onClear={() => onFilter({})}>
      {select(
        "account",
        say("who"),
        watchers(stays, users.value),
        users.error ? users.reload : undefined,
      )}
      {select(
        "organisation",
        say("organisation"),
        organisations.value,
        organisations.error ? organisations.reload : undefined,
      )}
      {(["from", "to"] as const).map((name) => (
        <FilterDay
          key={name}
          label={say(name === "from" ? "from" : "until")}
          value={filter[name]}
          testid={`filter-${name}`}
          onDay={(day) => set(name, day)}
        />
      ))}
      <button
        type="button"
        className="chip"
        aria-pressed={filter.show !== undefined}
        data-testid="filter-unacknowledged"
        onClick={() => set("show", filter.show === undefined ? "unacknowledged" : "")}
      >
        {say("ledger.unacknowledged")}
      </button>
    </FilterBar>
  )
}
