// The months that a gallery can be asked for, in Tashkent's time.

/** The newest first, as YYYY-MM. */
export function months(now: number, count: number): string[] {
  const today = new Date(now + 5 * 3_600_000)
  const first = today.getUTCFullYear() * 12 + today.getUTCMonth()
  return Array.from({ length: count }, (_, back) => {
    const month = first - back
    return `${Math.floor(month / 12)}-${String(month % 12 + 1).padStart(2, "0")}`
  })
}
