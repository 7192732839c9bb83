// One topic on the wall: who wrote last and when, who types, who waits. Its text opens only inside a viewing.
import { memo } from "react"
import { useApp } from "../chat/context.tsx"
import { Waiting } from "../chat/waiting.tsx"
import { firstName, personName, topicIcon, topicName, when } from "../chat/words.ts"
import { useT } from "../shared/i18n/index.tsx"
import type { InboxTopic, Organisation } from "../shared/net/protocol.ts"
import { go } from "../shared/router.ts"
import { Avatar, Icon, Typing } from "../shared/ui/basics.tsx"

interface Props {
  topic: InboxTopic
  organisation: Organisation | undefined
  watched: boolean
  /** Who types, as text, so that the card compares equal while nobody new does. */
  typing: string
  now: number
}

export const WallCard = memo(function WallCard({ topic, organisation, watched, typing, now }: Props) {
  const t = useT()
  const { chat } = useApp()
  const name = organisation?.name ?? `№${topic.organisation}`
  const last = topic.last
  const typists = typing === "" ? [] : typing.split(",").map(Number)
  return (
    <button
      type="button"
      className="w"
      data-testid="wall-card"
      data-topic={topic.topic}
      data-kind={topic.kind}
      data-open={watched || undefined}
      onClick={() => go(`/watch/${topic.topic}`)}
    >
      <span className="w__h">
        <Avatar id={topic.organisation} name={name} org size={24} />
        <span className="grow n">
          <b className="cut block">{name}</b>
          <span className="t3 row">
            <Icon name={topicIcon[topic.kind]} size={12} />
            {topicName(t, topic.kind)}
          </span>
        </span>
        {topic.waitingSince ? <Waiting topic={topic.topic} since={topic.waitingSince} /> : null}
      </span>
      <span className="w__l">
        {last
          ? t("ghost.wrote", {
            who: personName(t, chat.person(last.by), false, last.by),
            at: when(t, Date.parse(last.at), now),
          })
          : t("ghost.silent")}
      </span>
      <span className="w__f">
        {typists.length > 0
          ? (
            <Typing
              cut
              text={t("typing", {
                who: typists.map((id) => firstName(personName(t, chat.person(id), false, id))).join(", "),
              })}
            />
          )
          : topic.case
          ? t("case.n", { n: topic.case.case })
          : null}
        <span className="grow" />
        {watched
          ? (
            <span className="row ghost nw">
              <Icon name="ghost" size={12} />
              {t("ghost.watching")}
            </span>
          )
          : null}
      </span>
    </button>
  )
})
