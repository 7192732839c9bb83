// Each page holds the newest daily root that its device has seen against what the server says now, once after it was opened and then every hour.
import { useEffect, useState } from "react"
import { useApp } from "../chat/context.tsx"
import { fromIsoDay } from "../shared/i18n/format.ts"
import { ApiError } from "../shared/net/api.ts"
import { Icon } from "../shared/ui/basics.tsx"
import { checkRoots, dismissRootAlarm, type Held, rootAlarm, rootIsLate } from "./check.ts"
import { useWords } from "./words.ts"

const hour = 3_600_000

export default function RootAlarm() {
  const say = useWords()
  const { api, session } = useApp()
  const account = session.account.id
  const [alarm, setAlarm] = useState<Held | undefined>(() => rootAlarm(account))
  const [stale, setStale] = useState<string>()
  useEffect(() => {
    if (!globalThis.isSecureContext) return
    const look = () => {
      checkRoots(api, account).then((found) => {
        if (found.alarm) setAlarm(found.alarm)
        setStale(found.newest && rootIsLate(found.newest) ? found.newest.day : undefined)
      }, (raw: unknown) => {
        // The server is away, or the session is over: asked again later.
        if (!(raw instanceof ApiError)) throw raw
      })
    }
    look()
    const timer = setInterval(look, hour)
    return () => clearInterval(timer)
  }, [api, account])
  if (!alarm) {
    return stale === undefined ? null : (
      <div className="note note--warn alarm" role="status" data-testid="root-stale">
        <Icon name="alert" />
        <div className="grow">
          <b>{say("stale.title")}</b> {say("stale.text", { day: fromIsoDay(stale) })}
        </div>
      </div>
    )
  }
  return (
    <div className="note note--danger alarm" role="alert" data-testid="root-alarm">
      <Icon name="alert" />
      <div className="grow">
        <b>{say("alarm.title")}</b> {say("alarm.text", { day: alarm.day ? fromIsoDay(alarm.day) : "—" })}{" "}
        <span className="mono s11">{alarm.root.slice(0, 16)}…</span>
      </div>
      <button
        type="button"
        className="link"
        data-testid="root-alarm-dismiss"
        onClick={() => {
          dismissRootAlarm(account)
          setAlarm(undefined)
        }}
      >
        {say("alarm.dismiss")}
      </button>
    </div>
  )
}
