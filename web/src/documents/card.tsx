// What a message carries: one card for each document, with what has become of it and what one may do with it.
import { type CSSProperties, useEffect, useState } from "react"
import { useApp } from "../chat/context.tsx"
import { markedState, type Message } from "../chat/log.ts"
import type { TopicView } from "../chat/topicView.ts"
import { errorText } from "../chat/words.ts"
import { useT } from "../shared/i18n/index.tsx"
import { ApiError } from "../shared/net/api.ts"
import type { EntryDocument } from "../shared/net/protocol.ts"
import { RequestError } from "../shared/net/socket.ts"
import { useSignal } from "../shared/signal.ts"
import { Icon, IconButton } from "../shared/ui/basics.tsx"
import { Menu, type MenuItem } from "../shared/ui/menu.tsx"
import { toast } from "../shared/ui/toast.tsx"
import { uuid } from "../shared/uuid.ts"
import { kindOf, sizeText } from "./files.ts"
import { Steps, Thumb } from "./parts.tsx"
import { type DocumentRecord, nextStep, type Step, type WorkState } from "./record.ts"
import { ReturnDialog } from "./returnDialog.tsx"
import { viewing } from "./viewing.ts"
import { mediaText, versionText } from "./words.ts"

interface Props {
  view: TopicView
  message: Message
  ghost: boolean
  write: boolean
  replace?: ((document: EntryDocument) => void) | undefined
}

export function MessageDocuments(props: Props) {
  const { view, message } = props
  const { chat } = useApp()
  const library = chat.papers.library
  useSignal(library.signal)
  const ids = message.documents.map((one) => one.document).join(",")
  useEffect(() => {
    for (const one of message.documents) library.want(view.topic, one.document)
  }, [library, view, ids])
  if (message.documents.length === 0) return null
  return (
    <div className="atts" data-testid="documents">
      {message.documents.map((one, i) => (
        <DocumentCard key={one.document} {...props} document={one} record={library.get(one.document)} at={i} />
      ))}
    </div>
  )
}

/** A thumbnail has 320 pixels at the most: so large it is shown, whole and with its room kept before it comes. */
function photoBox(width: number, height: number): CSSProperties {
  const shrink = Math.min(320 / width, 320 / height)
  return { width: Math.max(120, width * shrink), aspectRatio: `${width} / ${Math.min(height, width * 320 / 120)}` }
}

interface CardProps extends Props {
  document: EntryDocument
  record: DocumentRecord | undefined
  at: number
}

