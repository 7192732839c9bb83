// Which files are taken, how large they may be, and what staff may hand out without a stamp.
import { useCallback, useEffect, useState } from "react"
import { useApp } from "../chat/context.tsx"
import { errorText } from "../chat/words.ts"
import { kindIcon, kindOf } from "../documents/files.ts"
import { useT } from "../shared/i18n/index.tsx"
import { ApiError } from "../shared/net/api.ts"
import { Empty, Icon, Skeleton } from "../shared/ui/basics.tsx"
import { toast } from "../shared/ui/toast.tsx"
import { type FileSettings, fromMegabytes, inMegabytes, readFiles, saveFiles, unstampable } from "./files.ts"

interface Draft {
  size: string
  sizes: Record<string, string>
  unstamped: string[]
  daily: string
  total: string
}
const draft = (from: FileSettings): Draft => ({
  size: inMegabytes(from.size),
  sizes: Object.fromEntries(from.types.map((type) => [type, from.sizes[type] ? inMegabytes(from.sizes[type]) : ""])),
  unstamped: [...from.unstamped],
  daily: inMegabytes(from.accountDaily),
  total: inMegabytes(from.organisationTotal),
})

export function FileSettingsPage() {
  const t = useT()
  const { api } = useApp()
  const [saved, setSaved] = useState<FileSettings>()
  const [form, setForm] = useState<Draft>()
  const [failed, setFailed] = useState<string>()
  const [error, setError] = useState<string>()
  const [busy, setBusy] = useState(false)
  const load = useCallback(() => {
    setFailed(undefined)
    readFiles(api).then((found) => {
      setSaved(found)
      setForm(draft(found))
    }, (cause: unknown) => {
      if (!(cause instanceof ApiError)) throw cause
      setFailed(cause.code)
    })
  }, [api])
  useEffect(load, [load])
  if (!saved || !form) {
    return failed === undefined
      ? (
        <section className="main">
          <Skeleton rows={8} />
        </section>
      )
      : (
        <Empty icon="alert" kind="danger" title={t("admin.failed")} text={errorText(t, failed)}>
          <button type="button" className="btn" onClick={load}>
            <Icon name="sync" />
            {t("retry")}
          </button>
        </Empty>
      )
  }
  const bad = (text: string, optional = false) => !(optional && text.trim() === "") && fromMegabytes(text) === undefined
  const wrong = bad(form.size) || bad(form.daily) || bad(form.total) ||
    Object.values(form.sizes).some((text) => bad(text, true))
  const save = async () => {
    const [size, daily, total] = [fromMegabytes(form.size), fromMegabytes(form.daily), fromMegabytes(form.total)]
    if (wrong || size === undefined || daily === undefined || total === undefined) return
    setBusy(true)
    setError(undefined)
    try {
      const sizes = Object.fromEntries(
        Object.entries(form.sizes).flatMap(([type, text]) => {
          const bytes = fromMegabytes(text)
          return bytes === undefined ? [] : [[type, bytes]]
        }),
      )
      const next = await saveFiles(api, {
        version: saved.version,
        size,
        sizes,
        unstamped: form.unstamped,
        accountDaily: daily,
        organisationTotal: total,
      })
      setSaved(next)
      setForm(draft(next))
      toast(t("files.saved"))
    } catch (cause) {
      if (!(cause instanceof ApiError)) throw cause
      setError(cause.code)
    } finally {
      setBusy(false)
    }
  }
  const field = (label: string, value: string, set: (text: string) => void, testid: string, hint?: string) => (
    <label className="field" data-invalid={bad(value) || undefined}>
      <span className="label">{label}</span>
      <input
        className="input num"
        inputMode="decimal"
        value={value}
        aria-invalid={bad(value)}
        data-testid={testid}
        onChange={(event) =>
          set(event.target.value)}
      />
      {bad(value) ? <span className="hint">{t("files.bad")}</span> : hint ? <span className="hint">{hint}</span> : null}
    </label>
  )
  return (
    <section className="main" data-testid="file-settings">
      <header className="bar">
        <h1 className="grow">{t("admin.files")}</h1>
        <button
          type="submit"
          form="files"
          className="btn btn--primary btn--md"
          disabled={wrong || busy || JSON.stringify(draft(saved)) === JSON.stringify(form)}
          aria-busy={busy}
          data-testid="files-save"
        >
          {t("save")}
        </button>
      </header>
      <form
        id="files"
        className="fileform"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          void save()
        }}
      >
        {error
          ? (
            <div className="note note--danger" role="alert">
              <Icon name="alert" />
              <span>{error === "conflict" ? t("watermark.conflict") : errorText(t, error)}</span>
            </div>
          )
          : null}
        <h2>{t("files.limits")}</h2>
        <div className="fileform__three">
          {field(t("files.size"), form.size, (size) => setForm({ ...form, size }), "files-size")}
          {field(t("files.daily"), form.daily, (daily) => setForm({ ...form, daily }), "files-daily")}
          {field(t("files.total"), form.total, (total) => setForm({ ...form, total }), "files-total")}
        </div>
        <h2>{t("files.types")}</h2>
        <p className="t3 s12">{t("files.types.hint")}</p>
        <div className="fileform__types">
          {saved.types.map((type) => (
            <label className="row" key={type}>
              <Icon name={kindIcon[kindOf(type)]} />
              <span className="grow">{type.toUpperCase()}</span>
              <input
                className="input num"
                inputMode="decimal"
                placeholder={form.size}
                value={form.sizes[type] ?? ""}
                aria-label={t("files.size.of", { type: type.toUpperCase() })}
                aria-invalid={bad(form.sizes[type] ?? "", true)}
                data-testid={`files-size-${type}`}
                onChange={(event) => setForm({ ...form, sizes: { ...form.sizes, [type]: event.target.value } })}
              />
            </label>
          ))}
        </div>
        <h2>{t("files.unstamped")}</h2>
        <div className="note note--warn">
          <Icon name="alert" />
          <span>{t("files.unstamped.hint")}</span>
        </div>
        {unstampable.map((type) => (
          <label className="row" key={type}>
            <input
              type="checkbox"
              className="check"
              checked={form.unstamped.includes(type)}
              data-testid={`files-unstamped-${type}`}
              onChange={(event) =>
                setForm({
                  ...form,
                  unstamped: event.target.checked
                    ? [...form.unstamped, type].sort()
                    : form.unstamped.filter((one) => one !== type),
                })}
            />
            <span>{t(`files.unstamped.${type}`)}</span>
          </label>
        ))}
      </form>
    </section>
  )
}
