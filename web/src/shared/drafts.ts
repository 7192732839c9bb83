// Settings that several people may change: what the server has, what is typed over it, and what somebody else has saved meanwhile. Nobody's change is
// written over unseen: as long as it isn't decided whose counts, nothing is sent.
import { useEffect, useState } from "react"
import { ApiError } from "./net/api.ts"
import { flush, Signal, useSignal } from "./signal.ts"

/** One part of it, which is saved on its own. */
export interface Draft<T> {
  /** The version at which the server had `saved`. Undefined: the server counts none, so it is looked at before it is written. */
  version: number | undefined
  /** What the server had when typing began, or has. */
  saved: T
  /** Typed and not saved yet. */
  typed?: T
  /** What somebody else has saved since. */
  theirs?: { version: number | undefined; value: T }
}
/** The parts that an answer of the server tells of. */
export type Found<P> = { [K in keyof P]?: { version: number | undefined; value: P[K] } }
type Parts<P> = { [K in keyof P]?: Draft<P[K]> }
/** What is wrong with a part, and in which of its rows and fields. */
export interface Wrong<P> {
  part: keyof P
  text: string
  row?: number
  field?: string
}

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)

/** The server was looked at. What is typed stays; where somebody has changed what it began with, both stand beside each other. */
export function looked<T>(draft: Draft<T> | undefined, version: number | undefined, value: T): Draft<T> {
  // An answer that was overtaken on its way.
  const known = draft?.theirs ? draft.theirs.version : draft?.version
  if (draft && known !== undefined && version !== undefined && version < known) return draft
  if (draft?.typed === undefined || same(draft.typed, value)) return { version, saved: value }
  if (same(draft.saved, value)) return { version, saved: value, typed: draft.typed }
  return { version: draft.version, saved: draft.saved, typed: draft.typed, theirs: { version, value } }
}

/** It was saved as `sent`; what was typed while it was on its way stays. */
export function stored<T>(draft: Draft<T>, sent: T, version: number | undefined, value: T): Draft<T> {
  const goesOn = draft.typed !== undefined && !same(draft.typed, sent)
  return { version, saved: value, ...(goesOn ? { typed: draft.typed as T } : {}) }
}

/** One's own counts: it will be written over theirs, which has been seen. */
export function kept<T>(draft: Draft<T>): Draft<T> {
  const { theirs, typed } = draft
  if (!theirs) return draft
  return { version: theirs.version, saved: theirs.value, ...(typed === undefined ? {} : { typed }) }
}

/** Theirs counts: what was typed is gone. */
export const yielded = <T>(draft: Draft<T>): Draft<T> =>
  draft.theirs ? { version: draft.theirs.version, saved: draft.theirs.value } : draft

/** All drafts of a page. `A` is what the server answers to a look and to a save alike. */
export class Drafts<P extends object, A> {
  readonly signal = new Signal()
  /** The code of why the last look brought nothing. */
  failed: string | undefined
  busy = false
  /** Why the last save didn't happen. */
  wrong: Wrong<P> | undefined
  private parts: Parts<P> = {}
  private readonly read: (answer: A) => Found<P>
  private ask: (() => Promise<A>) | undefined
  /** Only the newest look may answer. */
  private turn = 0

  constructor(read: (answer: A) => Found<P>) {
    this.read = read
  }

  draft<K extends keyof P>(part: K): Draft<P[K]> | undefined {
    return this.parts[part]
  }
  /** What stands in the form; undefined until it is known. */
  shown<K extends keyof P>(part: K): P[K] | undefined {
    const draft = this.parts[part]
    return draft?.typed ?? draft?.saved
  }
  type<K extends keyof P>(part: K, typed: P[K]): void {
    const draft = this.parts[part]
    if (!draft) return
    // What is typed back to what was saved is nothing to keep, and nothing to decide when somebody else saves.
    const isBack = !draft.theirs && same(typed, draft.saved)
    this.parts[part] = isBack ? { version: draft.version, saved: draft.saved } : { ...draft, typed }
    this.forgive(part)
    this.signal.touch()
    // Before React puts the old text back into the field.
    flush()
  }
  keep(part: keyof P): void {
    const draft = this.parts[part]
    if (draft) this.parts[part] = kept(draft)
    this.wrong = undefined
    this.signal.touch()
  }
  yield(part: keyof P): void {
    const draft = this.parts[part]
    if (draft) this.parts[part] = yielded(draft)
    this.wrong = undefined
    this.signal.touch()
  }
  /** What was wrong with a part is being changed. */
  forgive(part: keyof P): void {
    if (this.wrong?.part !== part) return
    this.wrong = undefined
    this.signal.touch()
  }
  /** What can't be sent as it is. */
  refuse(wrong: Wrong<P>): void {
    this.wrong = wrong
    this.signal.touch()
  }

