// The signed address of a document's file, for as long as a part of the page shows it.
import { useEffect, useState } from "react"
import { useApp } from "../chat/context.tsx"
import { ApiError } from "../shared/net/api.ts"
import type { Rendition } from "./record.ts"

export interface Address {
  address: string | undefined
  /** The code of why there is none. */
  error: string | undefined
  /** The address was asked and did not answer: it lives for minutes, and a page that was left open asks for a new one. */
  failed: () => void
  retry: () => void
}

/** `wanted`: it is there to be had, and somebody looks. Thumbnails are asked for by `topic`, many at once. */
export function useAddress(id: number, rendition: Rendition, wanted: boolean, topic?: number): Address {
  const { chat } = useApp()
  const library = chat.papers.library
  const [address, setAddress] = useState<string>()
  const [error, setError] = useState<string>()
  const [tries, setTries] = useState(0)
  useEffect(() => {
    if (!wanted) return setAddress(undefined)
    let live = true
    setError(undefined)
    const asked = topic === undefined ? library.link(id, rendition) : library.thumbnail(topic, id)
    asked.then((found) => live && setAddress(found), (cause: unknown) => {
      if (live) setError(cause instanceof ApiError ? cause.code : "unknown")
    })
    return () => {
      live = false
    }
  }, [library, id, rendition, wanted, topic, tries])
  return {
    address,
    error,
    failed() {
      library.drop(id, rendition)
      setAddress(undefined)
      if (tries < 2) setTries(tries + 1)
      else setError("unavailable")
    },
    retry: () => setTries(tries + 1),
  }
}
