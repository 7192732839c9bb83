// What the lists of oversight share: how they fail, how they end, what is asked before something is done.
import { type ReactNode, useId, useState } from "react"
import { errorText } from "../chat/words.ts"
import { useT } from "../shared/i18n/index.tsx"
import { ApiError } from "../shared/net/api.ts"
import { RequestError } from "../shared/net/socket.ts"
import { Empty, ErrorNote, Icon, Skeleton } from "../shared/ui/basics.tsx"
import { Dialog, DialogFoot } from "../shared/ui/dialog.tsx"
import { uuid } from "../shared/uuid.ts"
import type { Listed } from "./data.ts"
import { useWords } from "./words.ts"

export function Failed({ code, again }: { code: string; again: () => void }) {
  const t = useT()
  const say = useWords()
  return (
    <Empty icon="alert" kind="danger" title={say("failed")} text={errorText(t, code)} testid="list-failed">
      <button type="button" className="btn" onClick={again}>
        <Icon name="sync" />
        {t("retry")}
      </button>
    </Empty>
  )
}

interface ListProps<T> {
  list: Listed<T>
  columns: readonly string[]
  row: (item: T) => ReactNode
  empty: { icon: string; title: string; text: string }
}

/** A table in all of its states. */
export function List<T extends { id: number }>({ list, columns, row, empty }: ListProps<T>) {
  const say = useWords()
  const { items, next, error, busy, load } = list
  if (items === undefined) return error === undefined ? <Skeleton rows={8} /> : <Failed code={error} again={load} />
  if (items.length === 0) return <Empty icon={empty.icon} title={empty.title} text={empty.text} testid="list-empty" />
  return (
    <div className="tablewrap scroll" aria-busy={busy}>
      <table className="table table--read">
        <thead>
          <tr>{columns.map((column) => <th key={column} scope="col">{column}</th>)}</tr>
        </thead>
        <tbody>{items.map((item) => <tr key={item.id} data-id={item.id} data-testid="row">{row(item)}</tr>)}</tbody>
      </table>
      {error === undefined ? null : <Failed code={error} again={() => load(next)} />}
      <footer className="row oversee__more">
        <span className="s12 t3">{say("shown", { n: items.length })}</span>
        {next === undefined ? null : (
          <button
            type="button"
            className="btn btn--md btn--quiet"
            disabled={busy}
            data-testid="list-more"
            onClick={() => load(next)}
          >
            {say("more")}
          </button>
        )}
      </footer>
    </div>
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
  label?: string
  /** `key` stays the same when it is repeated because nobody knows what became of it. */
  run: (reason: string, key: string) => Promise<unknown>
  onClose: () => void
  children?: ReactNode
}

const longest = 500

/** Asks why, and does it. */
export function ReasonForm(props: ReasonProps) {
  const { title, text, submit, danger = false, icon, testid, optional = false, label, run, onClose, children } = props
  const t = useT()
  const say = useWords()
  const id = useId()
  const [reason, setReason] = useState("")
  const [invalid, setInvalid] = useState(false)
  const [error, setError] = useState<string>()
  const [busy, setBusy] = useState(false)
  const [key, setKey] = useState(uuid)
  const go = () => {
    const words = reason.trim()
    const length = [...words].length
    if (busy) return
    if (length > longest || (!optional && length < 3)) return setInvalid(true)
    setBusy(true)
    setError(undefined)
    run(words, key).then(onClose, (raw: unknown) => {
      setBusy(false)
      if (!(raw instanceof ApiError) && !(raw instanceof RequestError)) throw raw
      if (raw.code !== "offline" && raw.code !== "unavailable") setKey(uuid())
      setError(raw.code)
    })
  }
  return (
    <Dialog
      title={title}
      {...(icon === undefined ? {} : { icon })}
      onClose={onClose}
      onSubmit={go}
      testid={testid}
      foot={<DialogFoot onClose={onClose} submit={submit} busy={busy} danger={danger} testid={`${testid}-confirm`} />}
    >
      {children}
      {text === "" ? null : <p className="t2">{text}</p>}
      <div className="field" data-invalid={invalid || undefined}>
        <label htmlFor={id}>{label ?? say("why")}</label>
        <textarea
          className="input area"
          id={id}
          rows={2}
          value={reason}
          aria-invalid={invalid || undefined}
          aria-describedby={`${id}-hint`}
          data-testid={`${testid}-reason`}
          onChange={(event) => {
            setReason(event.target.value)
            setInvalid(false)
          }}
        />
        {optional && !invalid ? null : (
          <span className="hint" id={`${id}-hint`} role={invalid ? "alert" : undefined}>
            {invalid ? t("field.reason") : say("reason.hint")}
          </span>
        )}
      </div>
      {error === undefined ? null : <ErrorNote testid={`${testid}-error`}>{errorText(t, error)}</ErrorNote>}
    </Dialog>
  )
}
