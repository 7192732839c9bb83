// A listing in all of its states: being asked for, refused, empty, and with rows that may go on.
import type { ReactElement, ReactNode } from "react"
import { errorText } from "../i18n/errors.ts"
import { useT } from "../i18n/index.tsx"
import type { Listing } from "../list.ts"
import { Empty, ErrorNote, Icon, Skeleton } from "./basics.tsx"

interface Props<T> {
  list: Listing<T>
  /** Rows of another listing, to stand here until its own have come. */
  kept?: readonly T[] | undefined
  words: {
    /** Says that the rows could not be read. */
    failed: string
    /** On the button that brings the next ones. */
    more: string
    /** How many are there. */
    shown?: (n: number) => string
  }
  /** In the place of rows when there are none. */
  empty: ReactElement
  /** Of the box around the rows. */
  className?: string
  /** What the test ids begin with. */
  testid?: string
  children: (items: readonly T[]) => ReactNode
}

export function ListView<T>(props: Props<T>) {
  const { list, words, empty, className = "tablewrap scroll", testid = "list", children } = props
  const { error, next } = list
  const items = list.items ?? props.kept
  const failed = error === undefined
    ? null
    : <Failed title={words.failed} code={error} again={list.again} testid={`${testid}-failed`} />
  if (items === undefined) return failed ?? <Skeleton rows={8} />
  // An error is told first: nothing is known of rows that could not be read.
  if (items.length === 0) return failed ?? empty
  return (
    <div className={className} aria-busy={list.busy}>
      {children(items)}
      {failed}
      {words.shown === undefined && next === undefined ? null : (
        <footer className="row listmore">
          {words.shown ? <span className="s12 t3" data-testid="shown">{words.shown(items.length)}</span> : null}
          {next === undefined || failed ? null : (
            <button
              type="button"
              className="btn btn--md btn--quiet"
              disabled={list.busy}
              data-testid={`${testid}-more`}
              onClick={list.more}
            >
              {words.more}
            </button>
          )}
        </footer>
      )}
    </div>
  )
}

interface FailedProps {
  title: string
  code: string
  again: () => void
  testid?: string | undefined
}
/** What could not be read, why, and a button that tries again. */
export function Failed({ title, code, again, testid = "list-failed" }: FailedProps) {
  const t = useT()
  return (
    <Empty icon="alert" kind="danger" title={title} text={errorText(t, code)} testid={testid}>
      <button type="button" className="btn" onClick={() => again()}>
        <Icon name="sync" />
        {t("retry")}
      </button>
    </Empty>
  )
}

/** The same in a line, where it is a part of something that is missing. */
export function FailedNote({ code, again, testid }: Omit<FailedProps, "title">) {
  const t = useT()
  return (
    <ErrorNote testid={testid}>
      {errorText(t, code)} <button type="button" className="link" onClick={() => again()}>{t("retry")}</button>
    </ErrorNote>
  )
}
