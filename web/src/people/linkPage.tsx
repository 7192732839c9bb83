// What a one-time link leads to, for whoever holds it: a new password, or an invitation. The token never stands in an address that a server sees.
import "./words.ts"
import { type FormEvent, useCallback, useEffect, useState } from "react"
import { errorText, fieldError, roleName } from "../chat/words.ts"
import { normaliseLogin, shortestPassword } from "../shared/account.ts"
import { useAnswer } from "../shared/answer.ts"
import { dateTime } from "../shared/i18n/format.ts"
import { isLanguage, language, useT } from "../shared/i18n/index.tsx"
import { type Api, ApiError, type Session } from "../shared/net/api.ts"
import { Empty, ErrorNote, Logo, Skeleton } from "../shared/ui/basics.tsx"
import { Field, PasswordField } from "../shared/ui/field.tsx"
import { LanguageChoice } from "../shared/ui/languages.tsx"
import { joinByLink, type LinkLook, lookAtLink, setPasswordByLink, takeUp } from "./calls.ts"
import { Card } from "./parts.tsx"

type Errors = Readonly<Record<string, string | undefined>>

/** Away from the link: its secret must not stay in the address bar. */
const leave = () => location.assign("/")

export default function LinkPage({ api, token }: { api: Api; token: string }) {
  const t = useT()
  const load = useCallback(async () => {
    // Whether somebody is signed in here, who may take an invitation up with the account they have.
    const session = await api.session().catch((cause: unknown) => {
      if (cause instanceof ApiError && cause.status === 401) return undefined
      throw cause
    })
    return { look: await lookAtLink(api, token), session }
  }, [api, token])
  const { value, error, reload } = useAnswer(load)
  useEffect(() => {
    // Another link pasted over this one changes only what stands behind the #.
    const again = () => location.reload()
    addEventListener("hashchange", again)
    return () => removeEventListener("hashchange", again)
  }, [])
  if (error) {
    const isDead = error === "not_found"
    return (
      <main className="whole" data-testid="link-dead">
        <Empty
          icon={isDead ? "chain" : "alert"}
          kind={isDead ? "warn" : "danger"}
          title={t(isDead ? "people.link.dead" : "net.unreachable")}
          text={isDead ? t("people.link.dead.text") : errorText(t, error)}
        >
          {isDead
            ? <button type="button" className="btn" onClick={leave}>{t("people.link.toSignIn")}</button>
            : <button type="button" className="btn" onClick={() => void reload()}>{t("retry")}</button>}
        </Empty>
      </main>
    )
  }
  if (!value) {
    return (
      <main className="door">
        <div className="door__card">
          <Skeleton rows={3} />
        </div>
      </main>
    )
  }
  return value.look.kind === "reset"
    ? <Reset api={api} token={token} look={value.look} />
    : <Join api={api} token={token} look={value.look} session={value.session} />
}

function Head({ look }: { look: LinkLook }) {
  return (
    <div className="door__firm">
      <Logo />
      <b className="grow cut">{look.firm || "1fin"}</b>
      <LanguageChoice />
    </div>
  )
}

/** Sends a form once, and says at each field what was wrong. */
function useForm(send: () => Promise<unknown>, check: () => Errors) {
  const t = useT()
  const [errors, setErrors] = useState<Errors>({})
  const [busy, setBusy] = useState(false)
  const [done, setDone] = useState(false)
  const run = (work: () => Promise<unknown>) => {
    setBusy(true)
    setErrors({})
    work().then(() => setDone(true), (cause: unknown) => {
      if (!(cause instanceof ApiError)) throw cause
      setBusy(false)
      const fields = Object.fromEntries(
        Object.entries(cause.fields).map(([name, code]) => [name, fieldError(t, code)]),
      )
      setErrors(
        Object.keys(fields).length > 0
          ? fields
          : { general: cause.status === 404 ? t("people.link.dead.text") : errorText(t, cause.code) },
      )
    })
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (busy) return
    const found = check()
    setErrors(found)
    if (Object.values(found).every((one) => one === undefined)) run(send)
  }
  return { errors, busy, done, submit, run }
}

function Send({ form, label }: { form: Pick<ReturnType<typeof useForm>, "errors" | "busy">; label: string }) {
  return (
    <>
      {form.errors["general"] ? <ErrorNote>{form.errors["general"]}</ErrorNote> : null}
      <button
        type="submit"
        className="btn btn--primary btn--block"
        disabled={form.busy}
        aria-busy={form.busy}
        data-testid="link-submit"
      >
        {label}
      </button>
    </>
  )
}

function Passwords(
  { password, again, setPassword, setAgain, errors }: {
    password: string
    again: string
    setPassword: (text: string) => void
    setAgain: (text: string) => void
    errors: Errors
  },
) {
  const t = useT()
  return (
    <>
      <PasswordField
        label={t("profile.new")}
        autoComplete="new-password"
        value={password}
        error={errors["password"]}
        hint={t("field.password_hint", { n: shortestPassword })}
        testid="link-password"
        onChange={(event) => setPassword(event.target.value)}
      />
      <PasswordField
        label={t("profile.again")}
        autoComplete="new-password"
        value={again}
        error={errors["again"]}
        testid="link-again"
        onChange={(event) => setAgain(event.target.value)}
      />
    </>
  )
}

