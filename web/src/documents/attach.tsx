// What is attached in a composer: files by button, drop, paste and camera, uploaded while one writes.
import { type ChangeEvent, useEffect, useMemo, useRef, useState } from "react"
import { useApp } from "../chat/context.tsx"
import type { OutboxFile } from "../chat/outbox.ts"
import { useT } from "../shared/i18n/index.tsx"
import type { EntryDocument } from "../shared/net/protocol.ts"
import { useSignal } from "../shared/signal.ts"
import { IconButton } from "../shared/ui/basics.tsx"
import { toast } from "../shared/ui/toast.tsx"
import { accepted, momentName, mostFiles } from "./files.ts"
import { UploadChip } from "./tray.tsx"

export interface Attaching {
  ids: readonly string[]
  /** One of them was not taken: it has to go before the message can. */
  refused: boolean
  /** What was dropped or pasted. */
  add: (files: readonly File[]) => void
  /** Opens the file dialog. */
  choose: () => void
  /** What was chosen in it: it may take a document's place. */
  chosen: (files: readonly File[]) => void
  remove: (id: string) => void
  /** Asks for the file that takes a document's place. */
  replace: (document: EntryDocument) => void
  /** Hands everything over to a message. */
  take: () => OutboxFile[]
  input: React.RefObject<HTMLInputElement>
}

export function useAttached(topic: number, first: readonly string[]): Attaching {
  const t = useT()
  const { chat } = useApp()
  const uploads = chat.papers.uploads
  useSignal(uploads.signal)
  const [ids, setIds] = useState(first)
  const replacing = useRef<EntryDocument>()
  const input = useRef<HTMLInputElement>(null)
  // Of a draft from before a reload only what the browser has kept is still there.
  useEffect(() => {
    let live = true
    void uploads.ready.then(() => {
      if (!live) return
      setIds((old) => {
        const kept = old.filter((id) => !uploads.missing(id))
        if (kept.length < old.length) toast(t("upload.error.file_lost"), "error")
        return kept.length === old.length ? old : kept
      })
    })
    return () => {
      live = false
    }
  }, [uploads, t])
  const add = (files: readonly File[], replaces?: EntryDocument) => {
    const room = mostFiles - ids.length
    if (files.length > room) toast(t("upload.tooMany", { n: mostFiles }), "error")
    const fresh = files.slice(0, Math.max(0, room)).map((file, i) => {
      // What comes from the clipboard is called image.png by every browser.
      const name = file.name === "" || file.name === "image.png"
        ? momentName(t("upload.picture"), Date.now() + i * 1000, file.type)
        : file.name
      return uploads.add(topic, file, name, i === 0 ? replaces?.document : undefined)
    })
    setIds([...ids, ...fresh])
  }
  const refused = ids.some((id) => uploads.get(id)?.state === "refused")
  return useMemo(() => ({
    ids,
    refused,
    add: (files) => add(files),
    choose() {
      replacing.current = undefined
      input.current?.click()
    },
    chosen(files) {
      const replaces = replacing.current
      replacing.current = undefined
      add(files, replaces)
    },
    remove(id) {
      uploads.cancel(id)
      setIds(ids.filter((one) => one !== id))
    },
    replace(document) {
      replacing.current = document
      input.current?.click()
    },
    take() {
      setIds([])
      return ids.flatMap((id): OutboxFile[] => {
        const upload = uploads.get(id)
        if (!upload) return []
        const file = { upload: id, name: upload.name, size: upload.size }
        return [upload.document ? { ...file, document: upload.document.document } : file]
      })
    },
    input,
  }), [ids, refused, topic, uploads, t])
}

export function Attached({ attached }: { attached: Attaching }) {
  const t = useT()
  const { chat } = useApp()
  const uploads = chat.papers.uploads
  useSignal(uploads.signal)
  if (attached.ids.length === 0) return null
  return (
    <div className="ups ups--tray" data-testid="attached">
      {attached.ids.map((id) => {
        const upload = uploads.get(id)
        const file = { upload: id, name: upload?.name ?? "…", size: upload?.size ?? 0 }
        return <UploadChip key={id} file={file} remove={() => attached.remove(id)} removeLabel={t("upload.cancel")} />
      })}
    </div>
  )
}

export function AttachButtons({ attached }: { attached: Attaching }) {
  const t = useT()
  const camera = useRef<HTMLInputElement>(null)
  const take = (hand: (files: readonly File[]) => void) => (event: ChangeEvent<HTMLInputElement>) => {
    const files = [...event.target.files ?? []]
    // The same file may be chosen again later.
    event.target.value = ""
    if (files.length > 0) hand(files)
  }
  return (
    <>
      <input
        ref={attached.input}
        type="file"
        multiple
        hidden
        accept={accepted}
        aria-label={t("upload.attach")}
        data-testid="attach-input"
        onChange={take(attached.chosen)}
      />
      <input
        ref={camera}
        type="file"
        hidden
        accept="image/*"
        capture="environment"
        aria-label={t("upload.camera")}
        data-testid="camera-input"
        // A photo is always one more, also when choosing a newer version was given up before.
        onChange={take(attached.add)}
      />
      <IconButton
        icon="clip"
        label={t("upload.attach")}
        size="md"
        title={t("upload.attach.hint")}
        data-testid="attach"
        onClick={attached.choose}
      />
      <IconButton
        icon="camera"
        label={t("upload.camera")}
        size="md"
        className="camera"
        data-testid="camera"
        onClick={() => camera.current?.click()}
      />
    </>
  )
}
