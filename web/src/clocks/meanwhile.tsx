// Somebody else has saved what is being typed here: both versions, row by row, and a choice between them.
import { useEffect, useRef } from "react"
import { Icon } from "../shared/ui/basics.tsx"
import type { Difference } from "./calendar.ts"
import { useWords } from "./words.ts"

interface Props {
  /** What is said of a row in which nothing stands. */
  empty: string
  differences: readonly Difference[]
  onTheirs: () => void
  onMine: () => void
}

export function Meanwhile({ empty, differences, onTheirs, onMine }: Props) {
  const w = useWords()
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const form = box.current?.closest("form")
    return () => {
      // Whoever has chosen by keyboard goes on at the button that saves, or where one types.
      if (document.activeElement !== document.body) return
      const next = form?.querySelector<HTMLElement>("[type=submit]:enabled") ??
        form?.querySelector<HTMLElement>(".input")
      next?.focus()
    }
  }, [])
  const said = (text: string | undefined) => text === undefined ? w("meanwhile.none") : text || empty
  return (
    <div ref={box} className="note note--warn meanwhile" role="alert" data-testid="meanwhile">
      <Icon name="alert" />
      <div className="grow">
        <b className="m">{w("meanwhile.title")}</b>
        <p>{w("meanwhile.text")}</p>
        {differences.length === 0 ? null : (
          <dl className="meanwhile__rows s12">
            {differences.map(({ row, mine, theirs }) => (
              <div key={row} data-testid="meanwhile-row">
                <dt className="num">{row}</dt>
                <dd>
                  <span className="t3">{w("meanwhile.theirs")}:</span> {said(theirs)}
                </dd>
                <dd>
                  <span className="t3">{w("meanwhile.mine")}:</span> {said(mine)}
                </dd>
              </div>
            ))}
          </dl>
        )}
        <div className="row">
          <button type="button" className="btn btn--md" data-testid="meanwhile-theirs" onClick={onTheirs}>
            {w("meanwhile.take")}
          </button>
          <button type="button" className="btn btn--md" data-testid="meanwhile-mine" onClick={onMine}>
            {w("meanwhile.keep")}
          </button>
        </div>
      </div>
    </div>
  )
}
