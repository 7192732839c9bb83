// Departments out of use, and the way back.
import "../people/words.ts"
import { useCallback, useState } from "react"
import { useApp } from "../chat/context.tsx"
import { errorText } from "../chat/words.ts"
import { useAnswer } from "../shared/answer.ts"
import { useT } from "../shared/i18n/index.tsx"
import type { Page } from "../shared/list.ts"
import { ApiError, type Named } from "../shared/net/api.ts"
import { ErrorNote, Skeleton } from "../shared/ui/basics.tsx"
import { Dialog } from "../shared/ui/dialog.tsx"
import { FailedNote } from "../shared/ui/list.tsx"
import { toast } from "../shared/ui/toast.tsx"

export function RetiredDialog({ onRestored, onClose }: { onRestored: () => void; onClose: () => void }) {
  const t = useT()
  const { api } = useApp()
  const load = useCallback(() => api.call<Page<Named>>("GET", "/departments/retired"), [api])
  const { value, error, reload } = useAnswer(load)
  const [busy, setBusy] = useState(false)
  const [refused, setRefused] = useState<string>()
  const restore = (one: Named) => {
    setBusy(true)
    setRefused(undefined)
    api.call("POST", `/departments/${one.id}/restore`).then(() => {
      toast(t("people.department.restored", { name: one.name }))
      onRestored()
      reload()
    }, (cause: unknown) => {
      if (!(cause instanceof ApiError)) throw cause
      setRefused(cause.fields["name"] ? t("people.department.restore.taken") : errorText(t, cause.code))
    }).finally(() => setBusy(false))
  }
  return (
    <Dialog
      title={t("people.department.retired")}
      icon="lock"
      onClose={onClose}
      held={busy}
      testid="retired-dialog"
      foot={<button type="button" className="btn" disabled={busy} onClick={onClose}>{t("close")}</button>}
    >
      {error
        ? <FailedNote code={error} again={reload} />
        : !value
        ? <Skeleton rows={2} />
        : value.items.length === 0
        ? <p className="t3" data-testid="retired-none">{t("people.department.retired.none")}</p>
        : (
          <ul className="devices">
            {value.items.map((one) => (
              <li key={one.id} className="row" data-testid="retired">
                <b className="m grow cut">{one.name}</b>
                <button
                  type="button"
                  className="btn btn--sm"
                  disabled={busy}
                  aria-label={`${t("people.department.restore")}: ${one.name}`}
                  data-testid="department-restore"
                  onClick={() => restore(one)}
                >
                  {t("people.department.restore")}
                </button>
              </li>
            ))}
          </ul>
        )}
      {refused === undefined ? null : <ErrorNote testid="retired-error">{refused}</ErrorNote>}
    </Dialog>
  )
}
