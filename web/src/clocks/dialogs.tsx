// What stops a clock and what ends it otherwise than by an answer: a pause, its rejection, a close that needs no answer.
import { useState } from "react"
import { useApp } from "../chat/context.tsx"
import { errorText } from "../chat/words.ts"
import { useT } from "../shared/i18n/index.tsx"
import { RequestError } from "../shared/net/socket.ts"
import { ErrorNote } from "../shared/ui/basics.tsx"
import { Dialog, DialogFoot } from "../shared/ui/dialog.tsx"
import { Check } from "../shared/ui/field.tsx"
import { uuid } from "../shared/uuid.ts"
import { useWords } from "./words.ts"

interface Props {
  what: "pause" | "reject" | "dismiss"
  topic: number
  /** The case. */
  number: number
  onClose: () => void
}

const longest = 500

export default function ClockDialog({ what, topic, number, onClose }: Props) {
  const t = useT()
  const w = useWords()
  const { chat } = useApp()
  const [text, setText] = useState("")
  const [checked, setChecked] = useState(false)
  const [key, setKey] = useState(uuid)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string>()
  const submit = () => {
    const body = text.trim()
    if (busy) return
    if (what === "dismiss" ? !checked : body === "") return setError(w("field.needed"))
    setBusy(true)
    setError(undefined)
    const answer = what === "pause"
      ? chat.verbs.pause(topic, body, key)
      : what === "reject"
      ? chat.verbs.resume(topic, body, key)
      : chat.verbs.close(topic, key, true)
    answer.then(onClose, (raw: unknown) => {
      setBusy(false)
      // A refusal spends its key; an unanswered request keeps it, so that it counts once.
      if (raw instanceof RequestError && !raw.temporary) setKey(uuid())
      setError(errorText(t, raw instanceof RequestError ? raw.code : "unknown"))
    })
  }
  return (
    <Dialog
      title={w(`${what}.title`)}
      icon={what === "pause" ? "pause" : what === "reject" ? "x" : "alert"}
      onClose={onClose}
      onSubmit={submit}
      testid={`${what}-dialog`}
      foot={<DialogFoot onClose={onClose} submit={w(`${what}.do`)} busy={busy} testid={`${what}-confirm`} />}
    >
      <p className="t2">{w(`${what}.text`, { n: number })}</p>
      {what === "dismiss"
        ? <Check label={w("dismiss.check")} checked={checked} testid="no-answer" onCheck={setChecked} />
        : (
          <label className="field">
            <span className="label">{w(what === "pause" ? "pause.wanted" : "reject.reason")}</span>
            <textarea
              className="input area"
              rows={3}
              maxLength={longest}
              value={text}
              placeholder={what === "pause" ? w("pause.placeholder") : undefined}
              data-testid={`${what}-text`}
              onChange={(event) => setText(event.target.value)}
            />
          </label>
        )}
      {error ? <ErrorNote>{error}</ErrorNote> : null}
    </Dialog>
  )
}