  /** Asks for the part of it that is shown from now on. */
  look(ask: () => Promise<A>): void {
    this.ask = ask
    this.again()
  }
  readonly again = (): void => {
    const mine = ++this.turn
    this.failed = undefined
    this.signal.touch()
    this.ask?.().then((answer) => {
      if (mine === this.turn) this.take(answer)
    }, (raw: unknown) => {
      if (!(raw instanceof ApiError)) throw raw
      if (mine !== this.turn) return
      this.failed = raw.code
      this.signal.touch()
    })
  }
  /** Nobody looks any more. */
  readonly stop = (): void => {
    this.turn++
  }
  /** Looks at the server before something is written for which it counts no versions. Throws: `ApiError`. */
  async refresh(): Promise<void> {
    if (this.ask) this.take(await this.ask())
  }

  /**
   * Saves a part: `send` writes what is typed, under the version that it gets. Says whether it was saved. Where the server refuses because something has
   * changed, it is looked at: what somebody else changed in this part has to be decided first, and a change elsewhere keeps nobody from saving.
   * `told` says in words why a save failed.
   */
  async save<K extends keyof P>(
    part: K,
    send: (version: number | undefined) => Promise<A>,
    told: (code: string) => string,
  ): Promise<boolean> {
    if (this.busy || !this.parts[part]) return false
    this.busy = true
    this.wrong = undefined
    this.signal.touch()
    try {
      if (this.parts[part]?.version === undefined) await this.refresh()
      try {
        return await this.send(part, send)
      } catch (raw) {
        if (!(raw instanceof ApiError) || raw.code !== "conflict") throw raw
        await this.refresh()
        return await this.send(part, send)
      }
    } catch (raw) {
      if (!(raw instanceof ApiError)) throw raw
      this.wrong = { part, text: told(raw.code) }
      return false
    } finally {
      this.busy = false
      this.signal.touch()
    }
  }

  private async send<K extends keyof P>(part: K, send: (version: number | undefined) => Promise<A>): Promise<boolean> {
    const draft = this.parts[part]
    if (!draft || draft.theirs) return false
    const sent = draft.typed ?? draft.saved
    const found = this.read(await send(draft.version))
    const now = this.parts[part]
    const to = found[part]
    if (!now || !to) return false
    this.parts[part] = stored(now, sent, to.version, to.value)
    for (const name of Object.keys(this.parts) as (keyof P)[]) {
      const other = this.parts[name]
      // It was accepted, so nothing else had changed: what was known at the version before is true at the new one.
      if (name !== part && !found[name] && other?.version !== undefined && other.version === draft.version) {
        this.parts[name] = { ...other, version: to.version }
      }
    }
    this.merge(found, part)
    return true
  }

  private take(answer: A): void {
    this.merge(this.read(answer))
    this.failed = undefined
    this.signal.touch()
  }
  private merge(found: Found<P>, but?: keyof P): void {
    for (const name of Object.keys(found) as (keyof P)[]) {
      const at = found[name]
      if (at && name !== but) this.parts[name] = looked(this.parts[name], at.version, at.value)
    }
  }
}

/** The drafts of a page, which asks as soon as it is shown and whenever `ask` is another one: keep that with `useCallback`. */
export function useDrafts<P extends object, A>(read: (answer: A) => Found<P>, ask: () => Promise<A>): Drafts<P, A> {
  const [drafts] = useState(() => new Drafts<P, A>(read))
  useSignal(drafts.signal)
  useEffect(() => {
    drafts.look(ask)
    return drafts.stop
  }, [drafts, ask])
  return drafts
}
