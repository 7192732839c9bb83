// The lists of the administration: a title, a count, a search, one primary button and a table.
import { type ReactNode, useCallback, useEffect, useRef, useState } from "react"
import { useApp } from "../chat/context.tsx"
import { useT } from "../shared/i18n/index.tsx"
import { type Listing, type Page, useKept, useListing } from "../shared/list.ts"
import { Icon, Skeleton } from "../shared/ui/basics.tsx"
import { Failed } from "../shared/ui/list.tsx"
import { SearchField, useSearch } from "../shared/ui/search.tsx"

interface FrameProps<T> {
  title: string
  columns: readonly string[]
  row: (item: T) => ReactNode
  /** Absent: whoever looks adds nothing here. */
  add: { label: string; run: () => void; disabled?: string | undefined; testid: string } | undefined
  /** Further buttons beside the one that adds. */
  more?: ReactNode
  empty: { icon: string; title: string; text: string }
  testid: string
}
interface Narrowed<T> {
  /** How many there are without a search. */
  count: number
  search: string
  onSearch: (search: string) => void
  /** Undefined: they are on their way. */
  shown: readonly T[] | undefined
  /** Below the table. */
  foot?: ReactNode
}

/** A few rows need no search; but what narrows a list stays in sight, however short the list has become. */
export const searchable = (items: number, search: string): boolean => items > 5 || search !== ""

function Frame<T extends { id: number }>(props: FrameProps<T> & Narrowed<T>) {
  const { title, columns, row, add, more, empty, testid, count, search, onSearch, shown, foot } = props
  const t = useT()
  const button = add
    ? (
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
    : null
  return (
    <section className="main" data-testid={testid}>
      <header className="bar">
        <h1 className="nw">{title}</h1>
        <span className="t3 num">{count}</span>
        <span className="grow" />
        {searchable(count, search)
          ? <SearchField label={t("admin.search")} value={search} onChange={onSearch} testid={`${testid}-search`} />
          : null}
        {more}
        {count > 0 ? button : null}
      </header>
      {count === 0
        ? (
          <div className="empty">
            <span className="t3">
              <Icon name={empty.icon} size={24} />
            </span>
            <h2>{empty.title}</h2>
            <p className="t3">{add?.disabled ?? empty.text}</p>
            {button}
          </div>
        )
        : shown === undefined
        ? foot ?? <Skeleton rows={8} />
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
            {shown.length === 0 && !foot ? <p className="empty t3">{t("admin.nothing")}</p> : null}
            {foot}
          </div>
        )}
    </section>
  )
}

interface ListProps<T> extends FrameProps<T> {
  items: readonly T[]
  /** What a row is found by. */
  text: (item: T) => string
  fold: (text: string) => string
}

/** A list that is here as a whole, and is searched here. */
export function ListPage<T extends { id: number }>({ items, text, fold, ...frame }: ListProps<T>) {
  const [search, setSearch] = useState("")
  const shown = items.filter((item) => fold(text(item)).includes(fold(search)))
  return <Frame {...frame} count={items.length} search={search} onSearch={setSearch} shown={shown} />
}

interface SearchedProps<T> extends FrameProps<T> {
  /** The list's address in REST, which takes `search` and gives pages. */
  path: string
  count: number
  /** Another one whenever something of the list has changed: then it is asked for again. */
  version: unknown
}

/** A list of which the server finds and gives page by page what is searched for. */
export function SearchedPage<T extends { id: number }>({ path, version, ...frame }: SearchedProps<T>) {
  const t = useT()
  const { api } = useApp()
  const { typed, setTyped, search } = useSearch()
  const list = useListing<T>(
    useCallback(
      (cursor) =>
        api.call<Page<T>>(
          "GET",
          `/${path}?limit=100&search=${encodeURIComponent(search)}${
            cursor === undefined ? "" : `&cursor=${encodeURIComponent(cursor)}`
          }`,
        ),
      [api, path, search],
    ),
  )
  useReloading(list, version)
  const kept = useKept(list)
  const failed = list.error === undefined
    ? null
    : <Failed title={t("admin.failed")} code={list.error} again={list.again} testid={`${frame.testid}-failed`} />
  const more = list.next === undefined || failed ? null : (
    <footer className="row listmore">
      <button
        type="button"
        className="btn btn--md btn--quiet"
        disabled={list.busy}
        data-testid={`${frame.testid}-more`}
        onClick={list.more}
      >
        {t("people.sessions.more")}
      </button>
    </footer>
  )
  return <Frame {...frame} search={typed} onSearch={setTyped} shown={kept} foot={failed ?? more} />
}

/** Asks again when `version` is another one, but not at first: the listing does so itself. */
function useReloading<T>(list: Listing<T>, version: unknown): void {
  const known = useRef(version)
  useEffect(() => {
    if (known.current === version) return
    known.current = version
    list.reload()
  }, [list, version])
}
