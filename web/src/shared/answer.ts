// One answer of the server: not here yet, here, or why not. Lists that come in pages have `list.ts`.
import { useCallback, useEffect, useRef, useState } from "react"
import { ApiError } from "./net/api.ts"

export interface Answer<T> {
  /** Undefined until it has come; while it is asked for again, the old one. */
  value: T | undefined
  /** The code of why the last question brought nothing. */
  error: string | undefined
  /** Asks again; done when that is answered, well or not. */
  reload: () => Promise<void>
  /** Puts in its place what a change has made of it. */
  set: (value: T) => void
}

/** Asks as soon as it is shown, and forgets the answer when `ask` is another one: keep that with `useCallback`. */
export function useAnswer<T>(ask: () => Promise<T>): Answer<T> {
  // With the question they answer: nothing of an older one is ever shown below a newer one.
  const [found, setFound] = useState<{ to: () => Promise<T>; value: T }>()
  const [failed, setFailed] = useState<{ at: () => Promise<T>; code: string }>()
  /** Only the newest question may answer. */
  const turn = useRef(0)
  const reload = useCallback(async () => {
    const mine = ++turn.current
    setFailed(undefined)
    try {
      const value = await ask()
      if (mine === turn.current) setFound({ to: ask, value })
    } catch (raw) {
      if (!(raw instanceof ApiError)) throw raw
      if (mine === turn.current) setFailed({ at: ask, code: raw.code })
    }
  }, [ask])
  const set = useCallback((value: T) => setFound({ to: ask, value }), [ask])
  useEffect(() => {
    void reload()
    return () => {
      turn.current += 1
    }
  }, [reload])
  return {
    value: found?.to === ask ? found.value : undefined,
    error: failed?.at === ask ? failed.code : undefined,
    reload,
    set,
  }
}
