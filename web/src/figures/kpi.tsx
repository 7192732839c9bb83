// The figures of a month: the strip, two charts, and a table whose figures open their rows.
import { type ReactNode, useCallback, useState } from "react"
import { useApp } from "../chat/context.tsx"
import { topicName } from "../chat/words.ts"
import { useAnswer } from "../shared/answer.ts"
import { useFilter } from "../shared/filter.ts"
import { useT } from "../shared/i18n/index.tsx"
import { fromIsoDay } from "../shared/i18n/format.ts"
import { Empty, Skeleton } from "../shared/ui/basics.tsx"
import { LineChart, ShareChart } from "./charts.tsx"
import { figuresOf, type Group, type Grouping, groupings } from "./data.ts"
import { FiguresTable } from "./figuresTable.tsx"
import { Files, Pane, StateTag } from "./pane.tsx"
import { type Opened, RowsDialog } from "./rowsDialog.tsx"
import { Strip } from "./strip.tsx"
import { monthName, shifted, span, useSay } from "./words.ts"

const filterNames = ["by"] as const
const isTopic = (name: string): name is "bank" => ["bank", "dogovor", "faktura", "dovernost", "ttn"].includes(name)
export function KpiPane({ month, chooser }: { month: string; chooser: ReactNode }) {
  const t = useT()
  const words = useSay()
  const { api } = useApp()
  const [{ by: chosen }, setFilter] = useFilter(filterNames)
  const by = groupings.find((one) => one === chosen) ?? "person"
  const [opened, setOpened] = useState<Opened>()
  const overview = useAnswer(useCallback(async () => {
    const [days, topics, before] = await Promise.all([
      figuresOf(api, month, "day"),
      figuresOf(api, month, "topic"),
      figuresOf(api, shifted(month, -1), "day"),
    ])
    return { days, topics, before }
  }, [api, month]))
  const table = useAnswer(useCallback(() => figuresOf(api, month, by), [api, month, by]))
  // The strip's small lines come when they come: nothing waits for them.
  const months = useAnswer(useCallback(() => figuresOf(api, month, "month"), [api, month]))
  const found = overview.value
  const asked = {
    value: found,
    error: overview.error ?? table.error,
    reload: async () => {
      await Promise.all([overview.reload(), table.reload()])
    },
  }
  const name = (group: Group, of: Grouping): string =>
    of === "topic" && isTopic(group.name)
      ? topicName(t, group.name)
      : of === "day"
      ? fromIsoDay(group.name)
      : of === "month"
      ? monthName(group.name, t.language)
      : group.id === null
      ? words("nobody")
      : group.name
  const filter = (group: Group): string =>
    by === "topic"
      ? `&topic=${group.name}`
      : by === "person"
      ? `&account=${group.id ?? "none"}`
      : by === "organisation"
      ? `&organisation=${group.id}`
      : by === "department"
      ? `&department=${group.id}`
      : by === "day"
      ? `&day=${group.name}`
      : ""
  return (
    <Pane
      title="title"
      tag={found ? <StateTag state={found.days.state} testid="month-state" /> : null}
      chooser={chooser}
      actions={<Files path={`/figures/export?month=${month}&by=${by}`} testid="export" />}
      asked={asked}
      lines={8}
      testid="kpi-page"
      over={opened ? <RowsDialog opened={opened} onClose={() => setOpened(undefined)} /> : null}
    >
      {(found) =>
        found.days.groups.length === 0
          ? <Empty icon="chart" title={words("empty")} text={words("emptyText")} testid="kpi-empty" />
          : (
            <div className="figures__body">
              <Strip
                now={found.days.total}
                before={found.before.total}
                months={months.value?.groups ?? []}
                open={(figure) => setOpened({ figure, month, filter: "", name: monthName(month, t.language) })}
              />
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
                        onClick={() => setFilter(one === "person" ? {} : { by: one })}
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
                      open={(group, figure) =>
                        setOpened({
                          figure,
                          month: by === "month" ? group.name : month,
                          filter: filter(group),
                          name: name(group, by),
                        })}
                    />
                  )
                  : <Skeleton rows={4} />}
              </section>
            </div>
          )}
    </Pane>
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
      place={words("day")}
      text={(minutes) => span(Math.round(minutes * 60), words)}
      places={days.map(String)}
      series={[
        { name: words("lastMonth"), colour: "chart-2", values: values(before) },
        { name: words("thisMonth"), colour: "chart-1", values: values(now) },
      ]}
    />
  )
}
