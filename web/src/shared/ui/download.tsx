// Files of REST: fetched first and only then handed to the browser. A link that REST refuses leaves the app for a page of JSON.
import { type ReactNode, useCallback, useState } from "react"
import { errorText } from "../i18n/errors.ts"
import { useT } from "../i18n/index.tsx"
import { type Api, ApiError } from "../net/api.ts"
import { toast } from "./toast.tsx"

/** Saves bytes under a name. */
export function saveFile(bytes: Blob, name: string): void {
  const address = URL.createObjectURL(bytes)
  const link = document.createElement("a")
  link.href = address
  link.download = name
  link.click()
  // The browser takes the bytes up after the click.
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}

/** Fetches a file and saves it; a refusal is said in a sentence. One at a time. */
export function useDownload(api: Api): { busy: boolean; download: (path: string) => void } {
  const t = useT()
  const [busy, setBusy] = useState(false)
  const download = useCallback((path: string) => {
    setBusy(true)
    api.file(path).then(({ bytes, name }) => saveFile(bytes, name), (raw: unknown) => {
      if (!(raw instanceof ApiError)) throw raw
      toast(errorText(t, raw.code), "error")
    }).finally(() => setBusy(false))
  }, [api, t])
  return { busy, download }
}

interface Props {
  api: Api
  /** Below /api/v1. */
  path: string
  /** What it does, where its children don't say it. */
  label?: string
  className?: string
  testid: string
  children: ReactNode
}
/** A button that saves a file. */
export function DownloadButton({ api, path, label, className = "btn btn--md", testid, children }: Props) {
  const { busy, download } = useDownload(api)
  return (
    <button
      type="button"
      className={className}
      title={label}
      aria-label={label}
      aria-busy={busy}
      disabled={busy}
      data-testid={testid}
      onClick={() => download(path)}
    >
      {children}
    </button>
  )
}
