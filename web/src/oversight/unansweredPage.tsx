// Cases that were closed over a waiting client: by somebody who said that no answer was needed, or by a week of silence.
import { useMemo } from "react"
import { topicName } from "../chat/words.ts"
import { dateTime, parse } from "../shared/i18n/format.ts"
import { useT } from "../shared/i18n/index.tsx"
import { useApp } from "../chat/context.tsx"
import { useFilter } from "../shared/filter.ts"
import { Choice } from "../shared/ui/choice.tsx"
import { Link } from "../shared/ui/link.tsx"
import { type Unanswered, useList } from "./data.ts"
import { List } from "./parts.tsx"
import { useWords } from "./words.ts"

const filterNames = ["way"] as const
const ways = ["any", "dismissed", "silent"] as const

export function UnansweredPage() {
  const t = useT()
  const say = useWords()
  const { api } = useApp()
  const [wanted, setFilter] = useFilter(filterNames)
  const way = ways.find((one) => one === wanted.way) ?? "any"
  const filter = useMemo(() => way === "any" ? {} : { way }, [way])
  const list = useList<Unanswered>(api, "/unanswered", filter)
  return (
    <section className="main oversee" data-testid="unanswered">
      <header className="bar">
        <h1 className="nw">{say("unanswered")}</h1>
        <span className="grow" />
        <Choice
          label={say("unanswered")}
          options={ways.map((id) => ({
            id,
            label: say(id === "any" ? "any" : `way.${id}`),
            testid: `unanswered-${id}`,
          }))}
          value={way}
          onChange={(one) => setFilter(one === "any" ? {} : { way: one })}
        />
      </header>
      <p className="oversee__text t3 s12">{say("unanswered.text")}</p>
      <List
        list={list}
        columns={[say("where"), say("closed"), say("who"), say("waited")]}
        row={(one) => (
          <>
            <td>
              <Link to={`/t/${one.topic}/${one.message}`} className="link" testid="unanswered-open">
                {one.organisation.name}
              </Link>
              <div className="s12 t3">{topicName(t, one.kind)} · {t("case.n.small", { n: one.case })}</div>
            </td>
            <td className="num" data-label={say("closed")}>
              {dateTime(parse(one.at))}
              {one.reopened ? <span className="tag">{say("reopened")}</span> : null}
            </td>
            <td data-label={say("who")}>
              {one.by ? one.by.name : <span className="tag tag--warn">{say("way.silent")}</span>}
            </td>
            <td className="num" data-label={say("waited")}>{dateTime(parse(one.since))}</td>
          </>
        )}
        empty={{ icon: "check", title: say("unanswered.empty"), text: say("unanswered.empty.text") }}
      />
    </section>
  )
}
