// Where one writes: a draft per topic that survives a reload, answers, edits, typing.
import {
  type ClipboardEvent,
  type KeyboardEvent,
  type Ref,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
} from "react"
import { AttachButtons, Attached, useAttached } from "../documents/attach.tsx"
import { useT } from "../shared/i18n/index.tsx"
import type { EntryDocument } from "../shared/net/protocol.ts"
import { useSignal } from "../shared/signal.ts"
import { Icon, IconButton } from "../shared/ui/basics.tsx"
import { useApp } from "./context.tsx"
import type { Message } from "./log.ts"
import type { TopicView } from "./topicView.ts"
import { personName } from "./words.ts"

/** The protocol's limit (characters); the counter shows when the end is near. */
const longest = 16_000

export interface ComposerHandle {
  focus(): void
  reply(message: Message): void
  edit(message: Message): void
  attach(files: readonly File[]): void
  /** Asks for the file that takes a document's place. */
  replace(document: EntryDocument): void
}
interface Props {
  view: TopicView
  handle: Ref<ComposerHandle>
  /** ↑ in an empty composer. */
  editLast: () => void
  onSent: () => void
}

export function Composer({ view, handle, editLast, onSent }: Props) {
  const t = useT()
  const { chat } = useApp()
  useSignal(view.signal)
  const topic = view.topic
  const first = chat.memory.draft(topic)
  const [body, setBody] = useState(first?.body ?? "")
  const [reply, setReply] = useState(first?.reply)
  const [edit, setEdit] = useState<{ message: number; before: string } | undefined>(first?.edit)
  const [editBody, setEditBody] = useState(first?.edit?.body ?? "")
  const [holding, setHolding] = useState(false)
  const area = useRef<HTMLTextAreaElement>(null)
  const attached = useAttached(topic, first?.files ?? [])
  const value = edit ? editBody : body
  const set = edit ? setEditBody : setBody

  useEffect(() => {
    chat.memory.setDraft(topic, {
      body,
      ...(reply === undefined ? {} : { reply }),
      ...(edit === undefined ? {} : { edit: { ...edit, body: editBody } }),
      ...(attached.ids.length === 0 ? {} : { files: attached.ids }),
    })
  }, [chat, topic, body, reply, edit, editBody, attached.ids])
  useEffect(() => () => chat.typists.stop(topic), [chat, topic])
  useLayoutEffect(() => {
    const el = area.current
    if (!el) return
    el.style.height = "auto"
    el.style.height = `${Math.min(el.scrollHeight, Math.round(innerHeight * 0.4))}px`
  }, [value])

  const focus = () => {
    area.current?.focus()
  }
  const stopEdit = () => {
    setEdit(undefined)
    setEditBody("")
    focus()
  }
  useImperativeHandle(handle, () => ({
    focus,
    reply(message) {
      setEdit(undefined)
      setReply(message.seq)
      focus()
    },
    edit(message) {
      setEdit({ message: message.seq, before: message.body ?? "" })
      setEditBody(message.body ?? "")
      requestAnimationFrame(() => {
        focus()
        area.current?.setSelectionRange(longest, longest)
      })
    },
    attach(files) {
      setEdit(undefined)
      attached.add(files)
      focus()
    },
    replace(document) {
      setEdit(undefined)
      attached.replace(document)
    },
  }), [attached])

  const length = [...value].length
  const ready = length <= longest && (edit || attached.ids.length === 0 ? value.trim() !== "" : !attached.refused)
  const send = () => {
    const text = value.trim()
    if (!ready) return
    if (edit) {
      if (text !== edit.before) chat.write({ topic, verb: "edit", message: edit.message, body: text })
      return stopEdit()
    }
    chat.write({
      topic,
      verb: "send",
      body: text,
      ...(reply === undefined ? {} : { reply }),
      ...(holding ? { holding: true } : {}),
      ...(attached.ids.length === 0 ? {} : { files: attached.take() }),
    })
    setBody("")
    setReply(undefined)
    setHolding(false)
    chat.memory.setDraft(topic, undefined)
    onSent()
    focus()
  }
  const keys = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return
    if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      event.preventDefault()
      send()
    } else if (event.key === "Escape" && (edit || reply !== undefined)) {
      event.preventDefault()
      event.stopPropagation()
      if (edit) stopEdit()
      else setReply(undefined)
    } else if (event.key === "ArrowUp" && value === "" && !edit) {
      event.preventDefault()
      editLast()
    }
  }
  const paste = (event: ClipboardEvent) => {
    const files = [...event.clipboardData.files]
    if (files.length === 0 || edit) return
    event.preventDefault()
    attached.add(files)
  }
  const quoted = reply === undefined ? undefined : view.log.message(reply)
  const closed = view.case !== null && view.case.state !== "open"
  const label = t(edit ? "composer.edit" : closed ? "composer.new" : "composer.write")
  return (
    <div className="composer">
      <div className="cbox" data-mode={edit ? "edit" : reply === undefined ? undefined : "reply"}>
        {edit || reply !== undefined
          ? (
            <div className="cre" data-testid="composer-mode">
              <Icon name={edit ? "edit" : "reply"} size={14} />
              <span className="cut grow">
                <b className="m accent">
                  {edit
                    ? t("composer.editing")
                    : quoted
                    ? personName(t, chat.person(quoted.by, view), quoted.staff, quoted.by)
                    : t("message.reply")}
                </b>{" "}
                <span className="t2">{(edit ? edit.before : quoted?.body ?? "").replace(/\s+/g, " ")}</span>
              </span>
              <IconButton
                icon="x"
                label={t("cancel")}
                size="sm"
                iconSize={14}
                data-testid="composer-cancel"
                onClick={() => edit ? stopEdit() : setReply(undefined)}
              />
            </div>
          )
          : null}
        {edit ? null : <Attached attached={attached} />}
        <textarea
          ref={area}
          className="cbox__t"
          rows={1}
          value={value}
          placeholder={label}
          aria-label={label}
          data-testid="composer"
          onChange={(event) => {
            set(event.target.value)
            if (event.target.value.trim() === "") chat.typists.stop(topic)
            else if (!edit) chat.typists.start(topic)
          }}
          onBlur={() => chat.typists.stop(topic)}
          onKeyDown={keys}
          onPaste={paste}
        />
        <div className="cbox__b">
          {edit ? null : <AttachButtons attached={attached} />}
          {chat.staff && !edit
            ? (
              <button
                type="button"
                className="btn btn--quiet btn--md hold"
                aria-pressed={holding}
                title={t("message.holding.hint")}
                data-testid="holding"
                onClick={() => setHolding(!holding)}
              >
                <Icon name="pause" size={14} />
                <span className="wide">{t("composer.holding")}</span>
              </button>
            )
            : null}
          <span className="s11 t3 wide saved" aria-hidden="true">
            {!edit && body !== "" ? t("composer.saved") : ""}
          </span>
          <span className="grow" />
          {length > longest - 1_000
            ? (
              <span className={length > longest ? "s11 danger num" : "s11 t3 num"} role="status">
                {t("composer.left", { n: longest - length })}
              </span>
            )
            : <span className="s11 t3 wide" aria-hidden="true">{t("composer.hint")}</span>}
          <IconButton
            icon={edit ? "check" : "send"}
            label={t(edit ? "save" : "composer.send")}
            size="md"
            plain
            className="btn--primary"
            disabled={!ready}
            data-testid="send"
            onPointerDown={(event) => event.preventDefault()}
            onClick={send}
          />
        </div>
      </div>
    </div>
  )
}
