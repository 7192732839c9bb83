// A list that comes in pages, for every page that shows one: rows, their end, what failed, and how it is tried again.
import { useEffect, useMemo, useRef } from "react"
import { ApiError } from "./net/api.ts"
import { Signal, useSignal } from "./signal.ts"

/** A page of a list as REST gives it. */
export interface Page<T> {
  items: T[]
  next?: string | null
}
/** Asks for the page that a cursor leads to, or for the first. */
export type AskPage<T> = (cursor?: string) => Promise<Page<T>>

/** The rows of one question. Another filter is another question, and so another listing: nothing of the old one stays. */
export class Listing<T> {
  readonly signal = new Signal()
  /** Undefined until the first page has come. */
  items: readonly T[] | undefined
  next: string | undefined
  /** The code of why the last page did not come. */
  error: string | undefined
  busy = false
  private readonly ask: AskPage<T>
  /** Which page is wanted: the one that is on its way, or that failed. */
  private wanted: string | undefined
  /** Only the newest question may answer. */
  private turn = 0

  constructor(ask: AskPage<T>) {
    this.ask = ask
  }

  /** From the beginning, as many rows as are shown; those stay until the new ones are here. */
  readonly reload = (): void => this.load(undefined)
  /** The next page, unless something is on its way. */
  readonly more = (): void => {
    if (!this.busy && this.next !== undefined) this.load(this.next)
  }
  /** Whatever failed. */
  readonly again = (): void => {
    if (!this.busy) this.load(this.wanted)
  }
  /** Nobody looks any more: what still comes is dropped. */
  readonly stop = (): void => {
    this.turn++
  }
  /** Changes the rows that are shown, after one of them was changed or ended. */
  readonly change = (to: (items: readonly T[]) => readonly T[]): void => {
    if (this.items === undefined) return
    this.items = to(this.items)
    this.signal.touch()
  }

  private load(cursor: string | undefined): void {
    const mine = ++this.turn
    const least = cursor === undefined ? this.items?.length ?? 0 : 0
    this.wanted = cursor
    this.busy = true
    this.error = undefined
    this.signal.touch()
    const read = async (from: string | undefined, begun: readonly T[]): Promise<void> => {
      const page = await this.ask(from)
      if (mine !== this.turn) return
      // Rows that are added to may have changed while these were on their way.
      const items = [...(cursor === undefined ? begun : this.items ?? []), ...page.items]
      const next = page.next ?? undefined
      if (next !== undefined && items.length < least) return read(next, items)
      this.items = items
      this.next = next
      this.busy = false
      this.signal.touch()
    }
    read(cursor, []).catch((raw: unknown) => {
      if (!(raw instanceof ApiError)) throw raw
      if (mine !== this.turn) return
      this.error = raw.code
      this.busy = false
      this.signal.touch()
    })
  }
}

/** The rows of a listing, or of the one before it until its own are here: a table that blinks at every letter can't be read. */
export function useKept<T>({ items }: Listing<T>): readonly T[] | undefined {
  const last = useRef<readonly T[]>()
  if (items) last.current = items
  return last.current
}

/** A listing that asks as soon as it is shown, and is made anew when `ask` is another one: keep that with `useCallback`. */
export function useListing<T>(ask: AskPage<T>): Listing<T> {
  const listing = useMemo(() => new Listing(ask), [ask])
  useSignal(listing.signal)
  useEffect(() => {
    listing.reload()
    return listing.stop
  }, [listing])
  return listing
}
