// Who waits, in the order in which something has to happen: an accountant's own clients, a supervisor's department.
import { useEffect } from "react"
import { type Clock } from "../chat/clocks.ts"
import { useApp } from "../chat/context.tsx"
import { Waiting } from "../chat/waiting.tsx"
import { topicIcon, topicName, when } from "../chat/words.ts"
import { useNow } from "../shared/clock.ts"
import { useFilter } from "../shared/filter.ts"
import { useT } from "../shared/i18n/index.tsx"
import { go } from "../shared/router.ts"
import { useSignal } from "../shared/signal.ts"
import { Avatar, Empty, Icon, Skeleton } from "../shared/ui/basics.tsx"
import { Choice } from "../shared/ui/choice.tsx"
import { useWords } from "./words.ts"

const filters = ["all", "late", "soon", "paused"] as const
type Filter = (typeof filters)[number]
const filterNames = ["show"] as const

export default function QueuePage() {
  const t = useT()
  const w = useWords()
  const { chat } = useApp()
  useSignal(chat.clocks.signal)
  const now = useNow(15_000)
  const [{ show }, setFilter] = useFilter(filterNames)
  const filter = filters.find((one) => one === show) ?? "all"
  useEffect(() => void chat.clocks.ask(), [chat])
  const { queue, failed } = chat.clocks
  const items = queue?.items ?? []
  const count = (one: Filter) => items.filter((clock) => chat.clocks.state(clock, now) === one).length
  const shown = items.filter((clock) => filter === "all" || chat.clocks.state(clock, now) === filter)
  const open = (clock: Clock) => {
    const takesPart = chat.topic(clock.topic)?.participant
    go(takesPart ? `/t/${clock.topic}` : `/watch/${clock.topic}`)
  }
  return (
    <main className="main queue" data-testid="queue">
      <header className="bar">
        <h1 className="nw">{w("queue.title")}</h1>
        <span className="t3 num">{items.length}</span>
        <span className="grow" />
        <Choice
          label={w("queue.title")}
          options={filters.map((id) => ({
            id,
            label: w(`queue.${id}`),
            count: id === "all" ? 0 : count(id),
            testid: `queue-${id}`,
          }))}
          value={filter}
          onChange={(one) => setFilter(one === "all" ? {} : { show: one })}
        />
      </header>
      {queue && !queue.working && items.length > 0
        ? (
          <p className="queue__note s12" data-testid="queue-closed">
            <Icon name="moon" size={14} />
            {w("queue.closed")}
          </p>
        )
        : null}
      {!queue
        ? (failed
          ? (
            <Empty icon="alert" kind="danger" title={w("queue.failed")} text="">
              <button type="button" className="btn" onClick={() => void chat.clocks.ask()}>
                <Icon name="sync" />
                {t("retry")}
              </button>
            </Empty>
          )
          : <Skeleton rows={8} />)
        : shown.length === 0
        ? <Empty icon="check" title={w("queue.empty")} text={w("queue.empty.text")} testid="queue-empty" />
        : (
          <div className="tablewrap scroll">
            <table className="table table--read">
              <thead>
                <tr>
                  <th scope="col">{w("queue.client")}</th>
                  <th scope="col">{w("queue.left")}</th>
                  <th scope="col">{w("queue.due")}</th>
                  <th scope="col">{w("queue.since")}</th>
                  <th scope="col">{w("queue.holder")}</th>
                </tr>
              </thead>
              <tbody>
                {shown.map((clock) => (
                  <tr
                    key={clock.topic}
                    data-testid="queue-row"
                    data-topic={clock.topic}
                    data-state={chat.clocks.state(clock, now)}
                    className="go"
                    onClick={() => open(clock)}
                  >
                    <td>
                      <button type="button" className="queue__who" onClick={() => open(clock)}>
                        <Avatar id={clock.organisation.id} name={clock.organisation.name} org size={24} />
                        <span className="n">
                          <b className="m cut block">{clock.organisation.name}</b>
                          <span className="t3 s12 row">
                            <Icon name={topicIcon[clock.kind]} size={12} />
                            {topicName(t, clock.kind)} · {t("case.n.small", { n: clock.case })}
                          </span>
                        </span>
                      </button>
                      {clock.wanted
                        ? <span className="t3 s12 cut2">{w("queue.wanted", { wanted: clock.wanted })}</span>
                        : null}
                    </td>
                    <td className="queue__left">
                      <Waiting topic={clock.topic} since={clock.since} />
                    </td>
                    <td className="num" data-label={w("queue.due")}>
                      {clock.due ? when(t, Date.parse(clock.due), now) : <span className="t3">–</span>}
                    </td>
                    <td className="num" data-label={w("queue.since")}>{when(t, Date.parse(clock.since), now)}</td>
                    <td data-label={w("queue.holder")}>
                      {clock.holder ? clock.holder.name : <span className="danger">{w("queue.nobody")}</span>}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
            {queue.more ? <p className="t3 s12 queue__note">{w("queue.more")}</p> : null}
          </div>
        )}
    </main>
  )
}
