// The table of figures. Every number in it opens the rows behind it.
import { number } from "../shared/i18n/format.ts"
import { Avatar } from "../shared/ui/basics.tsx"
import type { FigureKind, Group, Grouping } from "./data.ts"
import { average, oneDigit, ratings } from "./strip.tsx"
import { share, span, useSay } from "./words.ts"

interface TableProps {
  groups: Group[]
  by: Grouping
  name: (group: Group) => string
  open: (group: Group, figure: FigureKind) => void
}
export function FiguresTable({ groups, by, name, open }: TableProps) {
  const words = useSay()
  if (groups.length === 0) return <p className="empty t3">{words("empty")}</p>
  const cell = (group: Group, figure: FigureKind, label: string, text: string, count: number, kind = "") => (
    <td className="r num" data-label={label}>
      {count === 0 ? <span className="t3">{text}</span> : (
        <button
          type="button"
          className={`link ${kind}`}
          data-testid={`open-${figure}`}
          onClick={() => open(group, figure)}
        >
          {text}
        </button>
      )}
    </td>
  )
  return (
    <div className="tablewrap">
      <table className="table table--read" data-testid="figures-table">
        <thead>
          <tr>
            <th scope="col">{words(by)}</th>
            {(["first", "every", "p90", "sla", "missed", "documents", "ratings", "dismissed"] as const).map((word) => (
              <th key={word} scope="col" className="r">{words(word)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => {
            const f = group.figures
            const mean = average(f)
            return (
              <tr key={`${group.id}-${group.name}`} data-testid="figures-row">
                <td>
                  <span className="row">
                    {by === "person" && group.id !== null ? <Avatar id={group.id} name={group.name} size={20} /> : null}
                    <b className="m cut">{name(group)}</b>
                  </span>
                </td>
                {cell(group, "first", words("first"), span(f.first.median, words), f.first.count)}
                {cell(group, "responses", words("every"), span(f.responses.median, words), f.responses.count)}
                {cell(group, "responses", words("p90"), span(f.responses.p90, words), f.responses.count)}
                {cell(
                  group,
                  "hits",
                  words("sla"),
                  share(f.share, words),
                  f.hits,
                  (f.share ?? 10_000) < 9_500 ? "warn" : "",
                )}
                {cell(group, "misses", words("missed"), number(f.misses), f.misses, f.misses > 0 ? "danger" : "")}
                {cell(group, "documents", words("documents"), number(f.documents), f.documents === 0 ? 0 : 1)}
                {cell(
                  group,
                  "ratings",
                  words("ratings"),
                  mean === null ? words("none") : `${oneDigit(mean)} · ${ratings(f)}`,
                  ratings(f),
                )}
                {cell(group, "dismissed", words("dismissed"), number(f.dismissed), f.dismissed)}
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}
