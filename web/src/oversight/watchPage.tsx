// The wall of live topics, and beside it the one that is watched. Whoever watches is invisible, and is never let forget it.
import { useEffect, useMemo, useState } from "react"
import { useApp } from "../chat/context.tsx"
import type { TopicView } from "../chat/topicView.ts"
import { topicName } from "../chat/words.ts"
import { useNow } from "../shared/clock.ts"
import { dayNumber } from "../shared/i18n/format.ts"
import { useT } from "../shared/i18n/index.tsx"
import type { InboxTopic } from "../shared/net/protocol.ts"
import { go } from "../shared/router.ts"
import { useSignal } from "../shared/signal.ts"
import { fold } from "../shared/text.ts"
import { Empty, Icon, Skeleton } from "../shared/ui/basics.tsx"
import { Link } from "../shared/ui/link.tsx"
import { GhostFrame } from "./ghostFrame.tsx"
import { ReasonDialog } from "./reasonDialog.tsx"
import { WallCard } from "./wallCard.tsx"

type Filter = "active" | "waiting" | "typing" | "all"

/** Who has waited longest comes first, then what moved last. */
function order(a: InboxTopic, b: InboxTopic): number {
  const since = (one: InboxTopic) => one.waitingSince ? Date.parse(one.waitingSince) : Infinity
  const moved = (one: InboxTopic) => one.last ? Date.parse(one.last.at) : 0
  return since(a) === since(b) ? moved(b) - moved(a) : since(a) - since(b)
}

export default function WatchPage({ topic }: { topic: number | undefined }) {
  const t = useT()
  const { chat } = useApp()
  const revision = useSignal(chat.inboxSignal)
  const typing = useSignal(chat.typists.signal)
  const now = useNow(60_000)
  const [filter, setFilter] = useState<Filter>()
  const [search, setSearch] = useState("")
  const [view, setView] = useState<TopicView>()
  const inbox = chat.inbox
  const all = useMemo(() => [...(inbox?.topics.values() ?? [])].filter((one) => !one.participant).sort(order), [
    inbox,
    revision,
  ])
  const tests: Record<Filter, (one: InboxTopic) => boolean> = {
    active: (one) => one.last !== null && dayNumber(Date.parse(one.last.at)) === dayNumber(now),
    waiting: (one) => Boolean(one.waitingSince),
    typing: (one) => chat.typists.in(one.topic, chat.me).length > 0,
    all: () => true,
  }
  const counts = (which: Filter) => all.filter(tests[which]).length
  const chosen = filter ?? (counts("active") > 0 ? "active" : "all")
  const query = fold(search)
  const shown = all.filter((one) => search !== "" || tests[chosen](one)).filter((one) =>
    query === "" ||
    fold(`${inbox?.organisations.get(one.organisation)?.name ?? ""} ${topicName(t, one.kind)}`).includes(query)
  )
  const known = topic === undefined ? undefined : inbox?.topics.get(topic)

  useEffect(() => {
    if (!inbox || topic === undefined) return
    if (!known) go("/watch", true)
    // With the message that an address leads to, if it leads to one.
    else if (known.participant) go(location.pathname.replace(/^\/watch\//, "/t/"), true)
  }, [inbox, topic, known])
  // Going to another topic, or away, ends the viewing: nothing is watched behind one's back.
  useEffect(() => {
    if (!view) return
    if (view.topic !== topic) {
      chat.unobserve(view)
      return setView(undefined)
    }
    return () => chat.unobserve(view)
  }, [chat, view, topic])

  const watched = view && view.topic === topic ? view : undefined
  const chips: [Filter, string][] = [
    ["active", t("ghost.filter.active")],
    ["waiting", t("ghost.filter.waiting")],
    ["typing", t("ghost.filter.typing")],
    ["all", t("ghost.filter.all")],
  ]
  return (
    <main className="watch" data-open={topic !== undefined || undefined} data-typing={typing}>
      <section className="wall" aria-label={t("ghost.wall")}>
        <header className="bar">
          <h1 className="nw">{t("ghost.wall")}</h1>
          <span className="row s12 t3 nw">
            <span className="dot dot--live" />
            {t("ghost.topics", { n: all.length })}
          </span>
          <span className="grow" />
          <Link
            className="btn btn--md"
            to="/watch/ledger"
            testid="watch-ledger"
          >
            <Icon name="history" />
            <span className="wide">{t("watch.ledger")}</span>
          </Link>
          <label className="search wall__search">
            <span className="sr">{t("ghost.search")}</span>
            <Icon name="search" />
            <input
              className="input input--soft"
              type="search"
              placeholder={t("ghost.search")}
              value={search}
              data-testid="wall-search"
              onChange={(event) => setSearch(event.target.value)}
            />
          </label>
        </header>
        <div className="tools">
          {chips.map(([id, label]) => (
            <button
              key={id}
              type="button"
              className="chip"
              aria-pressed={chosen === id && search === ""}
              data-testid={`wall-${id}`}
              onClick={() => {
                setFilter(id)
                setSearch("")
              }}
            >
              {label} <b className="num">{counts(id)}</b>
            </button>
          ))}
        </div>
        <div className="cards">
          {!inbox
            ? <Skeleton rows={6} />
            : all.length === 0
            ? <Empty icon="ghost" title={t("ghost.empty")} text={t("ghost.empty.text")} />
            : shown.length === 0
            ? <Empty icon="search" title={t("list.nothing")} text={t("list.nothing.filter")} />
            : shown.map((one) => (
              <WallCard
                key={one.topic}
                topic={one}
                organisation={inbox.organisations.get(one.organisation)}
                watched={watched?.topic === one.topic && !watched.observation?.ended}
                typing={chat.typists.in(one.topic, chat.me).join(",")}
                now={now}
              />
            ))}
        </div>
      </section>
      <section className="gw" aria-label={t("ghost.dialog")}>
        {watched && known
          ? <GhostFrame view={watched} topic={known} onLeave={() => go("/watch")} onAgain={() => setView(undefined)} />
          : <Empty icon="ghost" title={t("ghost.choose")} text={t("ghost.choose.text")} />}
      </section>
      {known && !known.participant && !watched
        ? (
          <ReasonDialog
            key={known.topic}
            topic={known}
            organisation={inbox?.organisations.get(known.organisation)?.name ?? ""}
            onOpen={setView}
            onClose={() => go("/watch")}
          />
        )
        : null}
    </main>
  )
}
