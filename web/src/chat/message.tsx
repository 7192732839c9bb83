// One message in the log: its text or its tombstone, what it answers, its versions, who read it, what one may do with it.
import { type KeyboardEvent, memo, useState } from "react"
import { dateTime, time } from "../shared/i18n/format.ts"
import { MessageDocuments } from "../documents/card.tsx"
import { overseeing } from "../oversight/overseeing.ts"
import { UploadChip } from "../documents/tray.tsx"
import { useT } from "../shared/i18n/index.tsx"
import type { EntryDocument, Presence } from "../shared/net/protocol.ts"
import { useSignal } from "../shared/signal.ts"
import { Avatar, Icon, IconButton } from "../shared/ui/basics.tsx"
import { Menu, type MenuItem } from "../shared/ui/menu.tsx"
import { useApp } from "./context.tsx"
import type { Message, Reader } from "./log.ts"
import type { OutboxItem } from "./outbox.ts"
import { Failed, OpenVersions, Quote, ReadMark, Tombstone } from "./messageParts.tsx"
import { MessageText } from "./text.tsx"
import type { TopicView } from "./topicView.ts"
import { Newest, useVersions } from "./versions.tsx"
import { personName, roleName } from "./words.ts"

export interface MessageActions {
  reply: (message: Message) => void
  edit: (message: Message) => void
  remove: (message: Message) => void
  copy: (text: string) => void
  jump: (seq: number) => void
  retry: (key: string) => void
  discard: (key: string) => void
  without: (key: string, upload: string) => void
  replace: (document: EntryDocument) => void
}

interface Props {
  view: TopicView
  message: Message
  first: boolean
  own: boolean
  /** Seen by a ghost: no write control exists. */
  ghost: boolean
  /** One may answer here. */
  write: boolean
  /** Its case is open: it may still be changed. */
  open: boolean
  /** Read by anyone of the other side. */
  read: boolean
  marked: boolean
  /** An edit or deletion that is on its way, or was refused. */
  pending: OutboxItem | undefined
  presence: Presence | undefined
  /** Grows when a quoted message has been loaded. */
  quotes: number
  actions: MessageActions
}

export const MessageRow = memo(function MessageRow(props: Props) {
  const { view, message, first, own, ghost, marked, pending, presence, actions } = props
  const t = useT()
  const { chat } = useApp()
  const [open, setOpen] = useState(false)
  const [menu, setMenu] = useState<DOMRect>()
  const person = chat.person(message.by, view)
  const name = personName(t, person, message.staff, message.by)
  const items = [...menuItems(props, t, () => setOpen(true)), ...oversight(props, t, chat.reader)]
  const state = pending
    ? (pending.state === "failed" ? "failed" : "sending")
    : own
    ? (props.read ? "read" : "sent")
    : undefined
  const gone = message.deleted ?? message.redacted

  const keys = (event: KeyboardEvent<HTMLElement>) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return
    const run = items.find((item) => item.keys?.toLowerCase() === event.key.toLowerCase())?.run
    if (run) {
      event.preventDefault()
      event.stopPropagation()
      run()
    } else if (event.key === "Enter" || event.key === "ContextMenu") {
      event.preventDefault()
      setMenu(event.currentTarget.querySelector(".bubble, .tomb")?.getBoundingClientRect())
    }
  }
  return (
    <article
      className={["msg", own && "msg--own", !first && "msg--next"].filter(Boolean).join(" ")}
      data-testid="message"
      data-seq={message.seq}
      data-state={state}
      data-kind={gone ? "deleted" : undefined}
      data-marked={marked || undefined}
      tabIndex={-1}
      aria-label={`${name}, ${time(Date.parse(message.at))}`}
      onKeyDown={keys}
      onClick={(event) => {
        // Fingers have no hover and no right button: a tap on the message is how its menu opens.
        if (items.length === 0 || !matchMedia("(hover: none)").matches || !getSelection()?.isCollapsed) return
        const target = event.target as HTMLElement
        if (target.closest("a, button, .menu-layer, .vers") || !target.closest(".bubble, .tomb")) return
        setMenu(new DOMRect(event.clientX, event.clientY, 0, 0))
      }}
      onContextMenu={(event) => {
        if (items.length === 0 || !getSelection()?.isCollapsed) return
        event.preventDefault()
        setMenu(new DOMRect(event.clientX, event.clientY, 0, 0))
      }}
    >
      {own
        ? null
        : first
        ? <Avatar id={message.by ?? 0} name={name} online={person?.participant ? presence?.online : undefined} />
        : <span className="av-space" />}
      <div className="msg__col">
        {gone
          ? <Tombstone view={view} message={message} ghost={ghost} name={name} open={open} setOpen={setOpen} />
          : (
            <Bubble {...props} name={name} open={open} setOpen={setOpen} state={state}>
              {first && !own
                ? (
                  <div className="bubble__who">
                    {name} {person ? <span>{roleName(t, person.role)}</span> : null}
                  </div>
                )
                : null}
            </Bubble>
          )}
        {pending?.state === "failed" ? <Failed item={pending} actions={actions} /> : null}
      </div>
      {items.length > 0
        ? (
          <div className="msg__tools" role="toolbar" aria-label={t("message.actions")}>
            {items.filter((item) => item.id === "reply" || item.id === "edit").map((item) => (
              <IconButton
                icon={item.icon ?? "dots"}
                label={item.label}
                size="sm"
                key={item.id}
                tabIndex={-1}
                data-testid={`tool-${item.id}`}
                onClick={item.run}
              />
            ))}
            <IconButton
              icon="dots"
              label={t("message.more")}
              size="sm"
              aria-haspopup="menu"
              tabIndex={-1}
              data-testid="tool-more"
              onClick={(event) => setMenu(event.currentTarget.getBoundingClientRect())}
            />
          </div>
        )
        : null}
      {menu
        ? (
          <Menu
            label={t("message.actions")}
            items={items}
            anchor={menu}
            onClose={() => setMenu(undefined)}
            testid="message-menu"
          />
        )
        : null}
    </article>
  )
})

