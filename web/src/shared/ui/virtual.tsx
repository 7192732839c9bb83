// A list of rows of unknown heights of which only those on the screen exist. It sticks to its bottom: after every
// measurement it pins itself there again, and only a scroll upwards lets go. When it isn't pinned, the row at the top
// of the screen stays where it is, whatever is loaded above it or measured anew.
import {
  type ReactNode,
  type Ref,
  useCallback,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useReducer,
  useRef,
} from "react"

export interface VirtualRow {
  key: string
}
export interface Anchor {
  key: string
  /** How far the row's top lies above the viewport's top (px). */
  delta: number
}
export interface VirtualHandle {
  toBottom(): void
  /** Brings a row to the upper part of the screen. False when there is no such row. */
  show(key: string): boolean
  readonly pinned: boolean
  readonly anchor: Anchor | undefined
  focus(): void
}

interface Props<R extends VirtualRow> {
  rows: readonly R[]
  estimate: (row: R) => number
  render: (row: R, index: number) => ReactNode
  label: string
  /** Rows that move when others are loaded (a loading sign, a day) and so can't hold the place of what is around them. */
  fleeting?: (row: R) => boolean
  /** Where to start: a row, or the bottom. */
  start?: Anchor | undefined
  handle: Ref<VirtualHandle>
  onScrolled?: (top: R | undefined, pinned: boolean, nearTop: boolean) => void
  onKeyDown?: (event: React.KeyboardEvent<HTMLDivElement>) => void
  testid?: string
}

const overscan = 500

/** The index of the last offset that is not greater. */
export function search(offsets: Float64Array, at: number): number {
  let low = 0
  let high = Math.max(0, offsets.length - 2)
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((offsets[middle] ?? 0) <= at) low = middle
    else high = middle - 1
  }
  return low
}

export function VirtualList<R extends VirtualRow>(props: Props<R>) {
  const { rows, estimate, render, label, fleeting, start, handle, onScrolled, onKeyDown, testid } = props
  const box = useRef<HTMLDivElement>(null)
  const heights = useRef(new Map<string, number>())
  const [measured, remeasure] = useReducer((n: number) => n + 1, 0)
  const [, rerender] = useReducer((n: number) => n + 1, 0)
  const state = useRef({ pinned: start === undefined, anchor: start, top: 0, height: 0, view: 800, range: "" })

  const offsets = useMemo(() => {
    const sums = new Float64Array(rows.length + 1)
    let sum = 0
    rows.forEach((row, i) => {
      sum += heights.current.get(row.key) ?? estimate(row)
      sums[i + 1] = sum
    })
    return sums
    // `measured` stands for the heights, which live outside of React's state.
  }, [rows, measured])
  const total = offsets[rows.length] ?? 0
  const index = useMemo(() => new Map(rows.map((row, i) => [row.key, i])), [rows])

  const s = state.current
  let from = s.top
  if (s.pinned) from = total - s.view
  else if (s.anchor) from = (offsets[index.get(s.anchor.key) ?? 0] ?? 0) + s.anchor.delta
  const first = search(offsets, Math.max(0, from - overscan))
  const last = Math.min(rows.length - 1, search(offsets, from + s.view + overscan))

  const place = useCallback(() => {
    const el = box.current
    if (!el) return
    const s = state.current
    s.view = el.clientHeight
    if (s.pinned) el.scrollTop = el.scrollHeight
    else if (s.anchor) {
      const at = index.get(s.anchor.key)
      const want = at === undefined ? undefined : (offsets[at] ?? 0) + s.anchor.delta
      if (want !== undefined && Math.abs(want - el.scrollTop) > 0.5) el.scrollTop = want
    }
    s.top = el.scrollTop
    s.height = el.scrollHeight
  }, [index, offsets])

  const measure = useCallback((): boolean => {
    let changed = false
    for (const el of box.current?.querySelectorAll<HTMLElement>(":scope > * > * > [data-row]") ?? []) {
      const key = el.dataset["row"] ?? ""
      const height = el.getBoundingClientRect().height
      // Hidden panes measure nothing.
      if (height === 0) continue
      if (Math.abs((heights.current.get(key) ?? -1) - height) > 0.5) {
        heights.current.set(key, height)
        changed = true
      }
    }
    return changed
  }, [])

  useLayoutEffect(() => {
    if (measure()) remeasure()
    place()
  })

  const report = useCallback(() => {
    const el = box.current
    if (!el || !onScrolled) return
    const scrolls = el.scrollHeight > el.clientHeight + 1
    onScrolled(scrolls ? rows[search(offsets, el.scrollTop)] : undefined, state.current.pinned, el.scrollTop < 600)
  }, [rows, offsets, onScrolled])
  useLayoutEffect(report, [report])

  const placing = useRef(place)
  placing.current = place
  useLayoutEffect(() => {
    const el = box.current
    if (!el) return
    const observer = new ResizeObserver(() => {
      if (measure()) remeasure()
      placing.current()
    })
    observer.observe(el)
    for (const row of el.querySelectorAll("[data-row]")) observer.observe(row)
    return () => observer.disconnect()
  }, [first, last, rows])

  const scrolled = () => {
    const el = box.current
    if (!el) return
    const s = state.current
    const top = el.scrollTop
    const distance = el.scrollHeight - el.clientHeight - top
    if (distance < 2) s.pinned = true
    else if (top < s.top - 1 && el.scrollHeight >= s.height - 1) s.pinned = false
    s.top = top
    s.height = el.scrollHeight
    s.view = el.clientHeight
    const row = rows.slice(search(offsets, top)).find((one) => !fleeting?.(one))
    const at = row ? index.get(row.key) ?? 0 : 0
    s.anchor = s.pinned || !row ? undefined : { key: row.key, delta: top - (offsets[at] ?? 0) }
    report()
    const range = `${search(offsets, Math.max(0, top - overscan))}:${search(offsets, top + s.view + overscan)}`
    if (range !== s.range) {
      s.range = range
      rerender()
    }
  }

  useImperativeHandle(handle, () => ({
    toBottom() {
      const s = state.current
      s.pinned = true
      s.anchor = undefined
      rerender()
    },
    show(key) {
      const at = index.get(key)
      if (at === undefined) return false
      const s = state.current
      s.pinned = false
      s.anchor = { key, delta: -Math.min(120, s.view / 4) }
      rerender()
      return true
    },
    get pinned() {
      return state.current.pinned
    },
    get anchor() {
      return state.current.anchor
    },
    focus() {
      box.current?.focus()
    },
  }), [index])

  const shown: ReactNode[] = []
  for (let i = first; i <= last; i++) {
    const row = rows[i]
    if (row) shown.push(<div className="vrow" data-row={row.key} key={row.key}>{render(row, i)}</div>)
  }
  return (
    <div
      className="scroll vlist"
      ref={box}
      onScroll={scrolled}
      onKeyDown={onKeyDown}
      tabIndex={0}
      role="log"
      aria-live="off"
      aria-label={label}
      data-testid={testid}
    >
      <div className="vlist__in" style={{ height: total }}>
        <div className="vlist__win" style={{ transform: `translateY(${offsets[first] ?? 0}px)` }}>{shown}</div>
      </div>
    </div>
  )
}
