// One's own second step: on, off, and new codes on paper.
import { useCallback, useState } from "react"
import { useApp } from "../chat/context.tsx"
import { errorText, fieldError } from "../chat/words.ts"
import { useAnswer } from "../shared/answer.ts"
import { date } from "../shared/i18n/format.ts"
import { useT } from "../shared/i18n/index.tsx"
import { ApiError } from "../shared/net/api.ts"
import { ErrorNote, Icon, Skeleton } from "../shared/ui/basics.tsx"
import { Dialog } from "../shared/ui/dialog.tsx"
import { Field, PasswordField } from "../shared/ui/field.tsx"
import { FailedNote } from "../shared/ui/list.tsx"
import { toast } from "../shared/ui/toast.tsx"
import { endFactor, renewCodes, secondFactor } from "./calls.ts"
import { Codes, Enrol } from "./enrol.tsx"

export function SecondFactorDialog({ onClose }: { onClose: () => void }) {
  const t = useT()
  const { api } = useApp()
  const load = useCallback(() => secondFactor(api), [api])
  const { value, error, reload } = useAnswer(load)
  const [doing, setDoing] = useState<"enrol" | "end" | "renew">()
  const [codes, setCodes] = useState<readonly string[]>()
  /** Codes are shown that are shown once: only who says that they are kept leaves. */
  const [held, setHeld] = useState(false)
  const done = () => {
    setDoing(undefined)
    setCodes(undefined)
    setHeld(false)
    void reload()
  }
  return (
    <Dialog title={t("people.2fa")} onClose={onClose} held={held} testid="factor-dialog">
      {error
        ? <FailedNote code={error} again={reload} />
        : !value
        ? <Skeleton rows={2} />
        : codes
        ? <Codes codes={codes} onDone={done} />
        : doing === "enrol"
        ? <Enrol api={api} onCodes={() => setHeld(true)} onDone={done} />
        : doing
        ? (
          <Proof
            what={doing}
            onCancel={() => setDoing(undefined)}
            send={(password, code) =>
              doing === "end"
                ? endFactor(api, password, code).then(() => {
                  toast(t("people.2fa.disabled"))
                  done()
                })
                : renewCodes(api, password, code).then((answer) => {
                  setCodes(answer.codes)
                  setHeld(true)
                })}
          />
        )
        : value.enabled
        ? (
          <>
            <div className="note note--ok" data-testid="factor-on">
              <Icon name="shield" />
              <span>
                {t("people.2fa.on", { date: date(Date.parse(value.since ?? "")), n: value.recoveryCodes })}
              </span>
            </div>
            <div className="row">
              <button type="button" className="btn" data-testid="factor-renew" onClick={() => setDoing("renew")}>
                {t("people.2fa.codes.new")}
              </button>
              <span className="grow" />
              <button
                type="button"
                className="btn btn--danger"
                data-testid="factor-end"
                onClick={() => setDoing("end")}
              >
                {t("people.2fa.disable")}
              </button>
            </div>
          </>
        )
        : (
          <>
            <p className="t2">{t("people.2fa.off")}</p>
            <button
              type="button"
              className="btn btn--primary"
              data-testid="factor-enable"
              onClick={() => setDoing("enrol")}
            >
              {t("people.2fa.enable")}
            </button>
          </>
        )}
    </Dialog>
  )
}

function Proof(
  { what, send, onCancel }: {
    what: "end" | "renew"
    send: (password: string, code: string) => Promise<unknown>
    onCancel: () => void
  },
) {
  const t = useT()
  const [password, setPassword] = useState("")
  const [code, setCode] = useState("")
  const [errors, setErrors] = useState<Record<string, string | undefined>>({})
  const [busy, setBusy] = useState(false)
  return (
    <form
      className="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        const missing = {
          ...(password === "" ? { password: t("field.required") } : {}),
          ...(code.trim() === "" ? { code: t("field.required") } : {}),
        }
        setErrors(missing)
        if (busy || Object.keys(missing).length > 0) return
        setBusy(true)
        send(password, code.trim()).catch((cause: unknown) => {
          if (!(cause instanceof ApiError)) throw cause
          setBusy(false)
          const found = {
            password: fieldError(t, cause.fields["password"]),
            code: fieldError(t, cause.fields["code"]),
          }
          setErrors(found.password ?? found.code ? found : { general: errorText(t, cause.code) })
        })
      }}
    >
      <PasswordField
        label={t("people.2fa.password")}
        value={password}
        autoComplete="current-password"
        error={errors["password"]}
        testid="proof-password"
        onChange={(event) => setPassword(event.target.value)}
      />
      <Field
        label={t("people.code.label")}
        value={code}
        autoComplete="one-time-code"
        maxLength={40}
        error={errors["code"]}
        testid="proof-code"
        onChange={(event) => setCode(event.target.value)}
      />
      {errors["general"] ? <ErrorNote>{errors["general"]}</ErrorNote> : null}
      <div className="row">
        <button type="button" className="btn" onClick={onCancel}>{t("cancel")}</button>
        <span className="grow" />
        <button
          type="submit"
          className={what === "end" ? "btn btn--danger" : "btn btn--primary"}
          disabled={busy}
          aria-busy={busy}
          data-testid="proof-submit"
        >
          {t(what === "end" ? "people.2fa.disable" : "people.2fa.codes.new")}
        </button>
      </div>
    </form>
  )
}
