// One answer of the server that a page can do without for a while: a list of names to choose from.
import { useCallback, useEffect, useRef, useState } from "react"
import { ApiError } from "./net/api.ts"

export interface Answer<T> {
  /** Undefined until it has come. */
  value: T | undefined
  failed: boolean
  again: () => void
}

/** Asks as soon as it is shown, and again when `ask` is another one: keep that with `useCallback`. */
export function useAnswer<T>(ask: () => Promise<T>): Answer<T> {
  const [value, setValue] = useState<T>()
  const [failed, setFailed] = useState(false)
  const turn = useRef(0)
  const again = useCallback(() => {
    const mine = ++turn.current
    setFailed(false)
    ask().then((answer) => {
      if (mine === turn.current) setValue(answer)
    }, (raw: unknown) => {
      if (!(raw instanceof ApiError)) throw raw
      if (mine === turn.current) setFailed(true)
    })
  }, [ask])
  useEffect(() => {
    again()
    return () => {
      turn.current += 1
    }
  }, [again])
  return { value, failed, again }
}
