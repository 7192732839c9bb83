// One's own account: the password, and the devices on which one is signed in.
import { useEffect, useState } from "react"
import { useApp } from "./chat/context.tsx"
import { errorText, fieldError, when } from "./chat/words.ts"
import { shortestPassword } from "./shared/account.ts"
import { useT } from "./shared/i18n/index.tsx"
import { ApiError, type Device } from "./shared/net/api.ts"
import { ErrorNote, Icon, Skeleton } from "./shared/ui/basics.tsx"
import { Dialog, DialogFoot } from "./shared/ui/dialog.tsx"
import { PasswordField } from "./shared/ui/field.tsx"
import { toast } from "./shared/ui/toast.tsx"

export default function Profile({ page, onClose }: { page: "password" | "devices"; onClose: () => void }) {
  return page === "password" ? <Password onClose={onClose} /> : <Devices onClose={onClose} />
}

function Password({ onClose }: { onClose: () => void }) {
  const t = useT()
  const { api } = useApp()
  const [current, setCurrent] = useState("")
  const [next, setNext] = useState("")
  const [again, setAgain] = useState("")
  const [errors, setErrors] = useState<
    { current?: string | undefined; next?: string | undefined; again?: string | undefined; general?: string }
  >({})
  const [busy, setBusy] = useState(false)
  const submit = () => {
    const found = {
      ...(current === "" ? { current: t("field.required") } : {}),
      ...([...next].length < shortestPassword ? { next: t("field.password_short", { n: shortestPassword }) } : {}),
      ...(again !== next ? { again: t("field.password_again") } : {}),
    }
    setErrors(found)
    if (Object.keys(found).length > 0) return
    setBusy(true)
    api.setPassword(current, next).then(() => {
      toast(t("profile.passwordChanged"))
      onClose()
    }, (error: unknown) => {
      setBusy(false)
      if (!(error instanceof ApiError)) throw error
      const wrong = error.code === "invalid_credentials" || error.fields["current"] !== undefined
      const bad = fieldError(t, error.fields["new"])
      setErrors(
        wrong ? { current: t("profile.wrongPassword") } : bad ? { next: bad } : { general: errorText(t, error.code) },
      )
    })
  }
  return (
    <Dialog
      title={t("profile.password")}
      onClose={onClose}
      onSubmit={submit}
      testid="password-dialog"
      foot={<DialogFoot onClose={onClose} submit={t("save")} busy={busy} testid="password-save" />}
    >
      <p className="t2">{t("profile.passwordText")}</p>
      <PasswordField
        label={t("profile.current")}
        autoComplete="current-password"
        value={current}
        error={errors.current}
        testid="password-current"
        onChange={(e) => setCurrent(e.target.value)}
      />
      <PasswordField
        label={t("profile.new")}
        autoComplete="new-password"
        value={next}
        error={errors.next}
        hint={t("field.password_hint", { n: shortestPassword })}
        testid="password-new"
        onChange={(e) => setNext(e.target.value)}
      />
      <PasswordField
        label={t("profile.again")}
        autoComplete="new-password"
        value={again}
        error={errors.again}
        testid="password-again"
        onChange={(e) => setAgain(e.target.value)}
      />
      {errors.general ? <ErrorNote>{errors.general}</ErrorNote> : null}
    </Dialog>
  )
}

function Devices({ onClose }: { onClose: () => void }) {
  const t = useT()
  const { api, signOut } = useApp()
  const [devices, setDevices] = useState<Device[]>()
  const [error, setError] = useState<string>()
  const load = () => {
    setError(undefined)
    api.devices().then(
      setDevices,
      (raw: unknown) => setError(errorText(t, raw instanceof ApiError ? raw.code : "unknown")),
    )
  }
  useEffect(load, [api])
  const end = (device: Device) => {
    if (device.current) return signOut()
    api.endDevice(device.id).then(() => {
      setDevices((all) => all?.filter((one) => one.id !== device.id))
      toast(t("profile.deviceEnded"))
    }, (raw: unknown) => setError(errorText(t, raw instanceof ApiError ? raw.code : "unknown")))
  }
  const now = Date.now()
  return (
    <Dialog title={t("profile.devices")} onClose={onClose} testid="devices-dialog">
      <p className="t2">{t("profile.devicesText")}</p>
      {error
        ? (
          <div className="note note--danger" role="alert">
            <Icon name="alert" />
            <span className="grow">{error}</span>
            <button type="button" className="link" onClick={load}>{t("retry")}</button>
          </div>
        )
        : null}
      {!devices && !error ? <Skeleton rows={3} /> : null}
      <ul className="devices">
        {devices?.map((device) => (
          <li key={device.id} className="row" data-testid="device" data-current={device.current || undefined}>
            <Icon name={device.kind === "app" || /Android|iOS/.test(device.device) ? "phone" : "device"} />
            <span className="grow">
              <b className="m">{device.device || t("profile.unknownDevice")}</b>{" "}
              {device.current ? <span className="tag tag--accent">{t("profile.thisDevice")}</span> : null}
              <span className="s12 t3 block">
                {[device.lastUsedAt ? when(t, Date.parse(device.lastUsedAt), now) : "", device.address].filter(Boolean)
                  .join(" · ")}
              </span>
            </span>
            <button
              type="button"
              className="btn btn--sm"
              data-testid="device-end"
              onClick={() =>
                end(device)}
            >
              {t(device.current ? "profile.signOut" : "profile.endDevice")}
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  )
}
