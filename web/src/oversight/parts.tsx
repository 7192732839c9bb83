// What the lists of oversight share: how they fail, how they end, what is asked before something is done.
import { type ReactNode, useState } from "react"
import { errorText } from "../chat/words.ts"
import { useT } from "../shared/i18n/index.tsx"
import type { Listing } from "../shared/list.ts"
import { isRefusal } from "../shared/net/refusal.ts"
import { Empty, ErrorNote } from "../shared/ui/basics.tsx"
import { Dialog, DialogFoot } from "../shared/ui/dialog.tsx"
import { TextField } from "../shared/ui/field.tsx"
import { ListView } from "../shared/ui/list.tsx"
import { uuid } from "../shared/uuid.ts"
import { useWords } from "./words.ts"

interface ListProps<T> {
  list: Listing<T>
  columns: readonly string[]
  row: (item: T) => ReactNode
  empty: { icon: string; title: string; text: string }
}

/** A table in all of its states. */
export function List<T extends { id: number | string }>({ list, columns, row, empty }: ListProps<T>) {
  const say = useWords()
  return (
    <ListView
      list={list}
      words={{ failed: say("failed"), more: say("more"), shown: (n) => say("shown", { n }) }}
      empty={<Empty icon={empty.icon} title={empty.title} text={empty.text} testid="list-empty" />}
    >
      {(items) => (
        <table className="table table--read">
          <thead>
            <tr>{columns.map((column) => <th key={column} scope="col">{column}</th>)}</tr>
          </thead>
          <tbody>{items.map((item) => <tr key={item.id} data-id={item.id} data-testid="row">{row(item)}</tr>)}</tbody>
        </table>
      )}
    </ListView>
  )
}

interface ReasonProps {
  title: string
  text: string
  submit: string
  danger?: boolean
  icon?: string
  testid: string
  /** May be left empty. */
  optional?: boolean
  /** Whether everything else that is asked for is there. */
  ready?: boolean
  label?: string
  /** `key` stays the same when it is repeated because nobody knows what became of it. */
  run: (reason: string, key: string) => Promise<unknown>
  onClose: () => void
  children?: ReactNode
}

const longest = 500

/** Asks why, and does it. */
export function ReasonForm(props: ReasonProps) {
  const {
    title,
    text,
    submit,
    danger = false,
    icon,
    testid,
    optional = false,
    ready = true,
    label,
    run,
    onClose,
    children,
  } = props
  const t = useT()
  const say = useWords()
  const [reason, setReason] = useState("")
  const [invalid, setInvalid] = useState(false)
  const [error, setError] = useState<string>()
  const [busy, setBusy] = useState(false)
  const [key, setKey] = useState(uuid)
  const go = () => {
    const words = reason.trim()
    const length = [...words].length
    if (busy || !ready) return
    if (length > longest || (!optional && length < 3)) return setInvalid(true)
    setBusy(true)
    setError(undefined)
    run(words, key).then(onClose, (raw: unknown) => {
      setBusy(false)
      if (!isRefusal(raw)) throw raw
      if (!raw.temporary) setKey(uuid())
      setError(raw.code)
    })
  }
  return (
    <Dialog
      title={title}
      {...(icon === undefined ? {} : { icon })}
      onClose={onClose}
      held={busy}
      onSubmit={go}
      testid={testid}
      foot={
        <DialogFoot
          onClose={onClose}
          submit={submit}
          busy={busy}
          ready={ready}
          danger={danger}
          testid={`${testid}-confirm`}
        />
      }
    >
      {children}
      {text === "" ? null : <p className="t2">{text}</p>}
      <TextField
        label={label ?? say("why")}
        rows={2}
        value={reason}
        error={invalid ? t("field.reason") : undefined}
        hint={optional ? undefined : say("reason.hint")}
        testid={`${testid}-reason`}
        onChange={(event) => {
          setReason(event.target.value)
          setInvalid(false)
        }}
      />
      {error === undefined ? null : <ErrorNote testid={`${testid}-error`}>{errorText(t, error)}</ErrorNote>}
    </Dialog>
  )
}
