// The figures of a month: the strip, two charts, and a table whose figures open their rows.
import { type ReactNode, useCallback, useState } from "react"
import { useApp } from "../chat/context.tsx"
import { errorText, topicName } from "../chat/words.ts"
import { useT } from "../shared/i18n/index.tsx"
import { fromIsoDay, number } from "../shared/i18n/format.ts"
import { Avatar, Empty, Icon, Skeleton, Stars } from "../shared/ui/basics.tsx"
import { LineChart, ShareChart } from "./charts.tsx"
import { type FigureKind, type Figures, figuresOf, type Group, type Grouping, groupings, useAsked } from "./data.ts"
import { type Opened, RowsDialog } from "./rowsDialog.tsx"
import { share, shifted, span, useSay } from "./words.ts"

const isTopic = (name: string): name is "bank" => ["bank", "dogovor", "faktura", "dovernost", "ttn"].includes(name)
const ratings = (figures: Figures): number => figures.stars.reduce((sum, one) => sum + one, 0)
const average = (figures: Figures): number | null =>
  ratings(figures) === 0 ? null : figures.stars.reduce((sum, one, i) => sum + one * (i + 1), 0) / ratings(figures)
const oneDigit = (value: number): string => value.toFixed(1).replace(".", ",")

export function KpiPane({ month, chooser }: { month: string; chooser: ReactNode }) {
  const t = useT()
  const words = useSay()
  const { api } = useApp()
  const [by, setBy] = useState<Grouping>("person")
  const [opened, setOpened] = useState<Opened>()
  const overview = useAsked(useCallback(async () => {
    const [days, topics, before] = await Promise.all([
      figuresOf(api, month, "day"),
      figuresOf(api, month, "topic"),
      figuresOf(api, shifted(month, -1), "day"),
    ])
    return { days, topics, before }
  }, [api, month]))
  const table = useAsked(useCallback(() => figuresOf(api, month, by), [api, month, by]))
  const found = overview.value
  const error = overview.error ?? table.error
  const name = (group: Group, of: Grouping): string =>
    of === "topic" && isTopic(group.name)
      ? topicName(t, group.name)
      : of === "day"
      ? fromIsoDay(group.name)
      : group.id === null
      ? words("nobody")
      : group.name
  const filter = (group: Group): string =>
    by === "topic"
      ? `&topic=${group.name}`
      : by === "person"
      ? `&account=${group.id}`
      : by === "organisation"
      ? `&organisation=${group.id}`
      : by === "department"
      ? `&department=${group.id}`
      : ""
  return (
    <section className="main" data-testid="kpi-page">
      <header className="bar">
        <h1 className="nw">{words("title")}</h1>
        {found
          ? (
            <span className={found.days.state === "open" ? "tag tag--accent" : "tag"} data-testid="month-state">
              {words(found.days.state)}
            </span>
          )
          : null}
        <span className="grow" />
        {chooser}
        {(["xlsx", "pdf"] as const).map((format) => (
          <a
            key={format}
            className="btn btn--md"
            href={`/api/v1/figures/export?month=${month}&by=${by}&format=${format}`}
            download
            data-testid={`export-${format}`}
          >
            <Icon name="download" />
            {words(format === "xlsx" ? "exportXlsx" : "exportPdf")}
          </a>
        ))}
      </header>
      {error
        ? (
          <Empty icon="alert" kind="danger" title={words("failed")} text={errorText(t, error)}>
            <button
              type="button"
              className="btn"
              onClick={() => {
                overview.reload()
                table.reload()
              }}
            >
              <Icon name="sync" />
              {words("retry")}
            </button>
          </Empty>
        )
        : !found
        ? <Skeleton rows={8} />
        : found.days.groups.length === 0
        ? <Empty icon="chart" title={words("empty")} text={words("emptyText")} testid="kpi-empty" />
        : (
          <div className="figures__body">
            <Strip now={found.days.total} before={found.before.total} />
            <div className="figures__two">
              <figure className="card">
                <div className="card__h">
                  <h3>{words("responseChart")}</h3>
                  <span className="legend">
                    <span>
                      <i style={{ background: "var(--chart-1)" }} />
                      {words("thisMonth")}
                    </span>
                    <span>
                      <i style={{ background: "var(--chart-2)" }} />
                      {words("lastMonth")}
                    </span>
                  </span>
                </div>
                <div className="card__b">
                  <Days label={words("responseChartLabel")} now={found.days.groups} before={found.before.groups} />
                </div>
              </figure>
              <figure className="card">
                <div className="card__h">
                  <h3>{words("topicChart")}</h3>
                </div>
                <div className="card__b">
                  <ShareChart
                    label={words("topicChart")}
                    bars={found.topics.groups.map((group) => ({
                      name: name(group, "topic"),
                      share: group.figures.share ?? null,
                    }))}
                  />
                </div>
              </figure>
            </div>
            <section className="card">
              <div className="card__h">
                <div className="seg" role="group" aria-label={words("groupBy")}>
                  {groupings.map((one) => (
                    <button
                      key={one}
                      type="button"
                      aria-pressed={by === one}
                      data-testid={`by-${one}`}
                      onClick={() => setBy(one)}
                    >
                      {words(one)}
                    </button>
                  ))}
                </div>
                <span className="grow" />
                <span className="s12 t3 figures__hint">{words("press")}</span>
              </div>
              {table.value
                ? (
                  <FiguresTable
                    groups={table.value.groups}
                    by={by}
                    name={(group) => name(group, by)}
                    open={(group, figure) => setOpened({ figure, month, filter: filter(group), name: name(group, by) })}
                  />
                )
                : <Skeleton rows={4} />}
            </section>
          </div>
        )}
      {opened ? <RowsDialog opened={opened} onClose={() => setOpened(undefined)} /> : null}
    </section>
  )
}

