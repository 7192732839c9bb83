// How many devices a role may use at once, what the next one does, and who needs the second step.
import "../people/words.ts"
import { useCallback, useState } from "react"
import { useApp } from "../chat/context.tsx"
import { roleName } from "../chat/words.ts"
import { useT } from "../shared/i18n/index.tsx"
import { Check } from "../shared/ui/field.tsx"
import { ApiError } from "../shared/net/api.ts"
import type { Role } from "../shared/net/protocol.ts"
import { type SessionSettings, sessionSettings, setSessionSettings } from "../people/calls.ts"
import { SettingsPage, SettingsWaiting, useSettings } from "./settings.tsx"

const roles: readonly Role[] = [
  "admin",
  "supervisor",
  "accountant",
  "client",
  "warehouse",
  "production",
  "sales",
  "agent",
  "driver",
]

interface Draft {
  devices: Partial<Record<Role, string>>
  replace: readonly Role[]
  admin: boolean
}
const draft = (from: SessionSettings): Draft => ({
  devices: Object.fromEntries(
    roles.flatMap((role) => from.limits[role] ? [[role, String(from.limits[role].devices)]] : []),
  ),
  replace: roles.filter((role) => from.limits[role]?.excess === "replace"),
  admin: from.adminSecondFactor,
})
const text = (from: Draft, role: Role) => (from.devices[role] ?? "").trim()
const isBad = (value: string) => value !== "" && !/^([1-9]\d?|100)$/.test(value)
/** The draft as it would be saved, to compare. */
const flat = (from: Draft) =>
  JSON.stringify([
    roles.map((role) => [text(from, role), text(from, role) !== "" && from.replace.includes(role)]),
    from.admin,
  ])

export default function SessionRules() {
  const t = useT()
  const { api } = useApp()
  const [form, setForm] = useState<Draft>()
  const [first, setFirst] = useState(false)
  const read = useCallback(() => sessionSettings(api), [api])
  const take = useCallback((found: SessionSettings) => setForm(draft(found)), [])
  const settings = useSettings(read, take)
  const { saved } = settings
  if (!saved || !form) return <SettingsWaiting settings={settings} />
  const wrong = roles.some((role) => isBad(text(form, role)))
  const save = async () => {
    setFirst(false)
    const devices = Object.fromEntries(
      roles.flatMap((role) => text(form, role) === "" ? [] : [[role, Number(text(form, role))]]),
    )
    const replace = form.replace.filter((role) => text(form, role) !== "")
    const next = await settings.run(
      () =>
        setSessionSettings(api, { version: saved.version, devices, replace, adminSecondFactor: form.admin }).catch(
          (cause: unknown) => {
            if (cause instanceof ApiError && cause.fields["adminSecondFactor"] !== undefined) setFirst(true)
            throw cause
          },
        ),
      t("people.rules.saved"),
    )
    if (next) setForm(draft(next))
  }
  return (
    <SettingsPage
      settings={settings}
      title={t("people.sessions.settings")}
      name="rules"
      testid="session-rules"
      ready={!wrong && flat(draft(saved)) !== flat(form)}
      save={() => void save()}
      className="fileform"
    >
      <p className="t3 s12">{t("people.rules.text")}</p>
      <div className="rules">
        {roles.map((role) => (
          <div className="row" key={role} data-invalid={isBad(text(form, role)) || undefined}>
            <span className="grow">{roleName(t, role)}</span>
            <input
              className="input num"
              inputMode="numeric"
              maxLength={3}
              placeholder="∞"
              value={form.devices[role] ?? ""}
              aria-label={`${roleName(t, role)}: ${t("people.rules.devices")}`}
              aria-invalid={isBad(text(form, role))}
              title={t("people.rules.range")}
              data-testid={`rules-${role}`}
              onChange={(event) => setForm({ ...form, devices: { ...form.devices, [role]: event.target.value } })}
            />
            <select
              className="select"
              value={form.replace.includes(role) ? "replace" : "refuse"}
              disabled={text(form, role) === ""}
              aria-label={`${roleName(t, role)}: ${t("people.rules.next")}`}
              data-testid={`rules-next-${role}`}
              onChange={(event) =>
                setForm({
                  ...form,
                  replace: event.target.value === "replace"
                    ? [...form.replace, role]
                    : form.replace.filter((one) => one !== role),
                })}
            >
              <option value="refuse">{t("people.rules.refuse")}</option>
              <option value="replace">{t("people.rules.replace")}</option>
            </select>
          </div>
        ))}
      </div>
      <Check
        label={t("people.rules.2fa")}
        checked={form.admin}
        testid="rules-2fa"
        onCheck={(admin) => setForm({ ...form, admin })}
      />
      <p className="t3 s12">{t("people.rules.2fa.text")}</p>
      {first ? <p className="danger" role="alert" data-testid="rules-first">{t("people.rules.2fa.first")}</p> : null}
    </SettingsPage>
  )
}
