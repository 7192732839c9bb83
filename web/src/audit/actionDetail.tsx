// What a row of the action log says beyond its columns.
import type { ActionRow, Detail } from "./data.ts"
import { useWords } from "./words.ts"

const text = (value: Detail | undefined): string =>
  value === undefined || value === null
    ? "—"
    : Array.isArray(value)
    ? value.map(text).join(", ")
    : typeof value === "object"
    ? Object.entries(value).map(([name, inner]) => `${name}: ${text(inner)}`).join(", ")
    : String(value)

/** One line: whom and what it is about. */
export function summary(row: ActionRow): string {
  const said = ["reason", "name", "setting", "state", "format", "device"].map((name) => row.detail[name]).find((
    value,
  ) => typeof value === "string" && value !== "")
  const message = row.detail["message"] ?? row.detail["document"]
  return [row.organisation?.name, row.subject?.name, said, message === undefined ? undefined : `№${text(message)}`]
    .filter((part) => part !== undefined && part !== "").join(" · ")
}

const isObject = (value: Detail | undefined): value is { [name: string]: Detail } =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Everything: the details by name, what changed side by side, and the link of the chain. */
export function ActionDetail({ row }: { row: ActionRow }) {
  const say = useWords()
  const { before, after, ...rest } = row.detail
  const changes = isObject(before) && isObject(after)
    ? [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) =>
      text(before[name]) !== text(after[name])
    )
    : []
  return (
    <div className="audit__detail" data-testid="action-detail">
      {changes.length > 0 && isObject(before) && isObject(after)
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
                  <th scope="row">{name}</th>
                  <td>
                    <del>{text(before[name])}</del>
                  </td>
                  <td>
                    <ins>{text(after[name])}</ins>
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
            <dt>{name}</dt>
            <dd>{text(value)}</dd>
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