function Strip({ now, before }: { now: Figures; before: Figures }) {
  const words = useSay()
  type Value = number | null | undefined
  const delta = (value: Value, old: Value, better: "less" | "more", text: (by: number) => string) => {
    if (value === null || value === undefined || old === null || old === undefined || value === old) return null
    const good = (value < old) === (better === "less")
    return (
      <span className={`figures__delta ${good ? "ok" : "danger"}`}>
        {value < old ? "−" : "+"}
        {text(Math.abs(value - old))}
      </span>
    )
  }
  const mean = average(now)
  return (
    <div className="strip" data-testid="strip">
      <div>
        <div className="l">{words("firstMedian")}</div>
        <div className="row">
          <span className="fig">{span(now.first.median, words)}</span>
          {delta(now.first.median, before.first.median, "less", (by) => span(by, words))}
        </div>
      </div>
      <div>
        <div className="l">{words("everyMedian")}</div>
        <div className="row">
          <span className="fig">{span(now.responses.median, words)}</span>
          {delta(now.responses.median, before.responses.median, "less", (by) => span(by, words))}
        </div>
      </div>
      <div>
        <div className="l">{words("within")}</div>
        <div className="row">
          <span className="fig" data-testid="sla">{share(now.share, words)}</span>
          {delta(now.share, before.share, "more", (by) => oneDigit(by / 100))}
        </div>
      </div>
      <div>
        <div className="l">{words("processed")}</div>
        <div className="row">
          <span className="fig">{number(now.documents)}</span>
          {delta(now.documents, before.documents, "more", number)}
        </div>
      </div>
      <div>
        <div className="l">{words("rating")}</div>
        <div className="row">
          <span className="fig">{mean === null ? words("none") : oneDigit(mean)}</span>
          {mean === null ? null : <Stars value={Math.round(mean)} label={`${oneDigit(mean)} / 5`} />}
        </div>
      </div>
    </div>
  )
}

/** The days of both months one above the other: the tenth above the tenth. */
function Days({ label, now, before }: { label: string; now: Group[]; before: Group[] }) {
  const words = useSay()
  const days = [...new Set([...now, ...before].map((group) => Number(group.name.slice(8))))].sort((a, b) => a - b)
  const values = (groups: Group[]) =>
    days.map((day) => {
      const median = groups.find((group) => Number(group.name.slice(8)) === day)?.figures.responses.median
      return median === undefined || median === null ? null : median / 60
    })
  return (
    <LineChart
      label={label}
      places={days.map(String)}
      series={[
        { name: words("lastMonth"), colour: "chart-2", values: values(before) },
        { name: words("thisMonth"), colour: "chart-1", values: values(now) },
      ]}
    />
  )
}

interface TableProps {
  groups: Group[]
  by: Grouping
  name: (group: Group) => string
  open: (group: Group, figure: FigureKind) => void
}
function FiguresTable({ groups, by, name, open }: TableProps) {
  const words = useSay()
  if (groups.length === 0) return <p className="empty t3">{words("empty")}</p>
  const cell = (group: Group, figure: FigureKind, label: string, text: string, count: number, kind = "") => (
    <td className="r num" data-label={label}>
      {count === 0 || by === "day" || (by === "person" && group.id === null)
        ? <span className={count === 0 ? "t3" : kind}>{text}</span>
        : (
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
