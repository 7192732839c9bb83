// The door. It says why one stands outside (session ended, offline), what was wrong, and how long a throttled one waits.
import { Suspense, useEffect, useRef, useState } from "react"
import { topicIcon, topicName } from "./chat/words.ts"
import { normaliseLogin } from "./shared/account.ts"
import { useNow } from "./shared/clock.ts"
import { countdown } from "./shared/i18n/format.ts"
import { isLanguage, type Language, setLanguage, useT } from "./shared/i18n/index.tsx"
import { type Api, ApiError, type Session } from "./shared/net/api.ts"
import { topicKinds } from "./shared/net/protocol.ts"
import { isDark, setTheme, theme } from "./shared/theme.ts"
import { Icon, Logo } from "./shared/ui/basics.tsx"
import { Field, PasswordField } from "./shared/ui/field.tsx"
import { Boundary, later } from "./shared/ui/boundary.tsx"
import { LanguageChoice } from "./shared/ui/languages.tsx"
import { toast } from "./shared/ui/toast.tsx"
import type { Step } from "./people/signInSteps.tsx"

const steps = later(() => import("./people/signInSteps.tsx"))

export type Reason = "ended" | "signedOut" | undefined

/** What a device calls itself in the list of sessions. */
function deviceName(): string {
  const agent = navigator.userAgent
  const browser = /Edg\//.test(agent)
    ? "Edge"
    : /OPR\//.test(agent)
    ? "Opera"
    : /YaBrowser/.test(agent)
    ? "Yandex"
    : /Firefox/.test(agent)
    ? "Firefox"
    : /Chrome/.test(agent)
    ? "Chrome"
    : /Safari/.test(agent)
    ? "Safari"
    : "Browser"
  const system = /Android/.test(agent)
    ? "Android"
    : /iPhone|iPad/.test(agent)
    ? "iOS"
    : /Windows/.test(agent)
    ? "Windows"
    : /Mac OS/.test(agent)
    ? "macOS"
    : /Linux/.test(agent)
    ? "Linux"
    : ""
  return system ? `${browser}, ${system}` : browser
}

export function SignIn(
  { api, reason, onSession }: { api: Api; reason: Reason; onSession: (session: Session) => void },
) {
  const t = useT()
  const now = useNow(1_000)
  const shown = theme.use()
  const [login, setLogin] = useState("")
  const [password, setPassword] = useState("")
  const [busy, setBusy] = useState(false)
  const [firm, setFirm] = useState<string>()
  const [fields, setFields] = useState<{ login?: string; password?: string }>({})
  const [trouble, setTrouble] = useState<"offline" | "unavailable">()
  const [until, setUntil] = useState(0)
  // What is asked after a right password; and the code that was given, for whoever then agrees that another device ends.
  const [step, setStep] = useState<Step>()
  const code = useRef("")
  const form = useRef<HTMLFormElement>(null)
  const [offline, setOffline] = useState(!navigator.onLine)
  useEffect(() => {
    const change = () => setOffline(!navigator.onLine)
    addEventListener("online", change)
    addEventListener("offline", change)
    return () => {
      removeEventListener("online", change)
      removeEventListener("offline", change)
    }
  }, [])
  useEffect(() => {
    let stale = false
    api.config().then((config) => stale || setFirm(config.firm), () => {/* The name is an ornament. */})
    return () => {
      stale = true
    }
  }, [api])
  useEffect(() => {
    document.title = `${t("signin.title")} · 1fin`
  }, [t])

  const chosen = useRef<Language | undefined>(undefined)
  const waits = until > now
  const submit = async (replace = false) => {
    const missing = {
      ...(login.trim() ? {} : { login: t("field.required") }),
      ...(password ? {} : { password: t("field.required") }),
    }
    setFields(missing)
    if (missing.login ?? missing.password) {
      form.current?.querySelector<HTMLInputElement>(missing.login ? "[name=login]" : "[name=password]")?.focus()
      return
    }
    setBusy(true)
    setTrouble(undefined)
    try {
      const session = await api.signIn(normaliseLogin(login), password, deviceName(), {
        ...(code.current === "" ? {} : { code: code.current }),
        ...(replace ? { replace } : {}),
      })
      const own = session.account.language
      if (chosen.current && chosen.current !== own) {
        // Whoever picks a language here wants it on the next device too. If the server can't hear it now, this page keeps it.
        session.account.language = chosen.current
        api.setLanguage(chosen.current).catch(() => toast(t("profile.languageLocal"), "error"))
      } else if (isLanguage(own)) setLanguage(own)
      onSession(session)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      setBusy(false)
      if (error.code === "second_factor_required" || error.code === "second_factor_wrong") {
        return setStep({ what: "code", wrong: error.code === "second_factor_wrong" })
      }
      if (error.code === "device_limit") {
        return setStep({ what: "limit", limit: error.limit, devices: error.devices })
      }
      setStep(undefined)
      code.current = ""
      if (error.status === 429) {
        setUntil(Date.now() + Math.max(1, error.retryAfter || 30) * 1000)
      } else if (error.status === 401 || error.status === 400 || error.status === 422) {
        setFields({ password: t("signin.wrong") })
        form.current?.querySelector<HTMLInputElement>("[name=password]")?.select()
      } else setTrouble(error.code === "offline" ? "offline" : "unavailable")
    }
  }
  const dark = shown === "system" ? isDark() : shown === "dark"
  return (
    <div className="si">
      <main className="si__f">
        <div className="top">
          <span className="lg">
            <Logo />1fin
          </span>
          <LanguageChoice
            onChoice={(one) => {
              chosen.current = one
            }}
          />
        </div>
        <form
          ref={form}
          noValidate
          data-testid="signin"
          onSubmit={(event) => {
            event.preventDefault()
            code.current = ""
            if (!busy && !waits) void submit()
          }}
        >
          <div>
            <h1>{t("signin.title")}</h1>
            <p className="t2">{firm ? t("signin.firm", { firm }) : t("signin.product")}</p>
          </div>
          {reason === "ended" ? <Note kind="accent" icon="info" text={t("signin.ended")} /> : null}
          {offline || trouble === "offline" ? <Note kind="warn" icon="wifioff" text={t("signin.offline")} /> : null}
          {trouble === "unavailable" ? <Note kind="danger" icon="alert" text={t("signin.unavailable")} /> : null}
          {waits
            ? (
              <Note
                kind="warn"
                icon="clock"
                text={t("signin.throttled", { time: countdown(until - now) })}
                testid="throttled"
              />
            )
            : null}
          <Field
            label={t("signin.login")}
            name="login"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            autoFocus
            value={login}
            error={fields.login}
            testid="login"
            onChange={(event) => {
              setLogin(event.target.value)
              setFields({})
            }}
          />
          <PasswordField
            label={t("signin.password")}
            name="password"
            autoComplete="current-password"
            value={password}
            error={fields.password}
            testid="password"
            onChange={(event) => {
              setPassword(event.target.value)
              setFields({})
            }}
          />
          <button
            type="submit"
            className="btn btn--primary btn--block"
            aria-busy={busy}
            disabled={busy || waits}
            data-testid="signin-submit"
          >
            {t("signin.submit")}
          </button>
          <p className="s12 t3">{t("signin.forgot")}</p>
        </form>
        <div className="bt">
          <span>{t("signin.logged")}</span>
          <button
            type="button"
            className="row t2"
            data-testid="theme"
            onClick={() => setTheme(dark ? "light" : "dark")}
          >
            <Icon name="moon" size={14} />
            {t(dark ? "theme.toLight" : "theme.toDark")}
          </button>
        </div>
      </main>
      {step
        ? (
          <Boundary renew={steps.renew} frame={(content) => <>{content}</>}>
            <Suspense fallback={null}>
              <steps.Part
                step={step}
                busy={busy}
                onCode={(given) => {
                  code.current = given
                  void submit()
                }}
                onReplace={() => void submit(true)}
                onClose={() => {
                  code.current = ""
                  setStep(undefined)
                }}
              />
            </Suspense>
          </Boundary>
        )
        : null}
      <aside className="si__b" aria-hidden="true">
        <Chains />
      </aside>
    </div>
  )
}

