// The parts of a message: what it answers, who has read it, what stands in its place when it was taken back.
import { useEffect, useState } from "react"
import { MessageDocuments } from "../documents/card.tsx"
import { dateTime, time } from "../shared/i18n/format.ts"
import { useT } from "../shared/i18n/index.tsx"
import { Avatar, Icon } from "../shared/ui/basics.tsx"
import { Menu } from "../shared/ui/menu.tsx"
import { useApp } from "./context.tsx"
import type { Message } from "./log.ts"
import type { OutboxItem } from "./outbox.ts"
import { MessageText } from "./text.tsx"
import type { TopicView } from "./topicView.ts"
import { useVersions, Versions } from "./versions.tsx"
import { errorText, personName } from "./words.ts"

export function OpenVersions({ view, message }: { view: TopicView; message: Message }) {
  const { rows, error } = useVersions(view, message.seq, message.version)
  return <Versions view={view} rows={rows} error={error} />
}

/** ✓ the server has it, ✓✓ somebody of the other side has read it; who and when on hover and on a tap. */
export function ReadMark(
  { view, message, read, pending }: { view: TopicView; message: Message; read: boolean; pending: boolean },
) {
  const t = useT()
  const { chat } = useApp()
  const [place, setPlace] = useState<DOMRect>()
  if (pending) return <Icon name="clock" size={14} />
  const readers = view.readers(message)
  const lines = readers.map((one) =>
    [personName(t, chat.person(one.account, view), false, one.account), one.at && dateTime(Date.parse(one.at))].filter(
      Boolean,
    ).join(" ")
  )
  const title = read ? t("message.readBy", { who: lines.join(", ") }) : t("message.notRead")
  return (
    <>
      <button
        type="button"
        className="ticks"
        title={title}
        aria-label={title}
        data-testid="ticks"
        data-read={read}
        onClick={(event) => setPlace(event.currentTarget.getBoundingClientRect())}
      >
        <Icon name={read ? "checks" : "check"} size={14} />
      </button>
      {place
        ? (
          <Menu
            label={title}
            items={[]}
            anchor={place}
            onClose={() => setPlace(undefined)}
            testid="readers"
            head={
              <div className="readers">
                <div className="menu__head">{read ? t("message.readers") : t("message.notRead")}</div>
                {readers.map((one) => (
                  <div className="row" key={one.account}>
                    <Avatar
                      id={one.account}
                      name={personName(t, chat.person(one.account, view), false, one.account)}
                      size={20}
                    />
                    <span className="grow cut">
                      {personName(t, chat.person(one.account, view), false, one.account)}
                    </span>
                    {one.at ? <span className="t3 num s12">{dateTime(Date.parse(one.at))}</span> : null}
                  </div>
                ))}
              </div>
            }
          />
        )
        : null}
    </>
  )
}

export function Quote({ view, seq, jump }: { view: TopicView; seq: number; jump: (seq: number) => void }) {
  const t = useT()
  const { chat } = useApp()
  const here = view.log.message(seq)
  const quote = here ?? view.quotes.get(seq)
  useEffect(() => {
    if (!quote) void chat.history.loadQuote(view, seq)
  }, [chat, view, seq, quote])
  const message = typeof quote === "object" ? quote : undefined
  const text = !message
    ? (quote === "gone" ? t("message.hidden") : "…")
    : message.deleted || message.redacted
    ? t("message.deleted")
    : message.body === undefined
    ? t("message.hidden")
    : [message.documents.map((one) => one.name).join(", "), message.body.replace(/\s+/g, " ").slice(0, 160)]
      .filter(Boolean).join(" · ")
  return (
    <button type="button" className="quote" data-testid="quote" onClick={() => jump(seq)}>
      <b>{message ? personName(t, chat.person(message.by, view), message.staff, message.by) : t("message.reply")}</b>
      <span className="cut2">{text}</span>
    </button>
  )
}

interface TombstoneProps {
  view: TopicView
  message: Message
  ghost: boolean
  name: string
  open: boolean
  setOpen: (open: boolean) => void
}

/** What was taken back. Staff's stays readable to all behind its mark; a client's to those who oversee only. */
export function Tombstone({ view, message, ghost, name, open, setOpen }: TombstoneProps) {
  const t = useT()
  const { chat } = useApp()
  const taken = message.redacted ?? message.deleted
  if (!taken) return null
  const at = time(Date.parse(taken.at))
  if (message.redacted) {
    const by = personName(t, chat.person(message.redacted.by, view), true, message.redacted.by)
    return (
      <div className="tomb" data-testid="tombstone" title={dateTime(Date.parse(taken.at))}>
        <Icon name={message.erased ? "minus" : "lock"} />
        <span>
          {message.erased
            ? t("message.erased", { who: by, at })
            : t("message.redacted", { who: by, at, reason: message.redacted.reason ?? "" })}
        </span>
      </div>
    )
  }
  if (ghost && message.body !== undefined) {
    return (
      <div className="tomb tomb--see" data-testid="tombstone">
        <span className="h">
          <Icon name="trash" size={14} />
          {t(message.staff ? "ghost.deletedByStaff" : "ghost.deletedByClient")} · {at}
        </span>
        <MessageDocuments view={view} message={message} ghost write={false} />
        <p>
          <MessageText text={message.body} />
        </p>
        <span className="s11 t3">{t(message.staff ? "ghost.deletedStaffHint" : "ghost.deletedClientHint")}</span>
      </div>
    )
  }
  const readable = message.body !== undefined
  return (
    <div className="tombs">
      <div className="tomb" data-testid="tombstone" title={dateTime(Date.parse(taken.at))}>
        <Icon name="trash" />
        <span>{t("message.deletedBy", { who: name, at })}</span>
        {readable
          ? (
            <button
              type="button"
              className="link"
              aria-expanded={open}
              data-testid="tombstone-open"
              onClick={() => setOpen(!open)}
            >
              {t(open ? "message.hideText" : "message.showText")}
            </button>
          )
          : null}
      </div>
      {open && readable
        ? (
          <div className="tomb__body" data-testid="tombstone-body">
            <MessageDocuments view={view} message={message} ghost={ghost} write={false} />
            <MessageText text={message.body ?? ""} />
            {message.edits > 0 ? <OpenVersions view={view} message={message} /> : null}
          </div>
        )
        : null}
    </div>
  )
}

export function Failed(
  { item, actions }: { item: OutboxItem; actions: { retry: (key: string) => void; discard: (key: string) => void } },
) {
  const t = useT()
  return (
    <div className="failed" role="alert" data-testid="failed">
      <span>{errorText(t, item.error ?? "unknown")}</span>
      <button type="button" data-testid="retry" onClick={() => actions.retry(item.key)}>{t("retry")}</button>
      <button type="button" data-testid="discard" onClick={() => actions.discard(item.key)}>
        {t("message.discard")}
      </button>
    </div>
  )
}
