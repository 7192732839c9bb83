// Closing a month: what stands in the way first, then what will happen, then one button.
import { type ReactNode, useCallback, useState } from "react"
import { useApp } from "../chat/context.tsx"
import { errorText } from "../chat/words.ts"
import { useAnswer } from "../shared/answer.ts"
import type { Page } from "../shared/list.ts"
import { useT } from "../shared/i18n/index.tsx"
import { dateTime, number, parse } from "../shared/i18n/format.ts"
import { ApiError } from "../shared/net/api.ts"
import { ErrorNote, Icon } from "../shared/ui/basics.tsx"
import { Dialog, DialogFoot } from "../shared/ui/dialog.tsx"
import { Link } from "../shared/ui/link.tsx"
import { type MonthState } from "./data.ts"
import { Files, Pane, StateTag } from "./pane.tsx"
import { type FigureWord, monthName, shifted, useSay } from "./words.ts"

const blockerWords: Record<string, FigureWord> = {
  not_over: "blockNotOver",
  earlier_open: "blockEarlier",
  no_rules: "blockRules",
  rateable: "blockRateable",
  contests: "blockContests",
  calendar: "blockCalendar",
  approximate: "blockApproximate",
}
/** Where what stands in the way is put right. */
const blockerPlaces: Record<string, (month: string) => string> = {
  no_rules: (month) => `/kpi/rules/${month}`,
  contests: (month) => `/kpi/bonuses/${month}`,
  earlier_open: (month) => `/kpi/months/${shifted(month, -1)}`,
  calendar: () => "/admin/calendar",
  approximate: () => "/admin/calendar",
}

