// The action log: filters in any combination, the newest rows first, more on demand, and the ways out of the house.
import { useCallback, useState } from "react"
import { useApp } from "../chat/context.tsx"
import { useAnswer } from "../shared/answer.ts"
import { useFilter } from "../shared/filter.ts"
import { date as day, parse, parts } from "../shared/i18n/format.ts"
import { useT } from "../shared/i18n/index.tsx"
import { useListing } from "../shared/list.ts"
import { Avatar, Empty, Icon } from "../shared/ui/basics.tsx"
import { useDownload } from "../shared/ui/download.tsx"
import { ListView } from "../shared/ui/list.tsx"
import { Menu } from "../shared/ui/menu.tsx"
import { actionIcon, actionKind, actionName } from "./actionWords.ts"
import { ActionDetail, summary } from "./actionDetail.tsx"
import { type ActionRow, exportPath, filterNames, readActions, readNames } from "./data.ts"
import { LogFilters } from "./logFilters.tsx"
import { useWords } from "./words.ts"

const short = (hash: string | null): string => hash === null ? "" : `${hash.slice(0, 4)}…${hash.slice(-2)}`

/** 14:12:08 */
export function clockTime(ms: number): string {
  const at = parts(ms)
  const two = (value: number) => String(value).padStart(2, "0")
  return `${two(at.hours)}:${two(at.minutes)}:${two(Math.floor(ms / 1000) % 60)}`
}

export function LogPage() {
  const say = useWords()
  const { api } = useApp()
  const [filter, setFilter] = useFilter(filterNames)
  const list = useListing(useCallback((cursor?: string) => readActions(api, filter, cursor), [api, filter]))
  const { busy, download } = useDownload(api)
  const [open, setOpen] = useState<number>()
  const [menu, setMenu] = useState<DOMRect>()
  const names = useAnswer(useCallback(() => readNames(api), [api]))
  return (
    <section className="main audit__log" data-testid="action-log">
      <header className="bar">
        <h1 className="nw">{say("log")}</h1>
        <span className="grow" />
        <button
          type="button"
          className="btn btn--md"
          aria-haspopup="menu"
          aria-busy={busy}
          disabled={busy}
          data-testid="export"
          onClick={(event) => setMenu(event.currentTarget.getBoundingClientRect())}
        >
          <Icon name="download" />
          {say("export")}
        </button>
      </header>
      <LogFilters filter={filter} onFilter={setFilter} names={names} />
      <ListView
        list={list}
        words={{ failed: say("failed"), more: say("more"), shown: (n) => say("shown", { n }) }}
        empty={<Empty icon="search" title={say("empty")} text={say("empty.text")} testid="log-empty" />}
        testid="log"
      >
        {(rows) => (
          <table className="table table--read">
            <thead>
              <tr>
                {(["when", "who", "what", "object", "address", "hash"] as const).map((column) => (
                  <th key={column} scope="col">{say(column)}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row, i) => (
                <Lines
                  key={row.id}
                  row={row}
                  newDay={i === 0 || day(parse(row.at)) !== day(parse(rows[i - 1]?.at ?? ""))}
                  open={open === row.id}
                  toggle={() => setOpen(open === row.id ? undefined : row.id)}
                />
              ))}
            </tbody>
          </table>
        )}
      </ListView>
      {menu
        ? (
          <Menu
            label={say("export")}
            head={<p className="s12 t3 audit__export">{say("export.text")}</p>}
            items={[
              ["csv", "file", "CSV"],
              ["xlsx", "grid", "Excel (XLSX)"],
              // Only a server that has said so can't sign them: names that could not be read take nothing away.
              ...(names.value?.signs === false ? [] : [["bundle", "shield", say("export.bundle")]]),
            ].map(([format = "", icon = "", label = ""]) => ({
              id: format,
              icon,
              label,
              run: () => download(exportPath(filter, format)),
            }))}
            anchor={menu}
            onClose={() => setMenu(undefined)}
            testid="export-menu"
          />
        )
        : null}
    </section>
  )
}

function Lines({ row, newDay, open, toggle }: { row: ActionRow; newDay: boolean; open: boolean; toggle: () => void }) {
  const t = useT()
  const say = useWords()
  const at = parse(row.at)
  return (
    <>
      {newDay
        ? (
          <tr className="audit__day">
            <th colSpan={6} scope="rowgroup">{day(at)}</th>
          </tr>
        )
        : null}
      <tr data-testid="action" data-id={row.id} data-action={row.action}>
        <td className="num t2">
          <button type="button" className="link audit__open" aria-expanded={open} onClick={toggle}>
            {clockTime(at)}
          </button>
        </td>
        <td>
          <span className="audit__who">
            {row.account ? <Avatar id={row.account.id} name={row.account.name} size={20} /> : null}
            <span className={row.account ? "cut" : "t3"}>
              {row.account?.name ?? say(row.address === "" ? "system" : "nobody")}
            </span>
          </span>
        </td>
        <td>
          <span className="act" data-k={actionKind(row.action)}>
            <Icon name={actionIcon(row.action)} size={14} />
            {actionName(row.action, t.language)}
          </span>
        </td>
        <td className="audit__object">{summary(row, t)}</td>
        <td className="mono t2" data-label={say("address")}>{row.address}</td>
        <td className="mono t3" title={row.hash ?? say("unsealed")}>{short(row.hash)}</td>
      </tr>
      {open
        ? (
          <tr>
            <td colSpan={6} className="wrap">
              <ActionDetail row={row} />
            </td>
          </tr>
        )
        : null}
    </>
  )
}
