// One's own account: the password, the devices on which one is signed in, the second step; and whom one invites.
import "./people/words.ts"
import { useState } from "react"
import { useApp } from "./chat/context.tsx"
import { errorText, fieldError } from "./chat/words.ts"
import { shortestPassword } from "./shared/account.ts"
import { useT } from "./shared/i18n/index.tsx"
import { ApiError } from "./shared/net/api.ts"
import { ErrorNote } from "./shared/ui/basics.tsx"
import { Dialog, DialogFoot } from "./shared/ui/dialog.tsx"
import { PasswordField } from "./shared/ui/field.tsx"
import { toast } from "./shared/ui/toast.tsx"
import { DevicesDialog } from "./people/devices.tsx"
import { InviteDialog } from "./people/invite.tsx"
import { SecondFactorDialog } from "./people/secondFactor.tsx"

export type ProfilePage = "password" | "devices" | "factor" | "invite"

export default function Profile({ page, onClose }: { page: ProfilePage; onClose: () => void }) {
  return page === "password"
    ? <Password onClose={onClose} />
    : page === "devices"
    ? <DevicesDialog onClose={onClose} />
    : page === "factor"
    ? <SecondFactorDialog onClose={onClose} />
    : <InviteDialog onClose={onClose} />
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
      held={busy}
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
