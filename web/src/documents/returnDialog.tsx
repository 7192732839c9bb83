// A client sends a processed document back: why is asked, and may be left empty.
import { useState } from "react"
import { errorText } from "../chat/words.ts"
import { useT } from "../shared/i18n/index.tsx"
import { ErrorNote } from "../shared/ui/basics.tsx"
import { Dialog, DialogFoot } from "../shared/ui/dialog.tsx"
import { uuid } from "../shared/uuid.ts"

interface Props {
  name: string
  /** Undefined when it is done, else the code of what went wrong. */
  run: (reason: string, key: string) => Promise<string | undefined>
  onClose: () => void
}

const longest = 500

export function ReturnDialog({ name, run, onClose }: Props) {
  const t = useT()
  const [reason, setReason] = useState("")
  const [key, setKey] = useState(uuid)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string>()
  const submit = async () => {
    if (busy || [...reason].length > longest) return
    setBusy(true)
    const code = await run(reason.trim(), key)
    setBusy(false)
    if (code === undefined) return onClose()
    setError(code)
    // What was not refused for good is repeated under its key: it counts once.
    if (code !== "offline" && code !== "unavailable") setKey(uuid())
  }
  return (
    <Dialog
      title={t("doc.return.title")}
      icon="undo"
      onClose={onClose}
      held={busy}
      onSubmit={() => void submit()}
      testid="return-dialog"
      foot={<DialogFoot onClose={onClose} submit={t("doc.mark.returned")} busy={busy} testid="return-confirm" />}
    >
      <p className="t2">{t("doc.return.text", { name })}</p>
      <label className="field">
        <span className="label">{t("doc.return.reason")}</span>
        <textarea
          className="input area"
          rows={3}
          maxLength={longest}
          value={reason}
          data-testid="return-reason"
          onChange={(event) => setReason(event.target.value)}
        />
      </label>
      {error ? <ErrorNote>{errorText(t, error)}</ErrorNote> : null}
    </Dialog>
  )
}
