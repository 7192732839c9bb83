// The rows behind a figure. Each leads to its message: whoever takes part opens the topic, whoever doesn't an observation of it.
import { useCallback } from "react"
import { useApp } from "../chat/context.tsx"
import { topicName } from "../chat/words.ts"
import { useT } from "../shared/i18n/index.tsx"
import { dateTime, parse } from "../shared/i18n/format.ts"
import { useListing } from "../shared/list.ts"
import { go } from "../shared/router.ts"
import { Icon, Stars } from "../shared/ui/basics.tsx"
import { Dialog } from "../shared/ui/dialog.tsx"
import { Link } from "../shared/ui/link.tsx"
import { ListView } from "../shared/ui/list.tsx"
import type { Contest, FigureKind, FigureRow } from "./data.ts"
import { correctionText } from "./lines.ts"
import { type FigureWord, ofTarget, type Say, span, useSay } from "./words.ts"

/** What is to be opened: a figure of somebody or something in a month. */
export interface Opened {
  figure: FigureKind
  month: string
  /** Further conditions of the address, such as `&account=7`. */
  filter: string
  /** Whose figure. */
  name: string
  /** Doubts that put the figure right, to stand above its rows. */
  fixes?: Contest[]
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
const outcomeWords = {
  answered: "outAnswered",
  dismissed: "outDismissed",
  silent: "outSilent",
  left: "outLeft",
} as const

export function RowsDialog({ opened, onClose }: { opened: Opened; onClose: () => void }) {
  const t = useT()
  const words = useSay()
  const { api } = useApp()
  const { month, figure, filter } = opened
  const list = useListing<FigureRow>(
    useCallback((cursor) =>
      api.call(
        "GET",
        `/figures/rows?month=${month}&figure=${figure}${filter}&limit=100${
          cursor === undefined ? "" : `&cursor=${cursor}`
        }`,
      ), [api, month, figure, filter]),
  )
  return (
    <Dialog
      title={words("rowsOf", { name: opened.name, figure: words(figureWords[opened.figure]) })}
      onClose={onClose}
      wide
      testid="figure-rows"
    >
      {opened.fixes?.map((one) => (
        <p key={one.id} className="figures__fixed" data-testid="figure-fix">
          <Icon name="edit" size={14} />
          <span>
            {one.answer?.correction ? words("putRight", { text: correctionText(one.answer.correction, words) }) : null}
            {" "}
            <span className="t2">{one.answer?.by.name}: {one.answer?.text}</span>
          </span>
        </p>
      ))}
      <ListView
        list={list}
        words={{ failed: words("failed"), more: words("more") }}
        empty={<p className="t3">{words("rowsEmpty")}</p>}
        className="stack"
      >
        {(rows) => (
          <ul className="figrows">
            {rows.map((row, index) => (
              <li key={`${row.topic}-${row.seq}-${index}`}>
                <Row row={row} words={words} topic={topicName(t, row.kind)} onOpen={onClose} />
              </li>
            ))}
          </ul>
        )}
      </ListView>
    </Dialog>
  )
}

function Row({ row, words, topic, onOpen }: { row: FigureRow; words: Say; topic: string; onOpen: () => void }) {
  const to = `/t/${row.topic}/${row.seq}`
  return (
    <Link
      to={to}
      testid="figure-row"
      onOpen={() => {
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
                {row.elapsed === undefined || row.target === undefined
                  ? span(row.elapsed ?? null, words)
                  : ofTarget(row.elapsed, row.target, words)}
              </span>
              <span className="t3 s12">
                {words(outcomeWords[row.outcome ?? "answered"])}
                {row.paused ? ` · ${words("wasPaused")}` : ""}
              </span>
            </>
          )}
      </span>
      <Icon name="right" size={12} />
    </Link>
  )
}
