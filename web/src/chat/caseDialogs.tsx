// Closing and reopening a case, and deleting a message: each says first what will happen.
import { useRef, useState } from "react"
import { type Key, useT } from "../shared/i18n/index.tsx"
import { isRefusal } from "../shared/net/refusal.ts"
import { ErrorNote, Icon } from "../shared/ui/basics.tsx"
import { Dialog, DialogFoot } from "../shared/ui/dialog.tsx"
import { uuid } from "../shared/uuid.ts"
import { errorText } from "./words.ts"

interface ConfirmProps {
  title: string
  effects: readonly string[]
  button: Key
  danger?: boolean
  testid: string
  /** Undefined: nothing to wait for. */
  run: (key: string) => Promise<unknown> | undefined
  onClose: () => void
}

export function Confirm({ title, effects, button, danger = false, testid, run, onClose }: ConfirmProps) {
  const t = useT()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string>()
  const key = useRef(uuid())
  const go = () => {
    if (busy) return
    const answer = run(key.current)
    if (!answer) return onClose()
    setBusy(true)
    setError(undefined)
    answer.then(onClose, (raw: unknown) => {
      setBusy(false)
      if (isRefusal(raw) && !raw.temporary) key.current = uuid()
      setError(errorText(t, isRefusal(raw) ? raw.code : "unknown"))
    })
  }
  return (
    <Dialog
      title={title}
      onClose={onClose}
      held={busy}
      onSubmit={go}
      testid={testid}
      foot={
        <DialogFoot onClose={onClose} submit={t(button)} busy={busy} testid={`${testid}-confirm`} danger={danger} />
      }
    >
      <ul className="effects">
        {effects.map((effect) => (
          <li key={effect}>
            <Icon name="right" size={12} />
            <span>{effect}</span>
          </li>
        ))}
      </ul>
      {error ? <ErrorNote>{error}</ErrorNote> : null}
    </Dialog>
  )
}
