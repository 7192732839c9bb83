// What a right password may still lead to: the code of an authenticator, and the limit of devices.
import "./words.ts"
import { useState } from "react"
import { when } from "../chat/words.ts"
import { useT } from "../shared/i18n/index.tsx"
import type { BusyDevice } from "../shared/net/api.ts"
import { Icon } from "../shared/ui/basics.tsx"
import { Dialog, DialogFoot } from "../shared/ui/dialog.tsx"
import { Field } from "../shared/ui/field.tsx"

export type Step =
  | { what: "code"; wrong: boolean }
  | { what: "limit"; limit: number; devices: readonly BusyDevice[] }

interface Props {
  step: Step
  busy: boolean
  onCode: (code: string) => void
  onReplace: () => void
  onClose: () => void
}

export default function SignInSteps({ step, busy, onCode, onReplace, onClose }: Props) {
  return step.what === "code"
    ? <Code wrong={step.wrong} busy={busy} onCode={onCode} onClose={onClose} />
    : <Limit step={step} busy={busy} onReplace={onReplace} onClose={onClose} />
}

function Code(
  { wrong, busy, onCode, onClose }: { wrong: boolean; busy: boolean; onCode: Props["onCode"]; onClose: () => void },
) {
  const t = useT()
  const [code, setCode] = useState("")
  // The complaint is about what was sent, not about what is being typed.
  const [sent, setSent] = useState("")
  const submit = () => {
    if (busy || code.trim().length < 6) return
    setSent(code)
    onCode(code.trim())
  }
  return (
    <Dialog
      title={t("people.code.title")}
      icon="lock"
      onClose={onClose}
      held={busy}
      onSubmit={submit}
      testid="code-dialog"
      foot={<DialogFoot onClose={onClose} submit={t("signin.submit")} busy={busy} testid="code-submit" />}
    >
      <p className="t2">{t("people.code.text")}</p>
      <Field
        label={t("people.code.label")}
        value={code}
        autoComplete="one-time-code"
        inputMode={/[a-z]/i.test(code) ? "text" : "numeric"}
        autoCapitalize="characters"
        spellCheck={false}
        maxLength={40}
        error={wrong && code === sent ? t("people.code.wrong") : undefined}
        testid="code"
        onChange={(event) => setCode(event.target.value)}
      />
    </Dialog>
  )
}

function Limit(
  { step, busy, onReplace, onClose }: {
    step: Extract<Step, { what: "limit" }>
    busy: boolean
    onReplace: () => void
    onClose: () => void
  },
) {
  const t = useT()
  const now = Date.now()
  const mayReplace = step.devices.some((device) => device.ends)
  return (
    <Dialog
      title={t("people.limit.title", { n: step.limit })}
      onClose={onClose}
      held={busy}
      onSubmit={mayReplace && !busy ? onReplace : undefined}
      testid="limit-dialog"
      foot={mayReplace
        ? <DialogFoot onClose={onClose} submit={t("people.limit.go")} busy={busy} testid="limit-replace" />
        : <button type="button" className="btn" onClick={onClose}>{t("close")}</button>}
    >
      <p className="t2">{t(mayReplace ? "people.limit.replace" : "people.limit.refuse")}</p>
      <ul className="devices">
        {step.devices.map((device, i) => (
          <li key={i} className="row" data-testid="busy-device">
            <Icon name={device.kind === "app" || /Android|iOS/.test(device.device) ? "phone" : "device"} />
            <span className="grow">
              <b className="m">{device.device || t("profile.unknownDevice")}</b>
              <span className="s12 t3 block">
                {[when(t, Date.parse(device.lastUsedAt), now), device.address].filter(Boolean).join(" · ")}
              </span>
            </span>
            {device.ends ? <span className="tag tag--warn">{t("people.limit.ends")}</span> : null}
          </li>
        ))}
      </ul>
    </Dialog>
  )
}
