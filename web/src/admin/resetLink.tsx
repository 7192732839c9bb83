// A link by which somebody sets an own new password: nobody else ever knows it.
import { useCallback, useState } from "react"
import { useApp } from "../chat/context.tsx"
import { errorText } from "../chat/words.ts"
import { useT } from "../shared/i18n/index.tsx"
import { ApiError, type UserRecord } from "../shared/net/api.ts"
import { ErrorNote } from "../shared/ui/basics.tsx"
import { Dialog, DialogFoot } from "../shared/ui/dialog.tsx"
import { type MadeLink, resetLink } from "../people/calls.ts"
import { MadeLinkBox } from "../people/parts.tsx"

export function ResetLinkDialog({ user, onClose }: { user: UserRecord; onClose: () => void }) {
  const t = useT()
  const { api } = useApp()
  const [made, setMade] = useState<MadeLink>()
  const [error, setError] = useState<string>()
  const [busy, setBusy] = useState(false)
  const make = useCallback(() => {
    setBusy(true)
    setError(undefined)
    resetLink(api, user.id).then((link) => {
      setBusy(false)
      setMade(link)
    }, (cause: unknown) => {
      if (!(cause instanceof ApiError)) throw cause
      setBusy(false)
      setError(errorText(t, cause.code))
    })
  }, [api, user.id, t])
  return (
    <Dialog
      title={t("people.resetlink")}
      onClose={onClose}
      held={busy}
      onSubmit={made ? undefined : make}
      testid="reset-link-dialog"
      foot={made
        ? <button type="button" className="btn" onClick={onClose}>{t("close")}</button>
        : <DialogFoot onClose={onClose} submit={t("people.invite.make")} busy={busy} testid="reset-link-make" />}
    >
      <p className="t2">{t("people.resetlink.text", { name: user.name })}</p>
      {error ? <ErrorNote>{error}</ErrorNote> : null}
      {made ? <MadeLinkBox made={made} /> : null}
    </Dialog>
  )
}
