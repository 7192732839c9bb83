// Files of REST. REST is asked first whether it gives the file; then the browser takes it itself, with its own progress and its own way to stop: an export
// may have hundreds of megabytes. What is refused is said in a sentence.
import { type ReactNode, useCallback, useState } from "react"
import { errorText } from "../i18n/errors.ts"
import { useT } from "../i18n/index.tsx"
import { type Api, ApiError } from "../net/api.ts"
import { toast } from "./toast.tsx"

/** Lets the browser save what is at an address, under the name that the answer gives it or, without one, under this. */
function save(address: string, name: string): void {
  const link = document.createElement("a")
  link.href = address
  link.download = name
  link.click()
}

/** Saves bytes under a name. */
export function saveFile(bytes: Blob, name: string): void {
  const address = URL.createObjectURL(bytes)
  save(address, name)
  // The browser takes the bytes up after the click.
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}

/** Saves a file. A refusal is said in a sentence, which only an answer with a body gives: then the file is asked for like anything else. */
async function take(api: Api, path: string): Promise<boolean> {
  if (await api.gives(path)) {
    save(api.address(path), "")
    return true
  }
  const { bytes, name } = await api.file(path)
  saveFile(bytes, name)
  return false
}

/** Saves files, one at a time until the browser has taken over. */
export function useDownload(api: Api): { busy: boolean; download: (path: string) => void } {
  const t = useT()
  const [busy, setBusy] = useState(false)
  const download = useCallback((path: string) => {
    setBusy(true)
    take(api, path).then((begun) => begun && toast(t("download.begun")), (raw: unknown) => {
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
