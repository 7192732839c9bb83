// Which files are taken, how large they may be, and what staff may hand out without a stamp.
import { useCallback, useState } from "react"
import { useApp } from "../chat/context.tsx"
import { kindIcon, kindOf } from "../documents/files.ts"
import { useT } from "../shared/i18n/index.tsx"
import { Icon } from "../shared/ui/basics.tsx"
import { Check } from "../shared/ui/field.tsx"
import { type FileSettings, fromMegabytes, inMegabytes, readFiles, saveFiles, unstampable } from "./files.ts"
import { SettingsPage, SettingsWaiting, useSettings } from "./settings.tsx"

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
  const [form, setForm] = useState<Draft>()
  const read = useCallback(() => readFiles(api), [api])
  const take = useCallback((found: FileSettings) => setForm(draft(found)), [])
  const settings = useSettings(read, take)
  const { saved } = settings
  if (!saved || !form) return <SettingsWaiting settings={settings} />
  const bad = (text: string, optional = false) => !(optional && text.trim() === "") && fromMegabytes(text) === undefined
  const wrong = bad(form.size) || bad(form.daily) || bad(form.total) ||
    Object.values(form.sizes).some((text) => bad(text, true))
  const save = async () => {
    const [size, daily, total] = [fromMegabytes(form.size), fromMegabytes(form.daily), fromMegabytes(form.total)]
    if (wrong || size === undefined || daily === undefined || total === undefined) return
    const sizes = Object.fromEntries(
      Object.entries(form.sizes).flatMap(([type, text]) => {
        const bytes = fromMegabytes(text)
        return bytes === undefined ? [] : [[type, bytes]]
      }),
    )
    const wanted = {
      version: saved.version,
      size,
      sizes,
      unstamped: form.unstamped,
      accountDaily: daily,
      organisationTotal: total,
    }
    const next = await settings.run(() => saveFiles(api, wanted), t("files.saved"))
    if (next) setForm(draft(next))
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
    <SettingsPage
      settings={settings}
      title={t("admin.files")}
      name="files"
      testid="file-settings"
      ready={!wrong && JSON.stringify(draft(saved)) !== JSON.stringify(form)}
      save={() => void save()}
      className="fileform"
    >
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
        <Check
          key={type}
          label={t(`files.unstamped.${type}`)}
          checked={form.unstamped.includes(type)}
          testid={`files-unstamped-${type}`}
          onCheck={(checked) =>
            setForm({
              ...form,
              unstamped: checked ? [...form.unstamped, type].sort() : form.unstamped.filter((one) => one !== type),
            })}
        />
      ))}
    </SettingsPage>
  )
}
