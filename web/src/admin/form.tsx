// A form in a dialog: checks first itself, then shows at each field what the server said of it.
import { type ReactNode, useState } from "react"
import { errorText, fieldError } from "../chat/words.ts"
import { hasKey, type Translate, useT } from "../shared/i18n/index.tsx"
import { type Errors, watched } from "../shared/fields.ts"
import { ApiError } from "../shared/net/api.ts"
import { ErrorNote } from "../shared/ui/basics.tsx"
import { Dialog, DialogFoot } from "../shared/ui/dialog.tsx"
import { toast } from "../shared/ui/toast.tsx"

export type { Errors }

/** What was refused at a field that isn't there: its name, as the pages call it, and why. */
export function unseenText(t: Translate, unseen: readonly [name: string, error: string][]): string {
  return unseen.map(([name, error]) => {
    const key = `admin.${name}`
    return `${hasKey(key) ? t(key) : name}: ${error}`
  }).join(" · ")
}

interface Props {
  title: string
  /** What is wrong, by field; empty when it may be sent. */
  check: () => Errors
  send: () => Promise<unknown>
  /** Sent and saved. */
  onDone: () => void
  onClose: () => void
  submit?: string
  /** Something ends by it. */
  danger?: boolean
  /** Whether what it speaks of is known, so that it may be sent. */
  ready?: boolean
  /** What is said when it is saved; “Saved” otherwise. */
  done?: string
  /** Sentences for refusals of which the fields' own words would say nothing, by `field.code`. */
  refusals?: Readonly<Record<string, string>>
  testid: string
  children: (errors: Errors) => ReactNode
}

export function FormDialog(props: Props) {
  const { title, check, send, onDone, onClose, submit, danger = false, ready = true, done, refusals = {}, testid } =
    props
  const t = useT()
  const [errors, setErrors] = useState<Errors>({})
  const [general, setGeneral] = useState<string>()
  const [busy, setBusy] = useState(false)
  const go = () => {
    if (busy || !ready) return
    const found = check()
    setErrors(found)
    setGeneral(undefined)
    if (Object.values(found).some((error) => error !== undefined)) return
    setBusy(true)
    send().then(() => {
      toast(done ?? t("admin.saved"))
      onDone()
    }, (raw: unknown) => {
      setBusy(false)
      if (!(raw instanceof ApiError)) throw raw
      const told = Object.entries(raw.fields).map(([name, code]) => refusals[`${name}.${code}`]).find(Boolean)
      if (told !== undefined) return setGeneral(told)
      const fields = Object.fromEntries(Object.entries(raw.fields).map(([name, code]) => [name, fieldError(t, code)]))
      setErrors(fields)
      if (Object.keys(fields).length === 0) setGeneral(errorText(t, raw.code))
    })
  }
  const watch = watched(errors)
  const fields = props.children(watch.errors)
  const elsewhere = general ?? unseenText(t, watch.unseen())
  return (
    <Dialog
      title={title}
      onClose={onClose}
      held={busy}
      onSubmit={go}
      testid={testid}
      foot={
        <DialogFoot
          onClose={onClose}
          submit={submit ?? t("save")}
          busy={busy}
          ready={ready}
          testid={`${testid}-save`}
          danger={danger}
        />
      }
    >
      {fields}
      {elsewhere === "" ? null : <ErrorNote testid={`${testid}-error`}>{elsewhere}</ErrorNote>}
    </Dialog>
  )
}
