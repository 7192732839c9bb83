// Before anything is shown: why. The reason is written to the log with who, when and what was seen.
import { useEffect, useRef, useState } from "react"
import { useApp } from "../chat/context.tsx"
import type { TopicView } from "../chat/topicView.ts"
import { errorText, topicName } from "../chat/words.ts"
import { useT } from "../shared/i18n/index.tsx"
import type { InboxTopic } from "../shared/net/protocol.ts"
import { RequestError } from "../shared/net/socket.ts"
import { Icon } from "../shared/ui/basics.tsx"
import { Dialog } from "../shared/ui/dialog.tsx"

interface Props {
  topic: InboxTopic
  organisation: string
  onOpen: (view: TopicView) => void
  onClose: () => void
}

export function ReasonDialog({ topic, organisation, onOpen, onClose }: Props) {
  const t = useT()
  const { chat } = useApp()
  const [reason, setReason] = useState("")
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string>()
  // Whoever leaves before the answer comes watches nothing: what it began is ended.
  const left = useRef(new AbortController())
  useEffect(() => {
    const controller = left.current = new AbortController()
    return () => controller.abort()
  }, [])
  const chips = [t("ghost.chip.complaint"), t("ghost.chip.delay"), t("ghost.chip.quality")]
  const submit = () => {
    const text = reason.trim()
    const length = [...text].length
    if (length < 3 || length > 500) {
      setError(t("field.reason"))
      return
    }
    setBusy(true)
    setError(undefined)
    chat.observe(topic.topic, text, left.current.signal).then((view) => view && onOpen(view), (raw: unknown) => {
      setBusy(false)
      setError(errorText(t, raw instanceof RequestError ? raw.code : "unknown"))
    })
  }
  return (
    <Dialog
      title={t("ghost.dialog")}
      icon="ghost"
      kind="ghost"
      onClose={onClose}
      onSubmit={submit}
      testid="ghost-dialog"
      foot={
        <>
          <button type="button" className="btn btn--quiet" onClick={onClose}>{t("cancel")}</button>
          <button type="submit" className="btn btn--ghost" disabled={busy} aria-busy={busy} data-testid="ghost-open">
            <Icon name="ghost" />
            {t("ghost.dialog")}
          </button>
        </>
      }
    >
      <p className="t2">{t("ghost.dialog.text", { org: organisation, topic: topicName(t, topic.kind) })}</p>
      <div className="field" data-invalid={error ? true : undefined}>
        <label htmlFor="ghost-reason">{t("ghost.reason")}</label>
        <textarea
          className="input"
          id="ghost-reason"
          rows={2}
          autoFocus
          value={reason}
          aria-invalid={error ? true : undefined}
          aria-describedby="ghost-reason-hint"
          data-testid="ghost-reason"
          onChange={(event) => {
            setReason(event.target.value)
            setError(undefined)
          }}
          onKeyDown={(event) => {
            if (event.key === "Enter" && !event.shiftKey) {
              event.preventDefault()
              submit()
            }
          }}
        />
        <span className="hint" id="ghost-reason-hint" role={error ? "alert" : undefined}>
          {error ? <Icon name="alert" size={14} /> : null}
          {error ?? t("ghost.reason.hint")}
        </span>
      </div>
      <div className="row chips">
        {chips.map((chip) => (
          <button
            key={chip}
            type="button"
            className="chip"
            aria-pressed={reason === chip}
            onClick={() => setReason(chip)}
          >
            {chip}
          </button>
        ))}
      </div>
    </Dialog>
  )
}
