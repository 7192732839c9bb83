// The list: organisations with their five topics, what is unread, who waits, who types.
import { memo, type Ref, useImperativeHandle, useMemo, useRef, useState } from "react"
import { useT } from "../shared/i18n/index.tsx"
import { useNow } from "../shared/clock.ts"
import type { InboxTopic } from "../shared/net/protocol.ts"
import { useSignal } from "../shared/signal.ts"
import { isRecord, load, save } from "../shared/storage.ts"
import { Avatar, Empty, Icon, Skeleton, Typing } from "../shared/ui/basics.tsx"
import { Choice } from "../shared/ui/choice.tsx"
import { Link } from "../shared/ui/link.tsx"
import { useApp } from "./context.tsx"
import { type Filter, type Group, groups } from "./filter.ts"
import { Waiting } from "./waiting.tsx"
import { firstName, personName, shortWhen, topicIcon, topicName } from "./words.ts"

export interface OrgsHandle {
  search(): void
  groups(): Group[]
}
interface Props {
  handle: Ref<OrgsHandle>
  onOpen: (topic: InboxTopic) => void
}

export function Orgs({ handle, onOpen }: Props) {
  const t = useT()
  const { chat } = useApp()
  const revision = useSignal(chat.inboxSignal)
  const typing = useSignal(chat.typists.signal)
  const drafts = useSignal(chat.memory.signal)
  const now = useNow(60_000)
  const [search, setSearch] = useState("")
  const [filter, setFilter] = useState<Filter>("all")
  const stored = `1fin:${chat.me}:folds`
  const [folds, setFolds] = useState<Record<string, unknown>>(() => load(stored, isRecord) ?? {})
  const input = useRef<HTMLInputElement>(null)
  const risen = useRef(new Set<number>())
  const inbox = chat.inbox
  const shown = useMemo(
    () => inbox ? groups(inbox, filter, search, (topic) => topicName(t, topic.kind), risen.current) : [],
    [inbox, revision, filter, search, t],
  )
  useImperativeHandle(handle, () => ({
    search: () => {
      input.current?.focus()
      input.current?.select()
    },
    groups: () => shown,
  }), [shown])
  const topics = [...(inbox?.topics.values() ?? [])]
  const waiting = topics.filter((topic) => topic.waitingSince).length
  const unread = topics.filter((topic) => topic.unread > 0).length
  const few = topics.length <= 10
  const filters: [Filter, string, number][] = [["all", t("list.all"), 0]]
  if (chat.staff) filters.push(["waiting", t("list.waiting"), waiting])
  filters.push(["unread", t("list.unread"), unread])
  const fold = (group: Group, open: boolean) => {
    const next = { ...folds, [group.organisation.organisation]: open }
    setFolds(next)
    save(stored, next)
  }
  return (
    <aside className="orgs" aria-label={t("list.label")}>
      {chat.current === undefined ? <h1 className="sr">{t("nav.chat")}</h1> : null}
      <div className="orgs__top">
        <label className="search">
          <span className="sr">{t("list.search")}</span>
          <Icon name="search" />
          <input
            ref={input}
            className="input input--soft"
            type="search"
            placeholder={t("list.search")}
            value={search}
            data-testid="list-search"
            onChange={(event) => setSearch(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === "Escape") {
                setSearch("")
                event.currentTarget.blur()
              } else if (event.key === "Enter") {
                const first = shown[0]?.topics[0]
                if (first) onOpen(first)
              }
            }}
          />
          <span className="kbd" aria-hidden="true">Ctrl K</span>
        </label>
        <Choice
          label={t("list.filter")}
          options={filters.map(([id, label, count]) => ({ id, label, count, testid: `filter-${id}` }))}
          value={filter}
          onChange={setFilter}
        />
      </div>
      <div className="orgs__scroll" data-few={few || undefined}>
        {!inbox ? <Skeleton rows={7} /> : shown.length === 0
          ? (topics.length === 0
            ? (
              <Empty
                icon="chat"
                title={t("list.empty")}
                text={t(chat.staff ? "list.empty.staff" : "list.empty.client")}
              />
            )
            : (
              <Empty
                icon="search"
                title={t("list.nothing")}
                text={search ? t("list.nothing.search") : t("list.nothing.filter")}
              />
            ))
          : shown.map((group) => {
            const current = group.topics.some((topic) => topic.topic === chat.current)
            const chosen = folds[group.organisation.organisation]
            const open = few || search !== "" || filter !== "all" || current ||
              (typeof chosen === "boolean" ? chosen : group.active)
            return (
              <OrgGroup
                key={group.organisation.organisation}
                group={group}
                open={open}
                few={few}
                now={now}
                typing={typing + drafts}
                current={chat.current}
                onFold={() => fold(group, !open)}
                onOpen={onOpen}
              />
            )
          })}
      </div>
    </aside>
  )
}

interface GroupProps {
  group: Group
  open: boolean
  few: boolean
  now: number
  typing: number
  current: number | undefined
  onFold: () => void
  onOpen: (topic: InboxTopic) => void
}