export function ClosingPane({ month, chooser }: { month: string; chooser: ReactNode }) {
  const t = useT()
  const words = useSay()
  const { api } = useApp()
  const asked = useAnswer(useCallback(async () => {
    const [state, all] = await Promise.all([
      api.call<MonthState>("GET", `/months/${month}`),
      api.call<Page<MonthState>>("GET", "/months"),
    ])
    return { state, all: all.items }
  }, [api, month]))
  const [asks, setAsks] = useState(false)
  const [busy, setBusy] = useState(false)
  /** The code of the last refusal. */
  const [refusal, setRefusal] = useState<string>()
  /** The sums that the server says are no longer true: confirmed is only what is shown anew. */
  const [outdated, setOutdated] = useState<MonthState>()
  const found = asked.value
  const name = monthName(month, t.language)
  const inSentence = monthName(month, t.language, "sentence")
  const close = (state: MonthState) => {
    setBusy(true)
    setRefusal(undefined)
    api.call("POST", `/months/${month}/close`, { bonuses: state.bonuses, salaries: state.salaries }).then(() => {
      setAsks(false)
      asked.reload()
    }, (raw: unknown) => {
      if (!(raw instanceof ApiError)) throw raw
      setRefusal(raw.code)
      if (raw.code === "conflict" || blockerWords[raw.code] !== undefined) {
        setOutdated(state)
        asked.reload()
      }
    }).finally(() => setBusy(false))
  }
  /** Why it was refused. How many stand in the way is only known when the month has been looked at anew. */
  const refused = (state: MonthState): string | undefined => {
    if (refusal === undefined) return undefined
    if (refusal === "conflict") return words("closeChanged")
    const word = blockerWords[refusal]
    if (word === undefined) return errorText(t, refusal)
    const blocker = state.blockers.find((one) => one.blocker === refusal)
    if (blocker) return words(word, { n: blocker.count })
    return state === outdated ? errorText(t, "conflict") : undefined
  }
  const mayClose = (state: MonthState) => state !== outdated && state.blockers.length === 0
  const error = found ? refused(found.state) : undefined
  // Somebody else may have closed it meanwhile: then there is nothing left to ask.
  const dialog = asks && found?.state.state === "open"
    ? (
      <Dialog
        title={words("close", { month: inSentence })}
        onClose={() => setAsks(false)}
        held={busy}
        onSubmit={() => {
          if (!busy && mayClose(found.state)) close(found.state)
        }}
        icon="lock"
        testid="close-dialog"
        foot={
          <DialogFoot
            onClose={() => setAsks(false)}
            submit={words("closeYes")}
            busy={busy}
            ready={mayClose(found.state)}
            testid="close-yes"
          />
        }
      >
        <CloseWhat state={found.state} />
        <p className="t2">{words("closeNote")}</p>
        {error ? <ErrorNote testid="close-error">{error}</ErrorNote> : null}
      </Dialog>
    )
    : null
  return (
    <Pane
      title="months"
      chooser={chooser}
      actions={<Files path={`/months/${month}/payroll`} label={words("payroll")} testid="payroll" />}
      asked={asked}
      lines={5}
      testid="closing-page"
      over={dialog}
    >
      {(found) => (
        <div className="figures__body figures__body--narrow">
          <section className="card">
            <div className="card__h">
              <h3>{name}</h3>
              <StateTag state={found.state.state} testid="closing-state" />
            </div>
            <div className="card__b figures__rules">
              {found.state.state === "closed"
                ? (
                  <>
                    <p>
                      {words("closedBy", {
                        name: found.state.closedBy?.name ?? "",
                        at: dateTime(parse(found.state.closedAt ?? "")),
                      })}
                    </p>
                    <p>
                      {words("bonuses")}: <b className="num">{number(found.state.bonuses)}</b> · {words("salaries")}:
                      {" "}
                      <b className="num">{number(found.state.salaries)}</b>
                    </p>
                    <p className="t3 s12">
                      {words("seal")} <span className="mono figures__hash" data-testid="seal">{found.state.hash}</span>
                    </p>
                  </>
                )
                : (
                  <>
                    <ul className="figures__todo">
                      {found.state.blockers.map(({ blocker, count }) => (
                        <li key={blocker} data-testid={`blocker-${blocker}`}>
                          <Icon name="alert" />
                          <span className="grow">{words(blockerWords[blocker] ?? "blockNotOver", { n: count })}</span>
                          {blockerPlaces[blocker]
                            ? (
                              <Link to={blockerPlaces[blocker](month)} className="link" testid={`fix-${blocker}`}>
                                {words("putRightHere")}
                              </Link>
                            )
                            : null}
                        </li>
                      ))}
                      {found.state.notices.map(({ blocker, count }) => (
                        <li key={blocker} data-note data-testid={`notice-${blocker}`}>
                          <Icon name="clock" />
                          <span className="grow">{words("noticeWaits", { n: count })}</span>
                          <Link to="/queue" className="link" testid="notice-open">{words("show")}</Link>
                        </li>
                      ))}
                      {found.state.blockers.length === 0
                        ? (
                          <li data-done>
                            <Icon name="check" />
                            {words("ready")}
                          </li>
                        )
                        : null}
                    </ul>
                    <CloseWhat state={found.state} />
                    <button
                      type="button"
                      className="btn btn--primary btn--block"
                      disabled={found.state.blockers.length > 0}
                      data-testid="close-month"
                      onClick={() => {
                        setRefusal(undefined)
                        setAsks(true)
                      }}
                    >
                      <Icon name="lock" />
                      {words("close", { month: inSentence })}
                    </button>
                    <p className="t3 s12">{words("closeNote")}</p>
                  </>
                )}
            </div>
          </section>
          <section className="card">
            <ul className="figures__doubts">
              {found.all.map((one) => (
                <li key={one.month}>
                  <Icon name={one.state === "closed" ? "lock" : "clock"} size={14} />
                  <Link to={`/kpi/months/${one.month}`} className="grow">{monthName(one.month, t.language)}</Link>
                  <span className="num t2">
                    {one.state === "closed" ? number(one.bonuses + one.salaries) : words("open")}
                  </span>
                </li>
              ))}
            </ul>
          </section>
        </div>
      )}
    </Pane>
  )
}

/** What will be frozen and paid, in one sentence. */
function CloseWhat({ state }: { state: MonthState }) {
  const words = useSay()
  const { accountants, bonuses, salaries, waits, documents, ratings } = state
  return <p>{words("closeWhat", { n: accountants, bonuses, salaries, waits, documents, ratings })}</p>
}
