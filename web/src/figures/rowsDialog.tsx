// The rows behind a figure. Each leads to its message: whoever takes part opens the topic, whoever doesn't an observation of it.
import { useEffect, useState } from "react"
import { useApp } from "../chat/context.tsx"
import { errorText, topicName } from "../chat/words.ts"
import { useT } from "../shared/i18n/index.tsx"
import { dateTime, parse } from "../shared/i18n/format.ts"
import { ApiError } from "../shared/net/api.ts"
import { go } from "../shared/router.ts"
import { Empty, Icon, Skeleton, Stars } from "../shared/ui/basics.tsx"
import { Dialog } from "../shared/ui/dialog.tsx"
import { type FigureKind, type FigureRow, type Page } from "./data.ts"
import { type FigureWord, type Say, span, useSay } from "./words.ts"

/** What is to be opened: a figure of somebody or something in a month. */
export interface Opened {
  figure: FigureKind
  month: string
  /** Further conditions of the address, such as `&account=7`. */
  filter: string
  /** Whose figure. */
  name: string
}

const figureWords: Record<FigureKind, FigureWord> = {
  responses: "rowsResponses",
  first: "rowsFirst",
  hits: "rowsHits",
  misses: "rowsMisses",
  dismissed: "rowsDismissed",
  documents: "rowsDocuments",
  ratings: "rowsRatings",
}
const outcomeWords = { answered: "outAnswered", dismissed: "outDismissed", silent: "outSilent" } as const

export function RowsDialog({ opened, onClose }: { opened: Opened; onClose: () => void }) {
  const t = useT()
  const words = useSay()
  const { api } = useApp()
  const [rows, setRows] = useState<FigureRow[]>()
  const [next, setNext] = useState<string | null>(null)
  const [error, setError] = useState<string>()
  const load = (cursor: string | null) => {
    setError(undefined)
    const { month, figure, filter } = opened
    api.call<Page<FigureRow>>(
      "GET",
      `/figures/rows?month=${month}&figure=${figure}${filter}&limit=100${cursor === null ? "" : `&cursor=${cursor}`}`,
    ).then((page) => {
      setRows((old) => cursor === null ? page.items : [...old ?? [], ...page.items])
      setNext(page.next ?? null)
    }, (raw: unknown) => {
      if (!(raw instanceof ApiError)) throw raw
      setError(raw.code)
    })
  }
  useEffect(() => load(null), [opened])
  return (
    <Dialog
      title={words("rowsOf", { name: opened.name, figure: words(figureWords[opened.figure]) })}
      onClose={onClose}
      wide
      testid="figure-rows"
    >
      {error
        ? (
          <Empty icon="alert" kind="danger" title={words("failed")} text={errorText(t, error)}>
            <button type="button" className="btn" onClick={() => load(rows ? next : null)}>
              <Icon name="sync" />
              {words("retry")}
            </button>
          </Empty>
        )
        : null}
      {rows === undefined
        ? (error ? null : <Skeleton rows={4} />)
        : rows.length === 0
        ? <p className="t3">{words("rowsEmpty")}</p>
        : (
          <ul className="figrows">
            {rows.map((row, index) => (
              <li key={`${row.topic}-${row.seq}-${index}`}>
                <Row row={row} words={words} topic={topicName(t, row.kind)} onOpen={onClose} />
              </li>
            ))}
          </ul>
        )}
      {next !== null && !error
        ? <button type="button" className="btn btn--block" onClick={() => load(next)}>{words("more")}</button>
        : null}
    </Dialog>
  )
}

function Row({ row, words, topic, onOpen }: { row: FigureRow; words: Say; topic: string; onOpen: () => void }) {
  const to = `/t/${row.topic}/${row.seq}`
  return (
    <a
      href={to}
      data-testid="figure-row"
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey) return
        event.preventDefault()
        onOpen()
        go(to)
      }}
    >
      <span className="grow">
        <b className="m cut">{row.organisation.name}</b>
        <span className="t3 s12">
          {topic} · {words("caseNumber", { n: row.case })} · {dateTime(parse(row.at))}
          {row.account ? ` · ${row.account.name}` : ""}
        </span>
      </span>
      <span className="r num">
        {row.stars !== undefined
          ? <Stars value={row.stars} label={`${row.stars} / 5`} />
          : row.count !== undefined
          ? (
            <span className={row.count < 0 ? "warn" : ""}>
              {row.count < 0 ? "−1" : "+1"} · {words(row.count < 0 ? "withdrawn" : "counted")}
            </span>
          )
          : (
            <>
              <span className={row.late ? "danger" : ""}>
                {span(row.elapsed ?? null, words)}
                {row.target === undefined ? "" : ` / ${span(row.target, words)}`}
              </span>
              <span className="t3 s12">
                {words(outcomeWords[row.outcome ?? "answered"])}
                {row.paused ? ` · ${words("wasPaused")}` : ""}
              </span>
            </>
          )}
      </span>
      <Icon name="right" size={12} />
    </a>
  )
}
