// The ledger of ghosts: who watched what, why, how long, what was shown, and who else has looked at that.
import { useEffect, useState } from "react"
import { useApp } from "../chat/context.tsx"
import { topicName } from "../chat/words.ts"
import { useNow } from "../shared/clock.ts"
import { date, parse, time } from "../shared/i18n/format.ts"
import { useT } from "../shared/i18n/index.tsx"
import { useFilter } from "../shared/filter.ts"
import { ApiError, type Named } from "../shared/net/api.ts"
import { Avatar, Icon } from "../shared/ui/basics.tsx"
import { DayInput } from "../shared/ui/dayInput.tsx"
import { type Filter, filterNames, minutesOf, replaced, type Stay, useList } from "./data.ts"
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
  const [open, setOpen] = useState<Stay>()
  return (
    <section className="main oversee" data-testid="ledger">
      <header className="bar">
        <h1 className="nw">{say("ledger")}</h1>
        <span className="grow" />
      </header>
      <Filters filter={filter} onFilter={setFilter} />
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
            <td className="oversee__cut" title={stay.reason} data-label={say("why")}>{stay.reason}</td>
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

function Filters({ filter, onFilter }: { filter: Filter; onFilter: (next: Filter) => void }) {
  const say = useWords()
  const { api, session } = useApp()
  const [people, setPeople] = useState<Named[]>([])
  const [organisations, setOrganisations] = useState<Named[]>([])
  useEffect(() => {
    Promise.all([api.users(), api.organisations()]).then(([users, all]) => {
      // Who may watch at all: nobody else ever stands in the ledger.
      setPeople(users.filter((user) => user.memberships.some(({ role }) => role === "admin" || role === "supervisor")))
      setOrganisations(all)
    }, (raw: unknown) => {
      // The rows are there without them; their own failure is told by the list.
      if (!(raw instanceof ApiError)) throw raw
    })
  }, [api, session])
  const set = (name: keyof Filter, value: string) => {
    const { [name]: _, ...rest } = filter
    onFilter(value === "" ? rest : { ...rest, [name]: value })
  }
  const select = (name: "account" | "organisation", label: string, items: readonly Named[]) => (
    <label className="oversee__filter">
      <span>{label}</span>
      <select
        className="select"
        value={filter[name] ?? ""}
        data-testid={`filter-${name}`}
        onChange={(event) => set(name, event.target.value)}
      >
        <option value="">{say("any")}</option>
        {items.map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}
      </select>
    </label>
  )
  return (
    <div className="oversee__filters">
      {select("account", say("who"), people)}
      {select("organisation", say("organisation"), organisations)}
      {(["from", "to"] as const).map((name) => (
        <label className="oversee__filter" key={name}>
          <span>{say(name === "from" ? "from" : "until")}</span>
          <DayInput value={filter[name] ?? ""} testid={`filter-${name}`} onDay={(day) => set(name, day)} />
        </label>
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
      {Object.keys(filter).length === 0
        ? null
        : (
          <button type="button" className="btn btn--quiet" data-testid="filter-clear" onClick={() => onFilter({})}>
            <Icon name="x" />
            {say("clear")}
          </button>
        )}
    </div>
  )
}
