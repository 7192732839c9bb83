// Turning the second step on: password, QR code, first code, and the codes on paper, which are shown once.
import { type FormEvent, useState } from "react"
import { errorText, fieldError } from "../chat/words.ts"
import { useT } from "../shared/i18n/index.tsx"
import { type Api, ApiError } from "../shared/net/api.ts"
import { ErrorNote } from "../shared/ui/basics.tsx"
import { Field, PasswordField } from "../shared/ui/field.tsx"
import { confirmFactor, enrol, type Enrolment } from "./calls.ts"
import { QRCode, useCopy } from "./parts.tsx"

interface EnrolProps {
  api: Api
  /** The codes are shown now, and never again. */
  onCodes?: () => void
  onDone: () => void
}
export function Enrol({ api, onCodes, onDone }: EnrolProps) {
  const t = useT()
  const [password, setPassword] = useState("")
  const [code, setCode] = useState("")
  const [made, setMade] = useState<Enrolment>()
  const [codes, setCodes] = useState<readonly string[]>()
  const [error, setError] = useState<{ field?: string; general?: string }>({})
  const [busy, setBusy] = useState(false)
  const run = <T,>(work: Promise<T>, field: string, done: (value: T) => void) => {
    setBusy(true)
    setError({})
    work.then((value) => {
      setBusy(false)
      done(value)
    }, (cause: unknown) => {
      if (!(cause instanceof ApiError)) throw cause
      setBusy(false)
      const wrong = fieldError(t, cause.fields[field])
      setError(wrong ? { field: wrong } : { general: errorText(t, cause.code) })
    })
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    // The form may stand in a dialog that is one itself.
    event.stopPropagation()
    if (busy) return
    if (!made) {
      if (password === "") return setError({ field: t("field.required") })
      return run(enrol(api, password), "password", setMade)
    }
    if (code.trim() === "") return setError({ field: t("field.required") })
    run(confirmFactor(api, code.trim()), "code", (answer) => {
      setCodes(answer.codes)
      onCodes?.()
    })
  }
  if (codes) return <Codes codes={codes} onDone={onDone} />
  return (
    <form className="stack" noValidate onSubmit={submit} data-testid="enrol">
      {made
        ? (
          <>
            <p className="t2">{t("people.2fa.scan")}</p>
            <QRCode text={made.address} label={t("people.2fa.qr")} />
            <div>
              <span className="hint">{t("people.2fa.secret")}</span>
              <code className="secret" data-testid="enrol-secret">{made.secret.match(/.{1,4}/g)?.join(" ")}</code>
            </div>
            <Field
              label={t("people.code.label")}
              value={code}
              inputMode="numeric"
              autoComplete="one-time-code"
              maxLength={7}
              autoFocus
              error={error.field}
              testid="enrol-code"
              onChange={(event) => setCode(event.target.value)}
            />
          </>
        )
        : (
          <PasswordField
            label={t("people.2fa.password")}
            value={password}
            autoComplete="current-password"
            error={error.field}
            testid="enrol-password"
            onChange={(event) => setPassword(event.target.value)}
          />
        )}
      {error.general ? <ErrorNote>{error.general}</ErrorNote> : null}
      <button
        type="submit"
        className="btn btn--primary btn--block"
        disabled={busy}
        aria-busy={busy}
        data-testid="enrol-next"
      >
        {t(made ? "people.2fa.confirm" : "people.2fa.enable")}
      </button>
    </form>
  )
}

export function Codes({ codes, onDone }: { codes: readonly string[]; onDone: () => void }) {
  const t = useT()
  const copy = useCopy()
  return (
    <div className="stack" data-testid="codes">
      <h3>{t("people.2fa.codes")}</h3>
      <p className="t2">{t("people.2fa.codes.text")}</p>
      <ol className="codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <div className="row">
        <button type="button" className="btn grow" onClick={() => copy(codes.join("\n"))}>
          {t("people.2fa.codes.copy")}
        </button>
        <button type="button" className="btn btn--primary grow" data-testid="codes-kept" onClick={onDone}>
          {t("people.2fa.codes.kept")}
        </button>
      </div>
    </div>
  )
}