function OrgGroup({ group, open, few, now, typing, current, onFold, onOpen }: GroupProps) {
  const t = useT()
  const { organisation, topics } = group
  return (
    <section className="org" data-organisation={organisation.organisation}>
      <button type="button" className="org__h" aria-expanded={open} onClick={onFold}>
        <Avatar id={organisation.organisation} name={organisation.name} org size={24} />
        {open
          ? (
            <>
              <b className="cut grow">{organisation.name}</b>
              {group.unread > 0 ? <span className="s11 t3 num">{t("list.new", { n: group.unread })}</span> : null}
              <span className="t3">
                <Icon name="down" size={12} />
              </span>
            </>
          )
          : (
            <>
              <span className="cut grow">{organisation.name}</span>
              <span className="org__strip">
                {topics.map((topic) => (
                  <span
                    key={topic.topic}
                    title={topic.unread > 0
                      ? `${topicName(t, topic.kind)}: ${t("list.new", { n: topic.unread })}`
                      : topicName(t, topic.kind)}
                    data-u={topic.unread > 0 || undefined}
                  >
                    <Icon name={topicIcon[topic.kind]} />
                  </span>
                ))}
              </span>
            </>
          )}
      </button>
      {open
        ? topics.map((topic) => (
          <TopicRow
            key={topic.topic}
            topic={topic}
            current={topic.topic === current}
            few={few}
            now={now}
            typing={typing}
            onOpen={onOpen}
          />
        ))
        : null}
    </section>
  )
}

interface RowProps {
  topic: InboxTopic
  current: boolean
  few: boolean
  now: number
  typing: number
  onOpen: (topic: InboxTopic) => void
}

const TopicRow = memo(function TopicRow({ topic, current, few, now, onOpen }: RowProps) {
  const t = useT()
  const { chat } = useApp()
  const typists = chat.typists.in(topic.topic, chat.me)
  const draft = current ? undefined : chat.memory.draft(topic.topic)
  const name = topicName(t, topic.kind)
  const line = lastLine(t, chat, topic, few)
  const middle = typists.length > 0
    ? <Typing cut text={typists.map((id) => firstName(personName(t, chat.person(id), false, id))).join(", ")} />
    : draft
    ? (
      <span className="topic__last cut">
        <b className="danger">{t("list.draft")}:</b> {draft.edit?.body ?? draft.body}
      </span>
    )
    : line
    ? <span className="topic__last cut">{line}</span>
    : null
  const clock = topic.waitingSince ? <Waiting topic={topic.topic} since={topic.waitingSince} /> : null
  const badge = topic.participant
    ? (
      <span className="slot">
        {topic.unread > 0
          ? (
            <span className="badge num" data-testid="badge" aria-label={t("list.new", { n: topic.unread })}>
              {topic.unread}
            </span>
          )
          : null}
      </span>
    )
    : (
      <span className="slot t3" title={t("ghost.only")}>
        <Icon name="ghost" size={14} />
      </span>
    )
  return (
    <Link
      className={few ? "topic topic--two" : "topic"}
      to={topic.participant ? `/t/${topic.topic}` : `/watch/${topic.topic}`}
      testid="topic"
      data-topic={topic.topic}
      data-kind={topic.kind}
      data-unread={topic.unread > 0 || undefined}
      aria-current={current || undefined}
      onOpen={() => onOpen(topic)}
    >
      <Icon name={topicIcon[topic.kind]} size={few ? 20 : undefined} />
      {few
        ? (
          <span className="grow topic__two">
            <span className="row">
              <span className="topic__n grow">{name}</span>
              {clock}
              {topic.last && !clock
                ? <span className="s11 t3 num">{shortWhen(t, Date.parse(topic.last.at), now)}</span>
                : null}
            </span>
            <span className="row">
              <span className="grow cut">{middle ?? <span className="topic__last">{t("list.noMessages")}</span>}</span>
              {badge}
            </span>
          </span>
        )
        : (
          <>
            <span className="topic__n">{name}</span>
            <span className="topic__mid">{middle}</span>
            <span className="end">{clock}{badge}</span>
          </>
        )}
    </Link>
  )
})

function lastLine(
  t: ReturnType<typeof useT>,
  chat: ReturnType<typeof useApp>["chat"],
  topic: InboxTopic,
  /** In a narrow row the words matter more than who wrote them. */
  named: boolean,
): string | undefined {
  const last = topic.last
  if (!last || !topic.participant) return undefined
  const who = last.by === chat.me ? t("you") : firstName(personName(t, chat.person(last.by), false, last.by))
  if (last.deleted) return `${who}: ${t("message.deleted")}`
  if (last.text === undefined) return undefined
  const words = last.text.replace(/\s+/g, " ")
  const text = last.documents ? [t("doc.count", { n: last.documents }), words].filter(Boolean).join(" · ") : words
  return named || last.by === chat.me ? `${who}: ${text}` : text
}
