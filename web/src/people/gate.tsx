// What stands before the work: the notice that supervisors may watch, once, and the second step where the firm demands it.
import "./words.ts"
import { useState } from "react"
import { errorText } from "../chat/words.ts"
import { useT } from "../shared/i18n/index.tsx"
import { type Api, ApiError, type Session } from "../shared/net/api.ts"
import { signOut } from "../shared/net/signOut.ts"
import { ErrorNote, Icon } from "../shared/ui/basics.tsx"
import { confirmNotice } from "./calls.ts"
import { Enrol } from "./enrol.tsx"
import { Card } from "./parts.tsx"

interface Props {
  api: Api
  session: Session
  onSession: (session: Session) => void
  onLeave: () => void
}

export default function Gate({ api, session, onSession, onLeave }: Props) {
  const t = useT()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string>()
  const again = () =>
    api.session().then(onSession, (cause: unknown) => {
      if (!(cause instanceof ApiError)) throw cause
      setBusy(false)
      setError(errorText(t, cause.code))
    })
  const out = () => {
    setBusy(true)
    setError(undefined)
    void signOut(api, session.account.id).then((ended) => {
      // Somebody else has signed in from another tab: the page is theirs now.
      if (ended.result === "stranger") return again()
      if (ended.result === "out") return onLeave()
      // Without the server the cookie stays: say so instead of pretending.
      setBusy(false)
      setError(`${t("signout.failed")}. ${errorText(t, ended.code)}`)
    })
  }
  if (session.notices.length > 0) {
    return (
      <Card title={t("people.notice.title")} testid="notice">
        <p>{t("people.notice.text")}</p>
        <p className="t2">{t("people.notice.text2")}</p>
        {error ? <ErrorNote>{error}</ErrorNote> : null}
        <button
          type="button"
          className="btn btn--primary btn--block"
          disabled={busy}
          aria-busy={busy}
          data-testid="notice-agree"
          onClick={() => {
            setBusy(true)
            setError(undefined)
            confirmNotice(api).then(again, (cause: unknown) => {
              if (!(cause instanceof ApiError)) throw cause
              setBusy(false)
              setError(errorText(t, cause.code))
            })
          }}
        >
          {t("people.notice.agree")}
        </button>
      </Card>
    )
  }
  return (
    <Card title={t("people.owed.title")} testid="owed">
      <p className="t2">{t("people.owed.text")}</p>
      <Enrol api={api} onDone={() => void again()} />
      {error ? <ErrorNote>{error}</ErrorNote> : null}
      <button
        type="button"
        className="link t3"
        disabled={busy}
        data-testid="owed-out"
        onClick={out}
      >
        <Icon name="signout" size={14} />
        {t("people.owed.out")}
      </button>
    </Card>
  )
}
