// What was asked to be erased, by whom and why; the second person confirms or refuses here. No text is ever shown.
import { useState } from "react"
import { Confirm } from "../chat/caseDialogs.tsx"
import { useApp } from "../chat/context.tsx"
import { topicName } from "../chat/words.ts"
import { dateTime, parse } from "../shared/i18n/format.ts"
import { useT } from "../shared/i18n/index.tsx"
import { ApiError } from "../shared/net/api.ts"
import { RequestError } from "../shared/net/socket.ts"
import { type Erasure, replaced, useList } from "./data.ts"
import { List } from "./parts.tsx"
import { type Say, useWords } from "./words.ts"

export function ErasuresPage() {
  const t = useT()
  const say = useWords()
  const { api, session } = useApp()
  const list = useList<Erasure>(api, "/erasures")
  const [asking, setAsking] = useState<{ erasure: Erasure; what: "confirm" | "refuse" }>()
  const me = session.account.id
  return (
    <section className="main oversee" data-testid="erasures">
      <header className="bar">
        <h1 className="nw">{say("erasures")}</h1>
      </header>
      <p className="oversee__text t3 s12">{say("erasures.text")}</p>
      <List
        list={list}
        columns={[say("asked"), say("message"), say("why"), say("state"), say("decided")]}
        row={(one) => (
          <>
            <td>
              <b className="m">{one.requested.by.name}</b>
              <div className="s12 t3 num">{dateTime(parse(one.requested.at))}</div>
            </td>
            <td data-label={say("message")}>
              {one.organisation.name} · {topicName(t, one.kind)}
              <div className="s12 t3">
                {say("erasure.message", { n: String(one.message) })} · {one.author?.name ?? "—"} ·{" "}
                {dateTime(parse(one.sent))}
              </div>
            </td>
            <td className="wrap" data-label={say("why")}>{one.reason}</td>
            <td>
              <State erasure={one} say={say} />
            </td>
            <td>
              {one.state !== "requested"
                ? (
                  <span className="t3 s12 num">
                    {dateTime(parse((one.confirmed ?? one.refused ?? one.requested).at))}
                  </span>
                )
                : (
                  <span className="row oversee__buttons">
                    {one.requested.by.id === me ? <span className="t3 s12">{say("erasure.own")}</span> : (
                      <button
                        type="button"
                        className="btn btn--sm btn--danger"
                        disabled={one.held}
                        data-testid="erasure-confirm"
                        onClick={() => setAsking({ erasure: one, what: "confirm" })}
                      >
                        {say("confirm")}
                      </button>
                    )}
                    <button
                      type="button"
                      className="btn btn--sm"
                      data-testid="erasure-refuse"
                      onClick={() => setAsking({ erasure: one, what: "refuse" })}
                    >
                      {say("refuse")}
                    </button>
                  </span>
                )}
            </td>
          </>
        )}
        empty={{ icon: "trash", title: say("erasures.empty"), text: say("erasures.empty.text") }}
      />
      {asking
        ? (
          <Confirm
            title={say(asking.what === "confirm" ? "confirm.title" : "refuse.title")}
            effects={asking.what === "confirm"
              ? [say("confirm.effect1"), say("confirm.effect2"), say("confirm.effect3")]
              : [say("refuse.effect1")]}
            button={asking.what === "confirm" ? "oversee.confirm" : "oversee.refuse"}
            danger={asking.what === "confirm"}
            testid={`erasure-${asking.what}-dialog`}
            run={() =>
              api.call<Erasure>("POST", `/erasures/${asking.erasure.id}/${asking.what}`, {}).then(
                replaced(list),
                (raw: unknown) => {
                  if (!(raw instanceof ApiError)) throw raw
                  throw new RequestError(raw.code, raw.message, raw.status === 0 || raw.status >= 500)
                },
              )}
            onClose={() => setAsking(undefined)}
          />
        )
        : null}
    </section>
  )
}

function State({ erasure, say }: { erasure: Erasure; say: Say }) {
  if (erasure.confirmed) {
    return <span className="tag tag--ok">{say("erasure.confirmed", { who: erasure.confirmed.by.name })}</span>
  }
  if (erasure.refused) return <span className="tag">{say("erasure.refused", { who: erasure.refused.by.name })}</span>
  return (
    <>
      <span className="tag tag--warn">{say("erasure.requested")}</span>{" "}
      {erasure.held ? <span className="tag tag--danger">{say("erasure.held")}</span> : null}
    </>
  )
}
