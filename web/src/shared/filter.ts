// Filters live in the address: a reload keeps them, and an address that is handed on shows the same.
import { useCallback, useState } from "react"

export type FilterOf<N extends string> = { [name in N]?: string }

/** What of these names the address says; nothing empty, nothing else. */
export function readFilter<N extends string>(search: string, names: readonly N[]): FilterOf<N> {
  const found: FilterOf<N> = {}
  const words = new URLSearchParams(search)
  for (const name of names) {
    const value = words.get(name)
    if (value) found[name] = value
  }
  return found
}

/** `?name=value…`, or nothing. */
export function writeFilter(filter: Readonly<Record<string, string | undefined>>): string {
  const words = new URLSearchParams()
  for (const [name, value] of Object.entries(filter)) if (value) words.set(name, value)
  const text = words.toString()
  return text === "" ? "" : `?${text}`
}

/** The filter of a page, in its address. `names` must be the same at every render. */
export function useFilter<N extends string>(names: readonly N[]): [FilterOf<N>, (next: FilterOf<N>) => void] {
  const [filter, setFilter] = useState(() => readFilter(location.search, names))
  const set = useCallback((next: FilterOf<N>) => {
    setFilter(next)
    // In place of the old one: the way back leads to the page before, not through every filter.
    history.replaceState(null, "", location.pathname + writeFilter(next))
  }, [])
  return [filter, set]
}