function DocumentCard({ view, message, ghost, write, replace, document, record, at }: CardProps) {
  const t = useT()
  const { chat } = useApp()
  const library = chat.papers.library
  const [menu, setMenu] = useState<DOMRect>()
  const [returning, setReturning] = useState(false)
  const [busy, setBusy] = useState(false)
  const marks = message.marks.filter((mark) => mark.document === document.document)
  const state: WorkState = markedState(message.marks, document.document) ?? record?.state ?? "received"
  const role = view.people.get(chat.me)?.role ?? chat.role
  const alive = !message.deleted && !message.redacted
  const step = write && !ghost && !message.staff && alive
    ? nextStep(state, { processes: role === "accountant" || role === "admin", client: role === "client" })
    : undefined
  const ready = record?.media === "ready"
  const note = record ? mediaText(t, record) : library.isAbsent(document.document) ? t("doc.absent") : undefined
  const photo = kindOf(document.type) === "image" && ready && record.width !== undefined && record.height !== undefined

  const open = () =>
    viewing.set({
      view,
      list: message.documents.map((one) => ({ id: one.document, name: one.name, type: one.type, size: one.size })),
      at,
    })
  const download = (rendition: "file" | "original") => {
    library.download(document.document, rendition).catch((error: unknown) => {
      toast(errorText(t, error instanceof ApiError ? error.code : "unknown"), "error")
    })
  }
  const mark = async (to: Step, reason: string, key: string): Promise<string | undefined> => {
    setBusy(true)
    try {
      await chat.verbs.mark(view.topic, document.document, to, reason, key)
      return undefined
    } catch (error) {
      if (!(error instanceof RequestError)) throw error
      return error.code
    } finally {
      setBusy(false)
    }
  }
  const take = (to: Step) => {
    if (to === "returned") return setReturning(true)
    void mark(to, "", uuid()).then((code) => code && toast(errorText(t, code), "error"))
  }
  const items: MenuItem[] = []
  if (ready) {
    items.push({ id: "open", icon: "eye", label: t("doc.open"), run: open })
    items.push({ id: "download", icon: "download", label: t("doc.download"), run: () => download("file") })
  }
  if (chat.reader.redacted) {
    items.push({ id: "original", icon: "lock", label: t("doc.original"), run: () => download("original") })
  }
  if (step) {
    items.push({
      id: step,
      icon: step === "returned" ? "undo" : "check",
      label: t(`doc.mark.${step}`),
      apart: items.length > 0,
      run: () => take(step),
    })
  }
  if (replace && write && !ghost && alive && message.by === chat.me) {
    items.push({ id: "replace", icon: "upload", label: t("doc.replace"), apart: true, run: () => replace(document) })
  }
  return (
    <div
      className={photo ? "att att--photo" : "att"}
      data-testid="document"
      data-document={document.document}
      data-media={record?.media}
    >
      <button
        type="button"
        className="att__open"
        aria-label={t("doc.open.name", { name: document.name })}
        data-testid="document-open"
        disabled={!record}
        onClick={open}
        style={photo ? photoBox(record.width ?? 1, record.height ?? 1) : {}}
      >
        <Thumb record={record} type={document.type} name="" />
      </button>
      <div className="att__b">
        <div className="att__n">{document.name}</div>
        <div className="att__m num">
          {[
            sizeText(document.size, t.language),
            record?.pages && record.pages > 1 && t("doc.pages", { n: record.pages }),
            versionText(t, library, record),
            !message.staff && t("doc.client"),
          ].filter(Boolean).join(" · ")}
        </div>
        {note
          ? (
            <div
              className={record?.media === "refused" || record?.media === "failed" ? "att__note danger" : "att__note"}
              data-testid="doc-note"
            >
              {record?.media === "waiting"
                ? <span className="spin" aria-hidden="true" />
                : <Icon name={record?.media === "pending" ? "clock" : "alert"} size={14} />}
              <span>{note}</span>
            </div>
          )
          : null}
        <div className="att__f">
          {ready && message.staff
            ? (
              <span className="wm" data-state={record.unstamped ? "pending" : undefined} data-testid="doc-stamp">
                <Icon name={record.unstamped ? "alert" : "stamp"} size={12} />
                {t(record.unstamped ? "doc.unstamped" : "doc.stamped")}
              </span>
            )
            : null}
          {message.staff ? null : (
            <>
              <Steps view={view} state={state} sent={{ at: message.at, by: message.by }} marks={marks} />
              {step
                ? (
                  <button
                    type="button"
                    className="btn btn--sm"
                    aria-busy={busy}
                    data-testid={`doc-${step}`}
                    onClick={() => take(step)}
                  >
                    {t(`doc.mark.${step}`)}
                  </button>
                )
                : null}
            </>
          )}
        </div>
      </div>
      {items.length > 0
        ? (
          <IconButton
            icon="dots"
            label={t("doc.actions", { name: document.name })}
            size="sm"
            className="att__dots"
            title={t("message.more")}
            aria-haspopup="menu"
            data-testid="document-menu"
            onClick={(event) => setMenu(event.currentTarget.getBoundingClientRect())}
          />
        )
        : null}
      {menu
        ? (
          <Menu
            label={t("doc.actions", { name: document.name })}
            items={items}
            anchor={menu}
            onClose={() => setMenu(undefined)}
            testid="document-actions"
          />
        )
        : null}
      {returning
        ? (
          <ReturnDialog
            name={document.name}
            run={(reason, key) => mark("returned", reason, key)}
            onClose={() => setReturning(false)}
          />
        )
        : null}
    </div>
  )
}
