// What every page of figures has around it: a bar with the title, the month and the files to take away, and what is shown while there is nothing else.
import type { ReactNode } from "react"
import { useApp } from "../chat/context.tsx"
import type { Answer } from "../shared/answer.ts"
import { Icon, Skeleton } from "../shared/ui/basics.tsx"
import { DownloadButton } from "../shared/ui/download.tsx"
import { Failed } from "../shared/ui/list.tsx"
import { type FigureWord, useSay } from "./words.ts"

interface PaneProps<T> {
  title: FigureWord
  /** The month's state, beside the title. */
  tag?: ReactNode
  chooser: ReactNode
  /** What stands after the month. */
  actions?: ReactNode
  asked: Pick<Answer<T>, "value" | "error" | "reload">
  /** Lines that stand where the page will be. */
  lines: number
  testid: string
  children: (found: T) => ReactNode
  /** What lies over the page. */
  over?: ReactNode
}

export function Pane<T>({ title, tag, chooser, actions, asked, lines, testid, children, over }: PaneProps<T>) {
  const words = useSay()
  return (
    <section className="main" data-testid={testid}>
      <header className="bar">
        <h1 className="nw">{words(title)}</h1>
        {tag}
        <span className="grow" />
        {chooser}
        {actions}
      </header>
      {asked.error
        ? <Failed title={words("failed")} code={asked.error} again={asked.reload} />
        : asked.value === undefined
        ? <Skeleton rows={lines} />
        : children(asked.value)}
      {over}
    </section>
  )
}

/** Whether a month is open or closed. */
export function StateTag({ state, testid }: { state: "open" | "closed"; testid?: string }) {
  const words = useSay()
  return (
    <span className={state === "open" ? "tag tag--accent" : "tag"} data-testid={testid}>
      {words(state)}
    </span>
  )
}

/** The same as files: `path` takes `format=xlsx` and `format=pdf`. */
export function Files({ path, label, testid }: { path: string; label?: string; testid: string }) {
  const words = useSay()
  const { api } = useApp()
  return (
    <span className="row nw">
      {(["xlsx", "pdf"] as const).map((format) => (
        <DownloadButton
          key={format}
          api={api}
          path={`${path}${path.includes("?") ? "&" : "?"}format=${format}`}
          label={`${label ?? words("export")}: ${words(format === "xlsx" ? "exportXlsx" : "exportPdf")}`}
          testid={`${testid}-${format}`}
        >
          <Icon name="download" />
          {words(format === "xlsx" ? "exportXlsx" : "exportPdf")}
        </DownloadButton>
      ))}
    </span>
  )
}
