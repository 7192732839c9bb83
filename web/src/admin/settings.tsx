// Settings of the firm: read, changed in a form, saved, and what may go wrong on the way.
import { type ReactNode, useCallback, useEffect, useState } from "react"
import { refusalText } from "../documents/words.ts"
import { useT } from "../shared/i18n/index.tsx"
import { ApiError } from "../shared/net/api.ts"
import { ErrorNote, Skeleton } from "../shared/ui/basics.tsx"
import { Failed } from "../shared/ui/list.tsx"
import { toast } from "../shared/ui/toast.tsx"

export interface Settings<T> {
  /** As the server has them; nothing until they have come. */
  saved: T | undefined
  /** Why they could not be read. */
  failed: string | undefined
  /** Why they could not be saved. */
  error: string | undefined
  busy: boolean
  load: () => void
  /** Changes them on the server; `done` is said when it worked. */
  run: (work: () => Promise<T>, done?: string) => Promise<T | undefined>
}

const code = (error: unknown): string => {
  if (!(error instanceof ApiError)) throw error
  return error.code
}

/** `read` and `take` must stay the same functions: `take` gets what was read, for the form. */
export function useSettings<T>(read: () => Promise<T>, take: (found: T) => void): Settings<T> {
  const [saved, setSaved] = useState<T>()
  const [failed, setFailed] = useState<string>()
  const [error, setError] = useState<string>()
  const [busy, setBusy] = useState(false)
  const load = useCallback(() => {
    setFailed(undefined)
    setError(undefined)
    read().then((found) => {
      setSaved(found)
      take(found)
    }, (cause: unknown) => setFailed(code(cause)))
  }, [read, take])
  useEffect(load, [load])
  const run = async (work: () => Promise<T>, done?: string) => {
    setBusy(true)
    setError(undefined)
    try {
      const next = await work()
      setSaved(next)
      if (done) toast(done)
      return next
    } catch (cause) {
      setError(code(cause))
      return undefined
    } finally {
      setBusy(false)
    }
  }
  return { saved, failed, error, busy, load, run }
}

/** What stands there until the settings have come, or instead of them. */
export function SettingsWaiting<T>({ settings }: { settings: Settings<T> }) {
  const t = useT()
  if (settings.failed === undefined) {
    return (
      <section className="main">
        <Skeleton rows={8} />
      </section>
    )
  }
  return <Failed title={t("admin.failed")} code={settings.failed} again={settings.load} />
}

interface SettingsPageProps<T> {
  settings: Settings<T>
  title: string
  /** Begins the test ids of what is in it. */
  name: string
  testid: string
  /** Something was changed, and nothing of it is wrong. */
  ready: boolean
  save: () => void
  className: string
  children: ReactNode
  /** Stands beside the form. */
  beside?: ReactNode
}

export function SettingsPage<T>(props: SettingsPageProps<T>) {
  const { settings, title, name, testid, ready, save, className, children, beside } = props
  const t = useT()
  const { busy, error } = settings
  const form = (
    <form
      id={name}
      className={className}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        if (ready) save()
      }}
    >
      {children}
      {error
        ? (
          <ErrorNote testid={`${name}-error`}>
            {error === "conflict" ? t("watermark.conflict") : refusalText(t, error)} {error === "conflict"
              ? <button type="button" className="link" onClick={settings.load}>{t("retry")}</button>
              : null}
          </ErrorNote>
        )
        : null}
    </form>
  )
  return (
    <section className="main" data-testid={testid}>
      <header className="bar">
        <h1 className="grow">{title}</h1>
        <button
          type="submit"
          form={name}
          className="btn btn--primary btn--md"
          disabled={!ready || busy}
          aria-busy={busy}
          data-testid={`${name}-save`}
        >
          {t("save")}
        </button>
      </header>
      {beside === undefined ? form : (
        <div className="wmpage">
          {form}
          {beside}
        </div>
      )}
    </section>
  )
}
