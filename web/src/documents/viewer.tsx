// Looks at documents one after another: pictures whole and closer, papers page by page; everything else says why not.
import { type KeyboardEvent, useEffect, useRef, useState } from "react"
import { useApp } from "../chat/context.tsx"
import { errorText } from "../chat/words.ts"
import { useT } from "../shared/i18n/index.tsx"
import { ApiError } from "../shared/net/api.ts"
import { useSignal } from "../shared/signal.ts"
import { Icon, IconButton } from "../shared/ui/basics.tsx"
import { toast } from "../shared/ui/toast.tsx"
import { kindIcon, kindOf, sizeText } from "./files.ts"
import { PaperPages } from "./paperPages.tsx"
import { Picture } from "./picture.tsx"
import { type DocumentRecord, isPaper } from "./record.ts"
import { useAddress } from "./useAddress.ts"
import { type Shown, type Viewing, viewing } from "./viewing.ts"
import { mediaText } from "./words.ts"
import { useZoom, type Zoom } from "./zoom.ts"

export default function Viewer({ shown }: { shown: Viewing }) {
  const t = useT()
  const { chat } = useApp()
  const library = chat.papers.library
  useSignal(library.signal)
  const [at, setAt] = useState(shown.at)
  const dialog = useRef<HTMLDialogElement>(null)
  const one = shown.list[at]
  const record = one && library.get(one.id)
  const ready = record?.media === "ready"
  const zoom = useZoom(record && isPaper(record) ? 0.5 : 1)
  useEffect(() => {
    const element = dialog.current
    if (element && !element.open) element.showModal()
    return () => element?.close()
  }, [])
  useEffect(() => {
    if (one) library.want(shown.view.topic, one.id)
    zoom.set(1)
  }, [library, shown, one])
  // The arrows and the page keys are for what is looked at, not for the first button.
  useEffect(() => zoom.element?.focus({ preventScroll: true }), [zoom.element])
  // What one may not open any more must not stay on the screen.
  const gone = one === undefined || library.isAbsent(one.id)
  useEffect(() => {
    if (gone) viewing.set(undefined)
  }, [gone])
  if (!one) return null

  const close = () => viewing.set(undefined)
  const step = (by: number) => setAt(Math.max(0, Math.min(shown.list.length - 1, at + by)))
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
      "+": () => zoom.step(1),
      "=": () => zoom.step(1),
      "-": () => zoom.step(-1),
      "0": () => zoom.set(1),
      d: () => ready && download(),
    }
    // Closer, the arrows move over the picture.
    if (zoom.value > 1.01 && event.key.startsWith("Arrow")) return
    const run = runs[event.key]
    if (!run) return
    event.preventDefault()
    run()
  }
  const button = (icon: string, label: string, run: () => void, testid: string, disabled = false) => (
    <IconButton icon={icon} label={label} iconSize={20} data-testid={testid} disabled={disabled} onClick={run} />
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
        {button("download", t("doc.download"), download, "viewer-download", !ready)}
        {button("x", t("close"), close, "viewer-close")}
      </header>
      <div className="viewer__body">
        <Content key={one.id} one={one} record={record} zoom={zoom} download={download} />
        {shown.list.length > 1
          ? (
            <>
              <span className="viewer__prev">
                {button("left", t("viewer.previous"), () => step(-1), "viewer-previous", at === 0)}
              </span>
              <span className="viewer__next">
                {button("right", t("viewer.next"), () => step(1), "viewer-next", at === shown.list.length - 1)}
              </span>
            </>
          )
          : null}
      </div>
    </dialog>
  )
}

interface ContentProps {
  one: Shown
  record: DocumentRecord | undefined
  zoom: Zoom
  download: () => void
}

function Content({ one, record, zoom, download }: ContentProps) {
  const t = useT()
  const ready = record?.media === "ready"
  const papers = ready && isPaper(record)
  const image = kindOf(one.type) === "image"
  const address = useAddress(one.id, image ? "file" : "preview", ready && !papers)
  if (papers) return <PaperPages record={record} name={one.name} zoom={zoom} />
  if (ready && address.error === undefined) {
    return <Picture record={record} name={one.name} address={address} zoom={zoom} />
  }
  // A table of a client, say, is handed out as it is, and has no picture.
  const onlySaved = ready && !image && address.error === "not_found"
  const text = onlySaved
    ? t("viewer.onlySaved")
    : address.error !== undefined
    ? errorText(t, address.error)
    : record
    ? mediaText(t, record)
    : t("log.loading")
  return (
    <div className="viewer__none" data-testid="viewer-none">
      <Icon
        name={onlySaved ? kindIcon[kindOf(one.type)] : record?.media === "waiting" ? "clock" : "alert"}
        size={24}
      />
      <p>{text}</p>
      {onlySaved
        ? (
          <button type="button" className="btn" onClick={download}>
            <Icon name="download" />
            {t("doc.download")}
          </button>
        )
        : address.error !== undefined
        ? (
          <button type="button" className="btn" onClick={address.retry}>
            <Icon name="sync" />
            {t("retry")}
          </button>
        )
        : null}
    </div>
  )
}