function Note({ kind, icon, text, testid }: { kind: string; icon: string; text: string; testid?: string }) {
  return (
    <div className={`note note--${kind}`} role="status" data-testid={testid}>
      <Icon name={icon} />
      <span>{text}</span>
    </div>
  )
}

/** Five topics, each an unbroken chain of messages. */
function Chains() {
  const t = useT()
  const widths = [[34, 30, 26, 30, 44, 26, 44], [44, 26, 34, 34, 26, 26, 30], [26, 38, 34, 30, 44, 26, 34], [
    44,
    30,
    26,
    26,
    26,
    34,
    30,
  ], [34, 30, 26, 34, 30, 26, 34]]
  const own = [[3, 4], [0, 1, 2, 4, 5], [2, 3, 6], [0, 1, 4], [3, 6]]
  return (
    <svg viewBox="0 0 520 440">
      {topicKinds.map((kind, row) => {
        let x = 152
        const bright = row === 2
        return (
          <g
            key={kind}
            transform={`translate(20 ${40 + row * 78})`}
            data-bright={bright || undefined}
            className="chain"
          >
            <svg x="0" y="6" width="22" height="22" viewBox="0 0 16 16" className="chain__i">
              <use href={`#${topicIcon[kind]}`} />
            </svg>
            <text x="34" y="22">{topicName(t, kind)}</text>
            {(widths[row] ?? []).map((width, i) => {
              const at = x
              x += width + 10
              return (
                <g key={i}>
                  {i > 0 ? <path d={`M${at - 10} 17h10`} className="chain__l" /> : null}
                  <rect
                    x={at}
                    y="6"
                    width={width}
                    height="22"
                    rx="7"
                    className={own[row]?.includes(i) ? "chain__b chain__b--own" : "chain__b"}
                  />
                  <path
                    d={`M${at + 7} 14h${width - 14}M${at + 7} 20h${Math.round((width - 14) * 0.6)}`}
                    className="chain__t"
                  />
                </g>
              )
            })}
          </g>
        )
      })}
      <text x="20" y="436" className="chain__s">{t("signin.chains")}</text>
    </svg>
  )
}