function usePasswords() {
  const t = useT()
  const [password, setPassword] = useState("")
  const [again, setAgain] = useState("")
  const check = (): Errors => ({
    password: [...password].length < shortestPassword ? t("field.password_short", { n: shortestPassword }) : undefined,
    again: again !== password ? t("field.password_again") : undefined,
  })
  return { password, again, setPassword, setAgain, check }
}

function Done({ title, text, button }: { title: string; text: string; button: string }) {
  return (
    <Card title={title} testid="link-done">
      <p className="t2">{text}</p>
      <button type="button" className="btn btn--primary btn--block" data-testid="link-go" onClick={leave}>
        {button}
      </button>
    </Card>
  )
}

function Reset({ api, token, look }: { api: Api; token: string; look: LinkLook }) {
  const t = useT()
  const { password, again, setPassword, setAgain, check } = usePasswords()
  const form = useForm(() => setPasswordByLink(api, token, password), check)
  const login = look.login ?? ""
  if (form.done) {
    return (
      <Done
        title={t("people.reset.done")}
        text={t("people.reset.done.text", { login })}
        button={t("people.link.toSignIn")}
      />
    )
  }
  return (
    <Card title={t("people.reset.title")} testid="link-reset">
      <Head look={look} />
      <p className="t2">{t("people.reset.text", { name: look.name })}</p>
      <form className="stack" noValidate onSubmit={form.submit}>
        <input type="text" className="sr" readOnly tabIndex={-1} autoComplete="username" value={login} aria-hidden />
        <Passwords {...{ password, again, setPassword, setAgain }} errors={form.errors} />
        <Send form={form} label={t("save")} />
      </form>
      <p className="hint">{t("people.link.until", { when: dateTime(Date.parse(look.expiresAt)) })}</p>
    </Card>
  )
}

function Join(
  { api, token, look, session }: { api: Api; token: string; look: LinkLook; session: Session | undefined },
) {
  const t = useT()
  const { password, again, setPassword, setAgain, check } = usePasswords()
  const [name, setName] = useState(look.name)
  const [login, setLogin] = useState("")
  const chosen = language.use()
  const form = useForm(
    () =>
      joinByLink(api, {
        token,
        name: name.trim(),
        login: normaliseLogin(login),
        password,
        language: isLanguage(chosen) ? chosen : "uz",
      }),
    () => ({
      name: name.trim() === "" ? t("field.required") : undefined,
      login: login.trim() === "" ? t("field.required") : undefined,
      ...check(),
    }),
  )
  const [accepted, setAccepted] = useState(false)
  if (form.done) {
    return accepted
      ? (
        <Done
          title={t("people.join.accepted")}
          text={t("people.join.accepted.text")}
          button={t("people.join.open")}
        />
      )
      : (
        <Done
          title={t("people.join.done")}
          text={t("people.reset.done.text", { login: normaliseLogin(login) })}
          button={t("people.link.toSignIn")}
        />
      )
  }
  const place = look.organisation ?? look.department ?? (look.firm || "1fin")
  return (
    <Card title={t("people.join.title")} testid="link-join">
      <Head look={look} />
      <p>
        {t("people.join.text", { by: look.by, place, role: look.role ? roleName(t, look.role) : "" })}
      </p>
      {session
        ? (
          <button
            type="button"
            className="btn btn--block"
            disabled={form.busy}
            data-testid="link-take"
            onClick={() => {
              setAccepted(true)
              form.run(() => takeUp(api, token))
            }}
          >
            {t("people.join.take", { name: session.account.name })}
          </button>
        )
        : null}
      <form
        className="stack"
        noValidate
        onSubmit={(event) => {
          setAccepted(false)
          form.submit(event)
        }}
      >
        <Field
          label={t("people.join.name")}
          value={name}
          maxLength={200}
          autoComplete="name"
          error={form.errors["name"]}
          testid="link-name"
          onChange={(event) => setName(event.target.value)}
        />
        <Field
          label={t("signin.login")}
          value={login}
          maxLength={100}
          autoCapitalize="none"
          autoComplete="username"
          spellCheck={false}
          error={form.errors["login"]}
          hint={t("field.login")}
          testid="link-login"
          onChange={(event) => setLogin(event.target.value)}
        />
        <Passwords {...{ password, again, setPassword, setAgain }} errors={form.errors} />
        {form.errors["role"] ? <ErrorNote>{t("people.join.taken")}</ErrorNote> : null}
        <Send form={form} label={t("people.join.submit")} />
      </form>
      <p className="hint">{t("people.link.until", { when: dateTime(Date.parse(look.expiresAt)) })}</p>
    </Card>
  )
}