function menuItems(props: Props, t: ReturnType<typeof useT>, openVersions: () => void): MenuItem[] {
  const { message, own, ghost, write, open, actions, pending } = props
  const items: MenuItem[] = []
  const alive = !message.deleted && !message.redacted
  if (write && !ghost && alive) {
    items.push({ id: "reply", icon: "reply", label: t("message.reply"), keys: "R", run: () => actions.reply(message) })
  }
  if (own && write && !ghost && open && alive && !pending && message.body !== undefined) {
    items.push({ id: "edit", icon: "edit", label: t("message.edit"), run: () => actions.edit(message) })
  }
  const body = message.body
  if (body && alive) {
    items.push({ id: "copy", icon: "file", label: t("message.copy"), keys: "C", run: () => actions.copy(body) })
  }
  if (message.edits > 0 || (!alive && message.body !== undefined)) {
    items.push({ id: "versions", icon: "history", label: t("message.versions"), keys: "V", run: openVersions })
  }
  if (own && write && !ghost && open && alive && !pending) {
    items.push({
      id: "delete",
      icon: "trash",
      label: t("message.delete"),
      keys: "Delete",
      danger: true,
      apart: true,
      run: () => actions.remove(message),
    })
  }
  return items
}

/** What those who oversee a topic may do with anybody's message, whether they take part or watch. */
function oversight({ view, message }: Props, t: ReturnType<typeof useT>, reader: Reader): MenuItem[] {
  const items: MenuItem[] = []
  const ask = (what: "redact" | "erase") => () => overseeing.set({ what, topic: view.topic, message: message.seq })
  if (reader.deleted && !message.redacted) {
    items.push({
      id: "redact",
      icon: "lock",
      label: t("message.redact"),
      apart: true,
      danger: true,
      run: ask("redact"),
    })
  }
  if (reader.redacted && !message.erased) {
    items.push({ id: "erase", icon: "minus", label: t("message.erase"), danger: true, run: ask("erase") })
  }
  return items
}

interface BubbleProps extends Props {
  name: string
  open: boolean
  setOpen: (open: boolean) => void
  state: string | undefined
  children: React.ReactNode
}

