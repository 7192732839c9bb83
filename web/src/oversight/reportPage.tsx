// How often and how long each of them watched, by month; and the root that belongs outside the house.
import { useCallback } from "react"
import { useApp } from "../chat/context.tsx"
import { useAnswer } from "../shared/answer.ts"
import { fromIsoDay } from "../shared/i18n/format.ts"
import { Avatar, Empty, Icon, Skeleton } from "../shared/ui/basics.tsx"
import { Failed } from "../shared/ui/list.tsx"
import type { ReportLine, Root } from "./data.ts"
import { useWords } from "./words.ts"

export function ReportPage() {
  const say = useWords()
  const { api } = useApp()
  const { value, error, reload } = useAnswer(useCallback(async () => {
    const [report, roots] = await Promise.all([
      api.call<{ items: ReportLine[] }>("GET", "/ghosts/report"),
      api.call<{ items: Root[] }>("GET", "/ghosts/roots"),
    ])
    return { lines: report.items, root: roots.items[0] }
  }, [api]))
  const columns = (["month", "who", "stays", "long", "organisations", "reasons"] as const).map((one) => say(one))
  return (
    <section className="main oversee" data-testid="report">
      <header className="bar">
        <h1 className="nw">{say("report")}</h1>
      </header>
      {!value
        ? (error === undefined ? <Skeleton rows={8} /> : <Failed title={say("failed")} code={error} again={reload} />)
        : (
          <div className="tablewrap scroll">
            {value.lines.length === 0
              ? <Empty icon="ghost" title={say("report.empty")} testid="list-empty" />
              : (
                <table className="table table--read">
                  <thead>
                    <tr>{columns.map((column) => <th key={column} scope="col">{column}</th>)}</tr>
                  </thead>
                  <tbody>
                    {value.lines.map((line) => (
                      <tr key={`${line.month}-${line.watcher.id}`} data-testid="row">
                        <td className="num t2 nw">{line.month.split("-").reverse().join(".")}</td>
                        <td>
                          <span className="oversee__who">
                            <Avatar id={line.watcher.id} name={line.watcher.name} size={20} />
                            <span className="cut">{line.watcher.name}</span>
                          </span>
                        </td>
                        <td className="num" data-label={say("stays")}>
                          {line.stays} {line.unacknowledged > 0
                            ? <span className="tag tag--warn">{say("report.left", { n: line.unacknowledged })}</span>
                            : null}
                        </td>
                        <td className="num nw" data-label={say("long")}>
                          {say("minutes", { n: Math.max(1, Math.round(line.seconds / 60)) })}
                          {line.files > 0 ? <span className="t3">, {say("files", { n: line.files })}</span> : null}
                        </td>
                        <td className="wrap" data-label={say("organisations")}>{line.organisations.join(", ")}</td>
                        <td className="wrap" data-label={say("reasons")}>
                          {[...new Set(line.reasons)].slice(0, 5).join("; ")}
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              )}
            {value.root
              ? (
                <section className="oversee__root" data-testid="ghost-root">
                  <h3>
                    <Icon name="chain" size={14} /> {say("roots.title")}
                  </h3>
                  <p className="s12 t2">{say("roots.text", { day: fromIsoDay(value.root.day), n: value.root.rows })}</p>
                  <p className="mono s12 t3">{value.root.hash.replace(/(.{8})(?=.)/g, "$1 ")}</p>
                </section>
              )
              : null}
          </div>
        )}
    </section>
  )
}
