// Charts of our own: a line over days, and how far each bar is from a target. They are drawn as wide as they stand there, so that their words are as large as
// all others; whoever can't see them finds the same numbers in a table beside them.
import { type ReactNode, type RefObject, useLayoutEffect, useRef, useState } from "react"
import { share, useSay } from "./words.ts"

/** How wide an element is; 0 until it has been measured. */
function useWidth(): [RefObject<HTMLDivElement>, number] {
  const ref = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(0)
  useLayoutEffect(() => {
    const element = ref.current
    if (!element) return
    setWidth(Math.floor(element.clientWidth))
    const observer = new ResizeObserver(() => setWidth(Math.floor(element.clientWidth)))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  return [ref, width]
}

interface FrameProps {
  label: string
  height: number
  columns: string[]
  rows: string[][]
  /** The drawing, one unit of which is a pixel. */
  children: (width: number) => ReactNode
}
function Frame({ label, height, columns, rows, children }: FrameProps) {
  const [ref, width] = useWidth()
  return (
    <div ref={ref} className="chart__box">
      {width === 0
        ? <div style={{ height }} />
        : (
          <svg className="chart" width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
            {children(width)}
          </svg>
        )}
      <div className="sr">
        <table data-testid="chart-table">
          <caption>{label}</caption>
          <thead>
            <tr>{columns.map((column, index) => <th key={index} scope="col">{column}</th>)}</tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row[0]}>
                {row.map((cell, index) =>
                  index === 0 ? <th key={index} scope="row">{cell}</th> : <td key={index}>{cell}</td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  )
}

interface Series {
  name: string
  colour: string
  /** One value for each place; null where there is none. */
  values: (number | null)[]
}

/** The values at which an axis from 0 has its lines: at most five, whole, a round number apart, the last one no less than `value`. */
export function ticks(value: number): number[] {
  const least = Math.max(value, 1) / 4
  const power = 10 ** Math.max(0, Math.floor(Math.log10(least)))
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= least) ?? 10 * power
  return Array.from({ length: Math.ceil(Math.max(value, 1) / step) + 1 }, (_, n) => n * step)
}

interface LineProps {
  label: string
  /** What its places are called together. */
  place: string
  places: string[]
  series: Series[]
  /** A value in words. */
  text: (value: number) => string
}
export function LineChart({ label, place, places, series, text }: LineProps) {
  const words = useSay()
  const all = series.flatMap((one) => one.values.filter((value): value is number => value !== null))
  const lines = ticks(Math.max(4, ...all))
  const top = lines.at(-1) ?? 4
  const rows = places.map((name, index) => [
    name,
    ...series.map(({ values }) => {
      const value = values[index]
      return value === undefined || value === null ? words("none") : text(value)
    }),
  ])
  return (
    <Frame label={label} height={160} columns={[place, ...series.map((one) => one.name)]} rows={rows}>
      {(width) => {
        const [left, right] = [34, width - 8]
        const x = (index: number) =>
          places.length < 2 ? (left + right) / 2 : left + index * (right - left) / (places.length - 1)
        const y = (value: number) => 138 - value / top * 130
        const every = Math.max(1, Math.ceil(places.length * 24 / (right - left)))
        return (
          <>
            {lines.map((value) => (
              <g key={value}>
                <path className="gl" d={`M${left} ${y(value)}H${right}`} />
                <text x={left - 6} y={y(value) + 4} textAnchor="end">{value}</text>
              </g>
            ))}
            {series.map((one, index) => (
              <g key={one.name}>
                <path
                  d={pathOf(one.values, x, y)}
                  fill="none"
                  stroke={`var(--${one.colour})`}
                  strokeWidth={index === series.length - 1 ? 2 : 1.5}
                  strokeLinejoin="round"
                />
                {index === series.length - 1
                  ? one.values.map((value, place) =>
                    value === null ? null : (
                      <circle
                        key={place}
                        cx={x(place)}
                        cy={y(value)}
                        r="2.6"
                        fill="var(--surface)"
                        stroke={`var(--${one.colour})`}
                        strokeWidth="1.6"
                      />
                    )
                  )
                  : null}
              </g>
            ))}
            {places.map((name, index) =>
              index % every === 0 ? <text key={name} x={x(index)} y="155" textAnchor="middle">{name}</text> : null
            )}
          </>
        )
      }}
    </Frame>
  )
}

/** A line through the values that there are. */
const pathOf = (values: (number | null)[], x: (index: number) => number, y: (value: number) => number): string =>
  values.flatMap((value, index) => value === null ? [] : [`${x(index).toFixed(1)} ${y(value).toFixed(1)}`])
    .map((point, index) => `${index === 0 ? "M" : "L"}${point}`).join("")

/** Shares in ten-thousandths against 95 %: the bars show the distance from it, so that no axis needs to be cut. */
export function ShareChart({ label, bars }: { label: string; bars: { name: string; share: number | null }[] }) {
  const words = useSay()
  const target = 9500
  const known = bars.map((bar) => bar.share).filter((share): share is number => share !== null)
  const low = Math.min(9000, ...known)
  const bottom = 10 + bars.length * 25
  const rows = bars.map((bar) => [bar.name, share(bar.share, words)])
  return (
    <Frame label={label} height={bottom + 22} columns={[words("topic"), words("sla")]} rows={rows}>
      {(width) => {
        const x = (share: number) => 112 + (share - low) / (10_000 - low) * (width - 112 - 52)
        return (
          <>
            {bars.map((bar, index) => {
              const y = 10 + index * 25
              const from = Math.min(x(target), x(bar.share ?? target))
              const to = Math.max(x(target), x(bar.share ?? target))
              return (
                <g key={bar.name}>
                  <text x="96" y={y + 10} textAnchor="end" className="chart__name">{bar.name}</text>
                  {bar.share === null ? null : (
                    <rect
                      x={from}
                      y={y}
                      width={to - from}
                      height="11"
                      rx="2"
                      fill={`var(--chart-${bar.share >= target ? 1 : 3})`}
                    />
                  )}
                  <text
                    x={width - 2}
                    y={y + 10}
                    textAnchor="end"
                    className={bar.share !== null && bar.share < target ? "chart__low" : "chart__name"}
                  >
                    {share(bar.share, words)}
                  </text>
                </g>
              )
            })}
            <path d={`M${x(target)} 2V${bottom}`} stroke="var(--text-2)" />
            <text x={x(target)} y={bottom + 15} textAnchor="middle" className="chart__name">95 %</text>
          </>
        )
      }}
    </Frame>
  )
}

/** A few values as a small line without axes; nothing with fewer than two. */
export function Sparkline(
  { label, places, values }: { label: string; places: string[]; values: (number | null)[] },
) {
  const known = values.filter((value): value is number => value !== null)
  if (known.length < 2) return null
  const [low, high] = [Math.min(...known), Math.max(...known)]
  const x = (index: number) => 3 + index * 94 / (values.length - 1)
  const y = (value: number) => high === low ? 11 : 19 - (value - low) / (high - low) * 16
  const points = values.flatMap((value, index) =>
    value === null ? [] : [`${x(index).toFixed(1)},${y(value).toFixed(1)}`]
  )
  const last = values.findLastIndex((value) => value !== null)
  return (
    <svg className="spark" viewBox="0 0 100 22" preserveAspectRatio="none" role="img" aria-label={label}>
      <title>{`${label}: ${places[0]} – ${places.at(-1)}`}</title>
      <polyline points={points.join(" ")} fill="none" stroke="var(--chart-1)" vectorEffect="non-scaling-stroke" />
      <path
        d={`M${x(last)} ${y(values[last] ?? 0)}h.01`}
        stroke="var(--chart-1)"
        strokeWidth="5"
        strokeLinecap="round"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  )
}