function Bubble({ view, message, own, ghost, write, open, setOpen, pending, children, actions, read }: BubbleProps) {
  const t = useT()
  const at = Date.parse(message.at)
  const editing = pending?.verb === "edit" ? pending.body : undefined
  const text = editing ?? message.body
  return (
    <div className={message.documents.length > 0 ? "bubble bubble--docs" : "bubble"} data-testid="bubble">
      {children}
      {message.reply !== undefined ? <Quote view={view} seq={message.reply} jump={actions.jump} /> : null}
      <MessageDocuments view={view} message={message} ghost={ghost} write={write} replace={actions.replace} />
      {text === undefined
        ? <i className="t3">{t("message.hidden")}</i>
        : open && message.edits > 0 && editing === undefined
        ? <OpenText view={view} message={message} />
        : <MessageText text={text} />}
      <span className="meta" title={dateTime(at)}>
        {message.holding
          ? <span className="holding" title={t("message.holding.hint")}>{t("message.holding")}</span>
          : null}
        {message.edits > 0
          ? (
            <button type="button" aria-expanded={open} data-testid="edited" onClick={() => setOpen(!open)}>
              {message.edits > 1 ? t("message.edited.n", { n: message.edits + 1 }) : t("message.edited")}
            </button>
          )
          : null}
        <span>{time(at)}</span>
        {own || ghost ? <ReadMark view={view} message={message} read={read} pending={pending !== undefined} /> : null}
      </span>
      {open && message.edits > 0 ? <OpenVersions view={view} message={message} /> : null}
    </div>
  )
}

function OpenText({ view, message }: { view: TopicView; message: Message }) {
  const { rows } = useVersions(view, message.seq, message.version)
  return (
    <span className="body">
      <Newest rows={rows} fallback={message.body ?? ""} />
    </span>
  )
}

/** What was written and isn't in the log yet. */
export const SendingRow = memo(function SendingRow(
  { view, item, first, actions }: { view: TopicView; item: OutboxItem; first: boolean; actions: MessageActions },
) {
  const t = useT()
  const failed = item.state === "failed"
  const acked = item.state === "acked"
  const { chat } = useApp()
  useSignal(chat.papers.uploads.signal)
  const at = item.ackedAt ? Date.parse(item.ackedAt) : item.at
  const files = item.files ?? []
  const refused = files.some((file) => file.error !== undefined)
  const waits = !failed && !acked && !refused && files.some((file) => file.document === undefined)
  return (
    <article
      className={first ? "msg msg--own" : "msg msg--own msg--next"}
      data-testid="message"
      data-key={item.key}
      data-state={failed || refused ? "failed" : acked ? "sent" : "sending"}
      tabIndex={-1}
      aria-label={t(failed || refused ? "message.failed" : "message.sending")}
    >
      <div className="msg__col">
        <div className={files.length > 0 ? "bubble bubble--docs" : "bubble"} data-testid="bubble">
          {item.reply !== undefined ? <Quote view={view} seq={item.reply} jump={actions.jump} /> : null}
          {files.length > 0
            ? (
              <div className="ups">
                {files.map((file) => (
                  <UploadChip
                    key={file.upload}
                    file={file}
                    remove={acked || item.state === "sent" ? undefined : () => actions.without(item.key, file.upload)}
                    removeLabel={t("upload.without")}
                  />
                ))}
              </div>
            )
            : null}
          <MessageText text={item.body ?? ""} />
          <span className="meta" title={t(failed ? "message.failed" : acked ? "message.notRead" : "message.sending")}>
            {item.holding ? <span className="holding">{t("message.holding")}</span> : null}
            {waits ? <span data-testid="waits-for-files">{t("upload.messageWaits")}</span> : null}
            <span>{time(at)}</span>
            <Icon name={failed || refused ? "alert" : acked ? "check" : "clock"} size={14} />
          </span>
        </div>
        {failed ? <Failed item={item} actions={actions} /> : null}
        {refused && !failed
          ? (
            <div className="failed" role="alert" data-testid="failed">
              <span>{t("upload.messageRefused")}</span>
              <button type="button" data-testid="discard" onClick={() => actions.discard(item.key)}>
                {t("message.discard")}
              </button>
            </div>
          )
          : null}
      </div>
    </article>
  )
})
