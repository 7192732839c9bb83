// "My topics against the root": the browser works out itself what it is shown, for everybody who takes part somewhere.
import { useCallback, useEffect, useRef, useState } from "react"
import { useApp } from "../chat/context.tsx"
import { errorText } from "../chat/words.ts"
import { fromIsoDay } from "../shared/i18n/format.ts"
import { useT } from "../shared/i18n/index.tsx"
import { ApiError } from "../shared/net/api.ts"
import { Empty, Icon } from "../shared/ui/basics.tsx"
import { useSignal } from "../shared/signal.ts"
import type { Walk } from "./chain.ts"
import { checkTopic, heldRoot, rootsToHold } from "./check.ts"
import { type Say, useWords } from "./words.ts"

type State = { rows: number } | { walk: Walk } | { error: string }

export default function CheckPage() {
  const t = useT()
  const say = useWords()
  const { api, chat, session } = useApp()
  useSignal(chat.inboxSignal)
  const [states, setStates] = useState<ReadonlyMap<number, State>>(new Map())
  const [running, setRunning] = useState(false)
  const [day, setDay] = useState<string>()
  const [rootIsBroken, setRootIsBroken] = useState(false)
  const topics = [...(chat.inbox?.topics.values() ?? [])].filter((topic) => topic.participant)
  const names = new Map([...(chat.inbox?.organisations.values() ?? [])].map((one) => [one.organisation, one.name]))
  const held = heldRoot(session.account.id)

  const stop = useRef<AbortController | undefined>(undefined)
  const run = useCallback(async (ids: number[]) => {
    const abort = new AbortController()
    stop.current?.abort()
    stop.current = abort
    const { signal } = abort
    setRunning(true)
    setStates(new Map())
    const set = (id: number, state: State) => setStates((old) => new Map(old).set(id, state))
    const errorOf = (raw: unknown): State => {
      if (!(raw instanceof ApiError)) throw raw
      return { error: raw.code }
    }
    try {
      const { roots, alarm } = await rootsToHold(api, session.account.id)
      setDay(roots[0]?.day)
      setRootIsBroken(alarm !== undefined)
      // Against roots that don't fit, no topic can be well.
      if (alarm) return
      for (const id of ids) {
        const head = chat.memory.head(id)
        const known = { roots, head: head?.epoch === chat.inbox?.epoch ? head : undefined }
        const onRows = (rows: number) => {
          if (!signal.aborted) set(id, { rows })
        }
        const state = await checkTopic(api, id, known, onRows, signal)
          .then((walk) => walk && { walk }, errorOf)
        if (signal.aborted || !state) return
        set(id, state)
      }
    } catch (raw) {
      const state = errorOf(raw)
      for (const id of ids) set(id, state)
    } finally {
      if (stop.current === abort) setRunning(false)
    }
  }, [api, chat, session.account.id])
  const cancel = () => {
    stop.current?.abort()
    setRunning(false)
    setStates((old) => new Map([...old].filter(([, state]) => !("rows" in state))))
  }
  useEffect(() => () => stop.current?.abort(), [])

  const secure = globalThis.isSecureContext
  return (
    <main className="main scroll selfcheck" data-testid="check-page">
      <div className="audit__in">
        <h1>{say("mine")}</h1>
        <p className="t2">{say("mine.text")}</p>
        {held
          ? (
            <p className="s12 t3 mono" data-testid="held">
              {say("mine.held", { day: fromIsoDay(held.day), root: `${held.root.slice(0, 16)}…` })}
            </p>
          )
          : null}
        {rootIsBroken
          ? (
            <div className="note note--danger" role="alert" data-testid="root-broken">
              <Icon name="alert" />
              <div>
                <b>{say("alarm.title")}</b> {say("alarm.text", { day: held ? fromIsoDay(held.day) : "—" })}
              </div>
            </div>
          )
          : null}
        {!secure
          ? <div className="note note--warn">{say("mine.insecure")}</div>
          : topics.length === 0
          ? <Empty icon="chat" title={say("mine.none")} />
          : (
            <>
              <button
                type="button"
                className="btn btn--primary"
                disabled={running}
                data-testid="check-start"
                onClick={() => void run(topics.map((topic) => topic.topic))}
              >
                <Icon name="shield" />
                {say(states.size > 0 ? "mine.again" : "mine.start")}
              </button>
              {running
                ? (
                  <button type="button" className="btn" data-testid="check-stop" onClick={cancel}>
                    {say("mine.stop")}
                  </button>
                )
                : null}
              <ul className="card selfcheck__list">
                {topics.map((topic) => (
                  <li key={topic.topic} data-testid="check-topic" data-topic={topic.topic}>
                    <div>
                      <b className="m">{names.get(topic.organisation) ?? ""}</b>{" "}
                      <span className="t2">{t(`topic.${topic.kind}`)}</span>
                    </div>
                    <Outcome state={states.get(topic.topic)} day={day} say={say} />
                  </li>
                ))}
              </ul>
            </>
          )}
      </div>
    </main>
  )
}

function Outcome({ state, day, say }: { state: State | undefined; day: string | undefined; say: Say }) {
  const t = useT()
  if (!state) return null
  if ("rows" in state) return <span className="s12 t3 num">{say("mine.running", { n: state.rows })}</span>
  if ("error" in state) {
    return (
      <span className="s12 t3" data-outcome="error">
        {errorText(t, state.error)}
      </span>
    )
  }
  const { walk } = state
  if (walk.fault) {
    return (
      <span className="tag tag--danger" role="alert" data-outcome="fault">
        <Icon name="alert" size={14} />
        {say(`fault.${walk.fault.reason}`, { n: walk.fault.seq })}
      </span>
    )
  }
  const kept = [
    walk.hidden > 0 ? ` ${say("mine.hidden", { n: walk.hidden })}` : "",
    walk.withheld > 0 ? ` ${say("mine.withheld", { n: walk.withheld })}` : "",
  ]
  if (walk.isYoung) {
    return (
      <span className="s12 t3" data-outcome="young">
        {say("mine.young", { rows: walk.seq })}
        {kept}
      </span>
    )
  }
  return (
    <div className="s12" data-outcome="well">
      <span className="ok">
        <Icon name="check" size={14} /> {say("mine.well")}
      </span>{" "}
      <span className="t3">
        {say("mine.well.text", { rows: walk.seq, bodies: walk.bodies, day: day ? fromIsoDay(day) : "—" })}
        {kept}
      </span>
    </div>
  )
}
