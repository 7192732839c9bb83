// A form in a dialog: checks first itself, then shows at each field what the server said of it.
import { type ReactNode, useState } from "react"
import { errorText, fieldError } from "../chat/words.ts"
import { hasKey, type Translate, useT } from "../shared/i18n/index.tsx"
import { type Errors, watched } from "../shared/fields.ts"
import { ApiError } from "../shared/net/api.ts"
import { ErrorNote, Icon } from "../shared/ui/basics.tsx"
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
  testid: string
  children: (errors: Errors) => ReactNode
}

export function FormDialog({ title, check, send, onDone, onClose, submit, danger = false, testid, children }: Props) {
  const t = useT()
  const [errors, setErrors] = useState<Errors>({})
  const [general, setGeneral] = useState<string>()
  const [busy, setBusy] = useState(false)
  const go = () => {
    const found = check()
    setErrors(found)
    setGeneral(undefined)
    if (Object.values(found).some((error) => error !== undefined)) return
    setBusy(true)
    send().then(() => {
      toast(t("admin.saved"))
      onDone()
    }, (raw: unknown) => {
      setBusy(false)
      if (!(raw instanceof ApiError)) throw raw
      const fields = Object.fromEntries(Object.entries(raw.fields).map(([name, code]) => [name, fieldError(t, code)]))
      setErrors(fields)
      if (Object.keys(fields).length === 0) setGeneral(errorText(t, raw.code))
    })
  }
  const watch = watched(errors)
  const fields = children(watch.errors)
  const elsewhere = general ?? unseenText(t, watch.unseen())
  return (
    <Dialog
      title={title}
      onClose={onClose}
      onSubmit={go}
      testid={testid}
      foot={
        <DialogFoot
          onClose={onClose}
          submit={submit ?? t("save")}
          busy={busy}
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

interface ListProps<T> {
  title: string
  items: readonly T[]
  /** What a row is found by. */
  text: (item: T) => string
  columns: readonly string[]
  row: (item: T) => ReactNode
  add: { label: string; run: () => void; disabled?: string | undefined; testid: string }
  /** Further buttons beside the one that adds. */
  more?: ReactNode
  empty: { icon: string; title: string; text: string }
  testid: string
  fold: (text: string) => string
}

/** A few rows need no search; but what narrows a list stays in sight, however short the list has become. */
export const searchable = (items: number, search: string): boolean => items > 5 || search !== ""

/** A page with a title, a count, a search, one primary button and a table. */
export function ListPage<T extends { id: number }>(props: ListProps<T>) {
  const { title, items, text, columns, row, add, more, empty, testid, fold } = props
  const t = useT()
  const [search, setSearch] = useState("")
  const shown = items.filter((item) => fold(text(item)).includes(fold(search)))
  const button = (
    <button
      type="button"
      className="btn btn--primary"
      disabled={add.disabled !== undefined}
      title={add.disabled}
      onClick={add.run}
      data-testid={add.testid}
    >
      <Icon name="plus" />
      {add.label}
    </button>
  )
  return (
    <section className="main" data-testid={testid}>
      <header className="bar">
        <h1 className="nw">{title}</h1>
        <span className="t3 num">{items.length}</span>
        <span className="grow" />
        {searchable(items.length, search)
          ? (
            <label className="search admin__search">
              <span className="sr">{t("admin.search")}</span>
              <Icon name="search" />
              <input
                className="input input--soft"
                type="search"
                placeholder={t("admin.search")}
                value={search}
                onChange={(event) => setSearch(event.target.value)}
              />
            </label>
          )
          : null}
        {more}
        {items.length > 0 ? button : null}
      </header>
      {items.length === 0
        ? (
          <div className="empty">
            <span className="t3">
              <Icon name={empty.icon} size={24} />
            </span>
            <h2>{empty.title}</h2>
            <p className="t3">{add.disabled ?? empty.text}</p>
            {button}
          </div>
        )
        : (
          <div className="tablewrap scroll">
            <table className="table table--read">
              <thead>
                <tr>
                  {columns.map((column, i) => (
                    <th key={i} scope="col">{column || <span className="sr">{t("admin.change")}</span>}</th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {shown.map((item) => <tr key={item.id} data-id={item.id} data-testid="row">{row(item)}</tr>)}
              </tbody>
            </table>
            {shown.length === 0 ? <p className="empty t3">{t("admin.nothing")}</p> : null}
          </div>
        )}
    </section>
  )
}
