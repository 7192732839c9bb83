// The pane at the right: the case, who takes part, how past cases were rated.
import { Suspense } from "react"
import { Gallery } from "../documents/gallery.tsx"
import { dateTime } from "../shared/i18n/format.ts"
import { useT } from "../shared/i18n/index.tsx"
import { useNow } from "../shared/clock.ts"
import { useSignal } from "../shared/signal.ts"
import { Avatar, Icon, IconButton, Stars } from "../shared/ui/basics.tsx"
import { Boundary, later } from "../shared/ui/boundary.tsx"
import { useApp } from "./context.tsx"
import type { TopicView } from "./topicView.ts"
import { overseeing } from "../oversight/overseeing.ts"
import { personName, roleName, when } from "./words.ts"

const assigned = later(() => import("../clocks/assigned.tsx"))

export function Details({ view, onClose, ghost = false }: { view: TopicView; onClose: () => void; ghost?: boolean }) {
  const t = useT()
  const { chat } = useApp()
  useSignal(view.signal)
  useSignal(chat.presences.signal)
  useSignal(chat.typists.signal)
  const now = useNow(60_000)
  const current = view.case
  const people = [...view.people.values()].filter((person) => person.participant)
    .sort((a, b) => Number(b.staff) - Number(a.staff) || a.name.localeCompare(b.name))
  const typing = chat.typists.in(view.topic, chat.me)
  const inbox = chat.topic(view.topic)
  const ratings = view.log.items().flatMap((item) =>
    item.type === "rate" && item.entry.kind === "rate" ? [item.entry] : []
  )
  return (
    <aside className="det" aria-label={t("details")} data-testid="details">
      <header className="head">
        <IconButton icon="left" label={t("back")} className="back" onClick={onClose} />
        <h2 className="grow">{t("details")}</h2>
        <IconButton icon="x" label={t("close")} size="md" className="wide" onClick={onClose} />
      </header>
      <div className="scroll">
        <section>
          {current
            ? (
              <>
                <h3>
                  {t("case.n", { n: current.case })}
                  <span
                    className={current.state === "open"
                      ? "tag tag--accent"
                      : current.state === "rated"
                      ? "tag tag--ok"
                      : "tag"}
                    data-testid="case-state"
                  >
                    {current.state === "rated" ? <Icon name="check" size={12} /> : null}
                    {t(`case.state.${current.state}`)}
                  </span>
                </h3>
                <dl className="kv">
                  <dt>{t("case.openedAt")}</dt>
                  <dd>{dateTime(Date.parse(current.openedAt))}</dd>
                  {current.closedAt
                    ? (
                      <>
                        <dt>{t("case.closedAt")}</dt>
                        <dd>{dateTime(Date.parse(current.closedAt))}</dd>
                        <dt>{t("case.closedBy")}</dt>
                        <dd>{personName(t, chat.person(current.closedBy, view), true, current.closedBy)}</dd>
                      </>
                    )
                    : null}
                  {people.some((person) => person.staff)
                    ? (
                      <>
                        <dt>{t("role.accountant.title")}</dt>
                        <dd>{people.filter((person) => person.staff).map((person) => person.name).join(", ")}</dd>
                      </>
                    )
                    : null}
                </dl>
              </>
            )
            : (
              <>
                <h3>{t("case.none")}</h3>
                <p className="t3 s12">{t("case.none.text")}</p>
              </>
            )}
        </section>
        <section>
          <h3>
            {t("people")} <span className="n">{people.length}</span>
          </h3>
          {people.length === 0 ? <p className="t3 s12">{t("people.none")}</p> : null}
          {people.map((person) => {
            const presence = chat.presences.of(person.account)
            const online = person.account === chat.me ? true : presence?.online
            const state = typing.includes(person.account) ? <span className="accent">{t("person.typing")}</span> : [
              roleName(t, person.role),
              online
                ? t("person.online")
                : presence?.seen
                ? t("person.seen", { at: when(t, Date.parse(presence.seen), now) })
                : "",
            ].filter(Boolean).join(" · ")
            return (
              <div className="p" key={person.account} data-account={person.account} data-testid="person">
                <Avatar id={person.account} name={person.name} online={online ?? false} />
                <div className="grow">
                  <div className="cut">
                    {person.name} {person.account === chat.me ? <span className="t3">({t("you.small")})</span> : null}
                  </div>
                  <div className="s12 t3 cut">{state}</div>
                </div>
              </div>
            )
          })}
        </section>
        {chat.reader.deleted && people.some((person) => person.account === chat.me && person.staff)
          ? (
            <section>
              <button
                type="button"
                className="btn btn--md"
                data-testid="leave-topic"
                onClick={() => overseeing.set({ what: "leave", topic: view.topic })}
              >
                <Icon name="signout" />
                {t("topic.leave")}
              </button>
            </section>
          )
          : null}
        {chat.assigns && inbox
          ? (
            <Boundary renew={assigned.renew} frame={(content) => <section>{content}</section>}>
              <Suspense fallback={null}>
                <assigned.Part key={view.topic} organisation={inbox.organisation} kind={inbox.kind} />
              </Suspense>
            </Boundary>
          )
          : null}
        <Gallery key={view.topic} view={view} />
        <section>
          <h3>
            {t("ratings")} <span className="n">{ratings.length}</span>
          </h3>
          {ratings.length === 0 ? <p className="t3 s12">{t(view.log.more ? "ratings.more" : "ratings.none")}</p> : null}
          {ratings.slice(-5).reverse().map((rating) => (
            <div className="rating" key={rating.seq}>
              <div className="row">
                <Stars value={rating.stars} label={t("rate.given", { n: rating.stars })} />
                <span className="s12 t3 nw">
                  {t("case.n", { n: rating.case })} · {when(t, Date.parse(rating.at), now)}
                </span>
              </div>
              {rating.body ? <p className="s12 t2">«{rating.body}»</p> : null}
            </div>
          ))}
        </section>
        {ghost ? null : (
          <section>
            <h3>
              <Icon name="chain" size={14} /> {t("chain")}
            </h3>
            <p className="t3 s12">
              {view.log.headHash ? t("chain.text", { n: view.log.head }) : t("chain.empty")}
            </p>
            {view.log.headHash
              ? <p className="mono s11 t3 hash">{view.log.headHash.match(/.{1,8}/g)?.join(" ")}</p>
              : null}
          </section>
        )}
      </div>
    </aside>
  )
}
