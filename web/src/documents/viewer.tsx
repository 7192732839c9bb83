// Looks at documents one after another: pictures whole and zoomed, of papers the first page; everything else says why not.
import { type KeyboardEvent, useEffect, useRef, useState } from "react"
import { useApp } from "../chat/context.tsx"
import { errorText } from "../chat/words.ts"
import { useT } from "../shared/i18n/index.tsx"
import { ApiError } from "../shared/net/api.ts"
import { useSignal } from "../shared/signal.ts"
import { Icon } from "../shared/ui/basics.tsx"
import { toast } from "../shared/ui/toast.tsx"
import { kindIcon, kindOf, sizeText } from "./files.ts"
import type { DocumentRecord, Rendition } from "./record.ts"
import { type Shown, type Viewing, viewing } from "./viewing.ts"
import { mediaText } from "./words.ts"

const zooms = [1, 1.5, 2, 3, 4] as const

export default function Viewer({ shown }: { shown: Viewing }) {
  const t = useT()
  const { chat } = useApp()
  const library = chat.papers.library
  useSignal(library.signal)
  const [at, setAt] = useState(shown.at)
  const [zoom, setZoom] = useState(0)
  const dialog = useRef<HTMLDialogElement>(null)
  const one = shown.list[at]
  const record = one && library.get(one.id)
  useEffect(() => {
    const element = dialog.current
    if (element && !element.open) element.showModal()
    return () => element?.close()
  }, [])
  useEffect(() => {
    if (one) library.want(shown.view.topic, one.id)
    setZoom(0)
  }, [library, shown, one])
  // What one may not open any more must not stay on the screen.
  const gone = one === undefined || library.isAbsent(one.id)
  useEffect(() => {
    if (gone) viewing.set(undefined)
  }, [gone])
  if (!one) return null

  const close = () => viewing.set(undefined)
  const step = (by: number) => setAt(Math.max(0, Math.min(shown.list.length - 1, at + by)))
  const closer = (by: number) => setZoom(Math.max(0, Math.min(zooms.length - 1, zoom + by)))
  const download = () => {
    library.download(one.id, "file").catch((error: unknown) => {
      toast(errorText(t, error instanceof ApiError ? error.code : "unknown"), "error")
    })
  }
  const keys = (event: KeyboardEvent) => {
    event.stopPropagation()
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const runs: Record<string, () => void> = {
      ArrowLeft: () => step(-1),
      ArrowRight: () => step(1),
      "+": () => closer(1),
      "=": () => closer(1),
      "-": () => closer(-1),
      "0": () => setZoom(0),
      d: () => record?.media === "ready" && download(),
    }
    // Zoomed in, the arrows move over the picture.
    if (zoom > 0 && event.key.startsWith("Arrow")) return
    const run = runs[event.key]
    if (!run) return
    event.preventDefault()
    run()
  }
  const ready = record?.media === "ready"
  const button = (icon: string, label: string, run: () => void, testid: string, disabled = false) => (
    <button
      type="button"
      className="btn btn--quiet btn--icon"
      aria-label={label}
      title={label}
      data-testid={testid}
      disabled={disabled}
      onClick={run}
    >
      <Icon name={icon} size={20} />
    </button>
  )
  return (
    <dialog
      ref={dialog}
      className="viewer"
      aria-label={one.name}
      data-testid="viewer"
      data-document={one.id}
      onCancel={(event) => {
        event.preventDefault()
        close()
      }}
      onKeyDown={keys}
    >
      <header className="viewer__head">
        <Icon name={kindIcon[kindOf(one.type)]} size={20} />
        <div className="grow">
          <h2 className="cut">{one.name}</h2>
          <div className="s12 num cut">
            {[
              sizeText(one.size, t.language),
              record?.pages && record.pages > 1 && t("doc.pages", { n: record.pages }),
              shown.list.length > 1 && t("viewer.of", { n: at + 1, all: shown.list.length }),
            ].filter(Boolean).join(" · ")}
          </div>
        </div>
        {button("minus", t("viewer.smaller"), () => closer(-1), "viewer-smaller", zoom === 0 || !ready)}
        <span className="viewer__zoom num s12" role="status">{Math.round((zooms[zoom] ?? 1) * 100)} %</span>
        {button("plus", t("viewer.larger"), () => closer(1), "viewer-larger", zoom === zooms.length - 1 || !ready)}
        {button("download", t("doc.download"), download, "viewer-download", !ready)}
        {button("x", t("close"), close, "viewer-close")}
      </header>
      <div className="viewer__body">
        {shown.list.length > 1
          ? (
            <span className="viewer__prev">
              {button("left", t("viewer.previous"), () => step(-1), "viewer-previous", at === 0)}
            </span>
          )
          : null}
        <Page key={one.id} one={one} record={record} zoom={zooms[zoom] ?? 1} onZoom={() => setZoom(zoom > 0 ? 0 : 2)} />
        {shown.list.length > 1
          ? (
            <span className="viewer__next">
              {button("right", t("viewer.next"), () => step(1), "viewer-next", at === shown.list.length - 1)}
            </span>
          )
          : null}
      </div>
    </dialog>
  )
}

interface PageProps {
  one: Shown
  record: DocumentRecord | undefined
  zoom: number
  onZoom: () => void
}

function Page({ one, record, zoom, onZoom }: PageProps) {
  const t = useT()
  const { chat } = useApp()
  const library = chat.papers.library
  const [address, setAddress] = useState<string>()
  const [error, setError] = useState<string>()
  const [tries, setTries] = useState(0)
  const ready = record?.media === "ready"
  const image = kindOf(one.type) === "image"
  const rendition: Rendition = image ? "file" : "preview"
  useEffect(() => {
    if (!ready) return
    let live = true
    setError(undefined)
    library.link(one.id, rendition).then((found) => live && setAddress(found), (cause: unknown) => {
      if (live) setError(cause instanceof ApiError ? cause.code : "unknown")
    })
    return () => {
      live = false
    }
  }, [library, one.id, rendition, ready, tries])
  if (!ready || error !== undefined) {
    const text = error !== undefined ? errorText(t, error) : record ? mediaText(t, record) : t("log.loading")
    return (
      <div className="viewer__none" data-testid="viewer-none">
        <Icon name={error === undefined && record?.media === "waiting" ? "clock" : "alert"} size={24} />
        <p>{text}</p>
        {error !== undefined
          ? (
            <button type="button" className="btn" onClick={() => setTries(tries + 1)}>
              <Icon name="sync" />
              {t("retry")}
            </button>
          )
          : null}
      </div>
    )
  }
  return (
    <div
      className="viewer__page"
      data-zoomed={zoom > 1 || undefined}
      tabIndex={zoom > 1 ? 0 : -1}
      aria-label={one.name}
      role="group"
    >
      {address === undefined ? <span className="spin spin--lg" role="status" aria-label={t("log.loading")} /> : (
        <img
          src={address}
          alt={one.name}
          data-testid="viewer-image"
          style={zoom > 1 ? { width: `${zoom * 100}%`, maxWidth: "none", maxHeight: "none" } : {}}
          onDoubleClick={onZoom}
          onError={() => {
            library.drop(one.id, rendition)
            if (tries < 2) setTries(tries + 1)
            else setError("unavailable")
          }}
        />
      )}
      {!image && (record.pages ?? 1) > 1
        ? <p className="viewer__note s12">{t("viewer.firstPage", { n: record.pages ?? 1 })}</p>
        : null}
    </div>
  )
}
