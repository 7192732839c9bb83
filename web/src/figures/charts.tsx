// Two charts of our own: a line over days, and how far each bar is from a target. Both are read out as one sentence and a table beneath says the same.
import { useSay } from "./words.ts"

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

export function LineChart({ label, places, series }: { label: string; places: string[]; series: Series[] }) {
  const all = series.flatMap((one) => one.values.filter((value): value is number => value !== null))
  const lines = ticks(Math.max(4, ...all))
  const top = lines.at(-1) ?? 4
  const x = (index: number) => 30 + (places.length < 2 ? 252 : index * 504 / (places.length - 1))
  const y = (value: number) => 132 - value / top * 124
  const path = (values: (number | null)[]) => {
    let pen = "M"
    let text = ""
    values.forEach((value, index) => {
      if (value === null) return
      text += `${pen}${x(index).toFixed(1)} ${y(value).toFixed(1)}`
      pen = "L"
    })
    return text
  }
  const every = Math.ceil(places.length / 16)
  return (
    <svg className="chart" viewBox="0 0 540 150" role="img" aria-label={label}>
      {lines.map((value) => (
        <g key={value}>
          <path className="gl" d={`M30 ${y(value)}H534`} />
          <text x="24" y={y(value) + 3.5} textAnchor="end">{value}</text>
        </g>
      ))}
      {series.map((one, index) => (
        <g key={one.name}>
          <path
            d={path(one.values)}
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
      {places.map((place, index) =>
        index % every === 0 ? <text key={place} x={x(index)} y="147" textAnchor="middle">{place}</text> : null
      )}
    </svg>
  )
}

/** Shares in ten-thousandths against 95 %: the bars show the distance from it, so that no axis needs to be cut. */
export function ShareChart({ label, bars }: { label: string; bars: { name: string; share: number | null }[] }) {
  const words = useSay()
  const target = 9500
  const known = bars.map((bar) => bar.share).filter((share): share is number => share !== null)
  const low = Math.min(9000, ...known)
  const x = (share: number) => 116 + (share - low) / (10_000 - low) * 210
  return (
    <svg className="chart" viewBox="0 0 380 150" role="img" aria-label={label}>
      {bars.map((bar, index) => {
        const y = 10 + index * 25
        const from = Math.min(x(target), x(bar.share ?? target))
        const to = Math.max(x(target), x(bar.share ?? target))
        return (
          <g key={bar.name}>
            <text x="92" y={y + 9.5} textAnchor="end" className="chart__name">{bar.name}</text>
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
              x="376"
              y={y + 9.5}
              textAnchor="end"
              className={bar.share !== null && bar.share < target ? "chart__low" : "chart__name"}
            >
              {bar.share === null ? words("none") : `${Math.floor(bar.share / 100)},${Math.floor(bar.share / 10) % 10}`}
            </text>
          </g>
        )
      })}
      <path d={`M${x(target)} 2V134`} stroke="var(--text-2)" />
      <text x={x(target)} y="147" textAnchor="middle" className="chart__name">95</text>
    </svg>
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
