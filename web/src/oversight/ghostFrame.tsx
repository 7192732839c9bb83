// The watched topic in its violet bezel: a strip with the reason and the time that is left, the log without any control
// that writes, and a bar where the composer would be.
import { useCallback, useEffect, useMemo, useState } from "react"
import { AlarmNote } from "../chat/alarm.tsx"
import { Confirm } from "../chat/caseDialogs.tsx"
import { useApp } from "../chat/context.tsx"
import { LogPane } from "../chat/logPane.tsx"
import { LinkGuard } from "../chat/text.tsx"
import type { TopicView } from "../chat/topicView.ts"
import { Waiting } from "../chat/waiting.tsx"
import { topicIcon, topicName } from "../chat/words.ts"
import { AssignedButton } from "../clocks/assignedButton.tsx"
import { useNow } from "../shared/clock.ts"
import { countdown, dateTime } from "../shared/i18n/format.ts"
import { useT } from "../shared/i18n/index.tsx"
import type { InboxTopic } from "../shared/net/protocol.ts"
import { useSignal } from "../shared/signal.ts"
import { Avatar, Empty, Icon } from "../shared/ui/basics.tsx"
import { overseeing } from "./overseeing.ts"

interface Props {
  view: TopicView
  topic: InboxTopic
  onLeave: () => void
  onAgain: () => void
}

const nothing = () => {
  // A ghost answers, edits and deletes nothing; the log asks for these all the same.
}

export function GhostFrame({ view, topic, onLeave, onAgain }: Props) {
  const t = useT()
  const { chat, session } = useApp()
  useSignal(view.signal)
  const now = useNow(1_000)
  const [link, setLink] = useState<string>()
  const observation = view.observation
  const over = !observation || observation.ended || now >= observation.until
  const organisation = chat.inbox?.organisations.get(topic.organisation)
  const people = [...view.people.values()].filter((person) => person.participant)
  const guard = useCallback((href: string) => setLink(href), [])
  const actions = useMemo(() => ({ reply: nothing, edit: nothing, remove: nothing, replace: nothing }), [])

  useEffect(() => {
    if (over && observation && !observation.ended) chat.unobserve(view)
  }, [chat, view, over, observation])
  useEffect(() => {
    const keys = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || document.querySelector("dialog[open], .menu-layer")) return
      event.preventDefault()
      onLeave()
    }
    addEventListener("keydown", keys)
    return () => removeEventListener("keydown", keys)
  }, [onLeave])

  return (
    <div className="gf" data-testid="ghost-frame">
      <div className="gs" data-testid="ghost-strip">
        <div className="gs__1">
          <span className="ic">
            <Icon name="ghost" size={20} />
          </span>
          <div className="grow">
            <h2 className="cut">{t("ghost.title")}</h2>
            <div className="sub cut">{t("ghost.sub")}</div>
          </div>
          {over || !observation ? null : (
            <span
              className="num s12 nw gs__t"
              role="timer"
              aria-label={t("ghost.left")}
              title={t("ghost.left")}
              data-testid="ghost-left"
            >
              {countdown(observation.until - now)}
            </span>
          )}
          <button
            type="button"
            className="btn btn--md btn--join"
            onClick={() => overseeing.set({ what: "join", topic: topic.topic })}
            aria-label={t("topic.join")}
            title={t("topic.join")}
            data-testid="ghost-join"
          >
            <Icon name="chat" />
          </button>
          <button
            type="button"
            className="btn btn--md"
            onClick={onLeave}
            aria-label={t("ghost.end")}
            data-testid="ghost-leave"
          >
            <span className="wide">{t("ghost.end")}</span>
            <span className="narrow">{t("ghost.end.short")}</span> <span className="kbd">Esc</span>
          </button>
        </div>
        {observation
          ? (
            <div className="gs__2">
              <Icon name="edit" size={14} />
              <span className="grow cut" title={observation.reason}>
                <b>{t("ghost.reason")}:</b> {observation.reason}
              </span>
              <span className="nw num">{dateTime(observation.since)}</span>
            </div>
          )
          : null}
      </div>
      <div className="gb">
        <div className="gh">
          <span className="t3">
            <Icon name={topicIcon[topic.kind]} />
          </span>
          <h1 className="grow cut">
            {topicName(t, topic.kind)}{" "}
            <span className="t3">
              {[organisation?.name, topic.case && t("case.n.small", { n: topic.case.case })].filter(Boolean).join(
                " · ",
              )}
            </span>
          </h1>
          {topic.waitingSince ? <Waiting topic={topic.topic} since={topic.waitingSince} /> : null}
          <span className="avs wide">
            {people.slice(0, 4).map((person) => (
              <span key={person.account} title={person.name}>
                <Avatar id={person.account} name={person.name} size={24} />
              </span>
            ))}
          </span>
          <AssignedButton topic={topic} />
        </div>
        <AlarmNote topic={view.topic} />
        {over
          ? (
            <Empty icon="clock" title={t("ghost.ended")} text={t("ghost.ended.text")} testid="ghost-ended">
              <button type="button" className="btn btn--ghost" onClick={onAgain}>
                <Icon name="ghost" />
                {t("ghost.again")}
              </button>
            </Empty>
          )
          : (
            <LinkGuard.Provider value={guard}>
              <LogPane view={view} ghost write={false} rate={false} onReopen={undefined} actions={actions} />
            </LinkGuard.Provider>
          )}
        <div className="gro">
          <Icon name="lock" size={20} />
          <span>
            <b>{t("ghost.closed")}</b> {t("ghost.logged", {
              from: String(view.log.head === 0 ? 0 : view.log.first),
              to: String(view.log.head),
              who: session.account.name,
            })}
          </span>
        </div>
      </div>
      {link
        ? (
          <Confirm
            title={t("ghost.link")}
            effects={[link, t("ghost.link.effect1"), t("ghost.link.effect2")]}
            button="ghost.link.open"
            testid="link-dialog"
            run={() => {
              globalThis.open(link, "_blank", "noopener,noreferrer")
              return undefined
            }}
            onClose={() => setLink(undefined)}
          />
        )
        : null}
    </div>
  )
}
