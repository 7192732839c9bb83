// Verified until when, by what, and what was found: for the admin.
import { useCallback, useEffect } from "react"
import { useApp } from "../chat/context.tsx"
import { errorText } from "../chat/words.ts"
import { useAnswer } from "../shared/answer.ts"
import { dateTime, fromIsoDay, number, parse } from "../shared/i18n/format.ts"
import { useT } from "../shared/i18n/index.tsx"
import { ApiError } from "../shared/net/api.ts"
import { Icon, Skeleton } from "../shared/ui/basics.tsx"
import { Failed } from "../shared/ui/list.tsx"
import { toast } from "../shared/ui/toast.tsx"
import { isLate, rootIsLate } from "./check.ts"
import { askForCheck, readIntegrity, type Run } from "./data.ts"
import { faultPlace, faultReason } from "./faults.ts"
import { useWords } from "./words.ts"

/** While a check is under way, its end is asked for so often. */
const askEvery = 2_000

/** Groups of four digits, as people compare them. */
const groups = (hash: string): string => hash.replace(/(.{4})(?=.)/g, "$1 ")

const verdicts = { ok: "whole", bad: "broken", late: "late", none: "unchecked" } as const

export function IntegrityPage() {
  const t = useT()
  const say = useWords()
  const { api } = useApp()
  const { value: state, error, reload, set } = useAnswer(useCallback(() => readIntegrity(api), [api]))
  const running = state?.isRunning === true
  useEffect(() => {
    if (!running) return
    const timer = setInterval(() => readIntegrity(api).then(set, () => undefined), askEvery)
    return () => clearInterval(timer)
  }, [api, running, set])
  const check = () => {
    askForCheck(api).then(set, (raw: unknown) => {
      if (!(raw instanceof ApiError)) throw raw
      // Somebody else was quicker: theirs is shown.
      if (raw.code === "conflict") void reload()
      else toast(errorText(t, raw.code), "error")
    })
  }
  if (!state) {
    return (
      <section className="main">
        {error === undefined
          ? <Skeleton rows={8} />
          : <Failed title={say("integrity.failed")} code={error} again={reload} />}
      </section>
    )
  }
  const newest = state.runs[0]
  const runIsLate = newest !== undefined && isLate(parse(newest.finishedAt))
  const rootLate = state.root ? rootIsLate(state.root) : false
  const look = newest === undefined ? "none" : newest.faultCount > 0 ? "bad" : runIsLate || rootLate ? "late" : "ok"
  return (
    <section className="main audit__state scroll" data-testid="integrity">
      <header className="bar">
        <h1 className="nw">{say("integrity")}</h1>
        <span className="grow" />
        <button type="button" className="btn btn--md" disabled={running} data-testid="check-now" onClick={check}>
          <Icon name="sync" />
          {say(running ? "checking" : "check.now")}
        </button>
      </header>
      <div className="audit__in">
        <section className="audit__seal" data-state={look} data-testid="verdict">
          <span className="audit__mark">
            <Icon name={look === "bad" || look === "late" ? "alert" : "shield"} size={24} />
          </span>
          <div>
            <h2>{say(verdicts[look])}</h2>
            <p className="s12 t2 num">
              {state.verifiedUntil ? say("verified", { at: dateTime(parse(state.verifiedUntil)) }) : say("runs.empty")}
            </p>
            {runIsLate ? <p className="s12" data-testid="run-late">{say("late.run")}</p> : null}
            {rootLate ? <p className="s12" data-testid="root-late">{say("late.root")}</p> : null}
          </div>
        </section>
        {newest && newest.faults.length > 0 ? <Faults run={newest} /> : null}
        <div className="audit__columns">
          <section>
            <h3>{state.root ? say("newest", { day: fromIsoDay(state.root.day) }) : say("roots")}</h3>
            {state.root
              ? <p className="mono s12 t2 audit__hash" data-testid="root">{groups(state.root.root)}</p>
              : <p className="t3 s12">{say("root.none")}</p>}
          </section>
          <section>
            <h3>{say("chain")}</h3>
            <p className="s12 t2 num">{say("link", { n: state.actionSeq })}</p>
            {state.actionHash ? <p className="mono s12 t2 audit__hash">{groups(state.actionHash)}</p> : null}
            {state.actionsWaiting > 0 ? <p className="s12 t3">{say("waiting", { n: state.actionsWaiting })}</p> : null}
          </section>
        </div>
        <h3>{say("runs")}</h3>
        {state.runs.length === 0 ? <p className="t3 s12">{say("runs.empty")}</p> : <Runs runs={state.runs} />}
      </div>
    </section>
  )
}

function Faults({ run }: { run: Run }) {
  const say = useWords()
  return (
    <table className="table audit__faults" data-testid="faults">
      <thead>
        <tr>
          <th scope="col">{say("place")}</th>
          <th scope="col">{say("reason")}</th>
        </tr>
      </thead>
      <tbody>
        {run.faults.map((fault, i) => (
          <tr key={i}>
            <td className="nw">{faultPlace(fault.place, say.language)}</td>
            <td className="wrap">{faultReason(fault.reason, say.language)}</td>
          </tr>
        ))}
        {run.faultCount > run.faults.length
          ? (
            <tr>
              <td colSpan={2} className="t3">{say("faults.more", { n: run.faultCount - run.faults.length })}</td>
            </tr>
          )
          : null}
      </tbody>
    </table>
  )
}

function Runs({ runs }: { runs: Run[] }) {
  const say = useWords()
  const columns = ["topics", "entries", "actions", "roots", "months"] as const
  return (
    <div className="tablewrap">
      <table className="table table--read audit__runs">
        <thead>
          <tr>
            <th scope="col">{say("when")}</th>
            <th scope="col" />
            {columns.map((column) => <th key={column} scope="col" className="r">{say(column)}</th>)}
            <th scope="col" className="r">{say("took")}</th>
            <th scope="col" className="r">{say("faults")}</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <tr key={run.startedAt} data-testid="run">
              <td className="num">{dateTime(parse(run.startedAt))}</td>
              <td className="t3">
                {run.isDaily ? say("daily") : run.askedBy ? say("asked.by", { who: run.askedBy.name }) : say("asked")}
              </td>
              {columns.map((column) => (
                <td key={column} className="num r" data-label={say(column)}>{number(run[column])}</td>
              ))}
              <td className="num r" data-label={say("took")}>
                {say("seconds", { n: Math.round((parse(run.finishedAt) - parse(run.startedAt)) / 100) / 10 })}
              </td>
              <td className="num r" data-label={say("faults")}>
                <span className={run.faultCount === 0 ? "tag tag--ok" : "tag tag--danger"}>
                  {number(run.faultCount)}
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
