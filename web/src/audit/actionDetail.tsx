// What a row of the action log says beyond its columns.
import { type Translate, useT } from "../shared/i18n/index.tsx"
import type { ActionRow, Detail } from "./data.ts"
import { detailName, detailValue } from "./detailWords.ts"
import { useWords } from "./words.ts"

/** One line: whom and what it is about. */
export function summary(row: ActionRow, t: Translate): string {
  const named = ["reason", "name", "setting", "state", "format", "device"].find((name) => {
    const value = row.detail[name]
    return typeof value === "string" && value !== ""
  })
  const said = named === undefined ? undefined : detailValue(row.detail[named], t, named)
  const message = row.detail["message"] ?? row.detail["document"]
  const number = message === undefined ? undefined : `№${detailValue(message, t)}`
  return [row.organisation?.name, row.subject?.name, said, number]
    .filter((part) => part !== undefined && part !== "").join(" · ")
}

/** The two sides of a change by name. What is no object, such as an amount or a list, is one line. */
function sides(detail: ActionRow["detail"]): [{ [name: string]: Detail }, { [name: string]: Detail }] | undefined {
  const { before, after } = detail
  if (before === undefined && after === undefined) return undefined
  if (isObject(before) && isObject(after)) return [before, after]
  const name = ["setting", "month", "link"].map((one) => detail[one]).find((one) => typeof one === "string") ?? "…"
  return [before === undefined ? {} : { [String(name)]: before }, after === undefined ? {} : { [String(name)]: after }]
}

const isObject = (value: Detail | undefined): value is { [name: string]: Detail } =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Everything: the details by name, what changed side by side, and the link of the chain. */
export function ActionDetail({ row }: { row: ActionRow }) {
  const t = useT()
  const say = useWords()
  const text = (value: Detail | undefined, name: string) => detailValue(value, t, name)
  // The rows that were written are for the check of the database: what people want to know of them stands beside them.
  const { before: _, after: __, written: ___, ...rest } = row.detail
  const [before, after] = sides(row.detail) ?? [{}, {}]
  const changes = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) =>
    text(before[name], name) !== text(after[name], name)
  )
  return (
    <div className="audit__detail" data-testid="action-detail">
      {changes.length > 0
        ? (
          <table className="audit__diff">
            <thead>
              <tr>
                <th />
                <th scope="col">{say("before")}</th>
                <th scope="col">{say("after")}</th>
              </tr>
            </thead>
            <tbody>
              {changes.map((name) => (
                <tr key={name}>
                  <th scope="row">{detailName(name, t.language)}</th>
                  <td>
                    <del>{text(before[name], name)}</del>
                  </td>
                  <td>
                    <ins>{text(after[name], name)}</ins>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )
        : null}
      <dl>
        {Object.entries(rest).map(([name, value]) => (
          <div key={name}>
            <dt>{detailName(name, t.language)}</dt>
            <dd>{text(value, name)}</dd>
          </div>
        ))}
        <div>
          <dt>{say("row", { n: row.id })}</dt>
          <dd className="mono">
            {row.seq === null ? say("unsealed") : `${say("link", { n: row.seq })} ${row.hash ?? ""}`}
          </dd>
        </div>
      </dl>
    </div>
  )
}
