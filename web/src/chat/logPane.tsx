// The log of a topic with everything that happens in it. A ghost sees the same log through the same code, without writing.
import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from "react"
import { time } from "../shared/i18n/format.ts"
import { useT } from "../shared/i18n/index.tsx"
import { useNow } from "../shared/clock.ts"
import { path, segments } from "../shared/router.ts"
import { useSignal } from "../shared/signal.ts"
import { Empty, Icon, Skeleton, Typing } from "../shared/ui/basics.tsx"
import { toast } from "../shared/ui/toast.tsx"
import { type VirtualHandle, VirtualList } from "../shared/ui/virtual.tsx"
import { Announcer } from "./announcer.tsx"
import { CaseEvent } from "./caseEvent.tsx"
import { useApp } from "./context.tsx"
import { type MessageActions, MessageRow, SendingRow } from "./message.tsx"
import { RateCard } from "./rate.tsx"
import { buildRows, type Row, rowOf } from "./rows.ts"
import type { TopicView } from "./topicView.ts"
import { dayLabel, errorText, personName } from "./words.ts"

interface Props {
  view: TopicView
  ghost: boolean
  write: boolean
  /** A client may rate the case that is closed. */
  rate: boolean
  onReopen: (() => void) | undefined
  onReject?: (() => void) | undefined
  actions: Pick<MessageActions, "reply" | "edit" | "remove" | "replace">
}

const estimates: Record<Row["type"], number> = {
  older: 40,
  day: 38,
  unread: 34,
  opened: 34,
  event: 36,
  message: 62,
  sending: 42,
  rate: 220,
  typing: 28,
}

export function LogPane({ view, ghost, write, rate, onReopen, onReject, actions: outer }: Props) {
  const t = useT()
  const { chat } = useApp()
  const revision = useSignal(view.signal)
  const sending = useSignal(chat.outbox.signal)
  const typists = useSignal(chat.typists.signal)
  useSignal(chat.presences.signal)
  useSignal(chat.inboxSignal)
  const today = useNow(60_000)
  const list = useRef<VirtualHandle>(null)
  const [pinned, setPinned] = useState(true)
  const [top, setTop] = useState<Row>()
  const [marked, setMarked] = useState<number>()
  /** The row that is to be shown once it is there. */
  const [aim, setAim] = useState<number>()
  const typing = useMemo(() => chat.typists.in(view.topic, chat.me), [chat, view, typists])
  const outbox = useMemo(() => ghost ? [] : chat.outbox.of(view.topic), [chat, view, ghost, sending])
  const log = view.log
  const rows = useMemo(() =>
    buildRows({
      items: log.items(),
      outbox,
      more: log.more,
      whole: log.first === 1,
      unreadMark: ghost ? undefined : view.unreadMark,
      me: chat.me,
      rate,
      typing: typing.length > 0,
      now: Date.now(),
    }), [log, revision, outbox, view, ghost, chat, rate, typing.length > 0])

  // Coming back to a topic goes on where one was reading.
  useEffect(() => {
    const handle = list
    return () => {
      view.place = handle.current?.anchor
    }
  }, [view])

  // Where the log starts: at what wasn't read, else at its end.
  const start = useRef(
    view.unreadMark !== undefined && rows.some((row) => row.type === "unread")
      ? { key: "unread", delta: -80 }
      : rows.some((row) => row.key === view.place?.key)
      ? view.place
      : undefined,
  )
  const latestReader = Math.max(
    0,
    ...[...view.reads].filter(([account]) => {
      const person = view.people.get(account)
      return person !== undefined && person.staff !== chat.staff
    }).map(([, reading]) => reading.seq),
  )

  const read = useCallback(() => {
    if (list.current?.pinned && document.visibilityState === "visible" && document.hasFocus()) chat.markRead(view)
  }, [chat, view])
  useEffect(() => {
    const timer = setTimeout(read, 250)
    return () => clearTimeout(timer)
  }, [read, revision, pinned])
  useEffect(() => {
    addEventListener("focus", read)
    document.addEventListener("visibilitychange", read)
    return () => {
      removeEventListener("focus", read)
      document.removeEventListener("visibilitychange", read)
    }
  }, [read])

  const onScrolled = useCallback((row: Row | undefined, pinned: boolean, nearTop: boolean) => {
    setPinned(pinned)
    setTop(row?.type === "older" ? undefined : row)
    if (nearTop && log.more && !view.loadingOlder && !view.olderError) void chat.history.loadOlder(view)
  }, [chat, view, log])

  const jump = useCallback(async (seq: number) => {
    if (await chat.history.loadUntil(view, seq)) setAim(seq)
    else toast(t("log.tooFar"), "error")
  }, [chat, view, t])
  // As soon as the rows are drawn that were loaded for it.
  useEffect(() => {
    if (aim === undefined) return
    setAim(undefined)
    const key = rowOf(rows, aim)
    if (key !== undefined && list.current?.show(key)) setMarked(aim)
    else toast(t("log.notShown"), "error")
  }, [aim, rows, t])
  // An address may lead to a row: /t/17/123. Once: whoever has scrolled on isn't taken back, whatever else changes.
  const address = path.use()
  const followed = useRef<string>()
  const isLive = view.phase === "live"
  useEffect(() => {
    const wanted = Number(segments(address)[2]) || undefined
    if (wanted === undefined || !isLive || followed.current === address) return
    followed.current = address
    void jump(wanted)
  }, [address, jump, isLive])
  useEffect(() => {
    if (marked === undefined) return
    const timer = setTimeout(() => setMarked(undefined), 1_800)
    return () => clearTimeout(timer)
  }, [marked])

  const { reply, edit, remove, replace } = outer
  const actions = useMemo<MessageActions>(() => ({
    reply,
    edit,
    remove,
    jump: (seq) => void jump(seq),
    copy: (text) => {
      navigator.clipboard?.writeText(text).then(() => toast(t("copied")), () => toast(t("copyFailed"), "error"))
    },
    retry: (key) => chat.retry(key),
    discard: (key) => chat.discard(key),
    without: (key, upload) => chat.papers.sendWithout(key, upload),
    replace,
  }), [reply, edit, remove, replace, jump, chat, t])

  const openCase = view.case?.state === "open" ? view.case.case : undefined
  const render = (row: Row) => {
    switch (row.type) {
      case "message": {
        const message = row.message
        return (
          <MessageRow
            view={view}
            message={message}
            first={row.first}
            own={!ghost && message.by === chat.me}
            ghost={ghost}
            write={write}
            open={message.case === openCase}
            read={ghost ? view.readers(message).length > 0 : message.seq <= latestReader}
            marked={marked === message.seq}
            pending={outbox.find((item) => item.message === message.seq)}
            presence={message.by === null ? undefined : chat.presences.of(message.by)}
            quotes={message.reply === undefined ? 0 : revision}
            actions={actions}
          />
        )
      }
      case "sending":
        return <SendingRow view={view} item={row.item} first={row.first} actions={actions} />
      case "rate":
        return view.case ? <RateCard topic={view.topic} number={view.case.case} onReopen={onReopen} /> : null
      case "typing":
        return (
          <div className="typing-row" data-testid="typing">
            <Typing
              text={t("typing", {
                who: typing.map((id) => personName(t, chat.person(id, view), false, id)).join(", "),
              })}
            />
          </div>
        )
      case "older":
        return (
          <div className="older">
            {view.olderError
              ? (
                <button type="button" className="btn btn--sm" onClick={() => void chat.history.loadOlder(view)}>
                  <Icon name="sync" size={14} />
                  {t("retry")}
                </button>
              )
              : <span className="t3 s12">{t("log.loading")}</span>}
          </div>
        )
      case "day":
        return <div className="day" role="separator">{dayLabel(t, row.at, today)}</div>
      case "unread":
        return (
          <div className="unread" role="separator" data-testid="unread-line">{t("log.unread", { n: row.count })}</div>
        )
      case "opened":
        return (
          <div className="sys">
            <Icon name="chat" />
            <span>{t("case.opened", { n: row.case, at: time(row.at) })}</span>
          </div>
        )
      case "event":
        return (
          <div className="event" data-seq={row.item.seq} data-marked={marked === row.item.seq || undefined}>
            <CaseEvent view={view} row={row} now={today} onReject={onReject} />
          </div>
        )
    }
  }

  if (view.phase === "failed") {
    return (
      <Empty icon="alert" kind="danger" title={t("log.failed")} text={errorText(t, view.error ?? "unknown")}>
        <button type="button" className="btn" onClick={() => void chat.sync(view)}>
          <Icon name="sync" />
          {t("retry")}
        </button>
      </Empty>
    )
  }
  if (log.head === 0 && rows.length === 0) {
    return view.phase === "live"
      ? (
        <Empty
          icon="chat"
          title={t("log.empty")}
          text={t(write ? "log.empty.write" : "log.empty.read")}
          testid="log-empty"
        />
      )
      : (
        <div className="scroll log-loading">
          <Skeleton rows={6} />
        </div>
      )
  }
  const unread = chat.topic(view.topic)?.unread ?? 0
  return (
    <div className="logwrap">
      {top && top.type !== "day"
        ? <div className="day day--float" aria-hidden="true">{dayLabel(t, top.at, today)}</div>
        : null}
      <VirtualList
        rows={rows}
        estimate={(row) => estimates[row.type]}
        render={render}
        label={t("log.label")}
        fleeting={(row) => row.type !== "message" && row.type !== "event"}
        start={start.current}
        handle={list}
        onScrolled={onScrolled}
        onKeyDown={(event) => moveFocus(event)}
        testid="log"
      />
      {pinned ? null : (
        <button
          type="button"
          className="jump"
          data-testid="to-bottom"
          aria-label={t("log.toBottom", { n: unread })}
          title={t("log.toBottom", { n: unread })}
          onClick={() => list.current?.toBottom()}
        >
          <Icon name="down" />
          {unread > 0 ? <span className="badge num">{unread}</span> : null}
        </button>
      )}
      <Announcer view={view} revision={revision} />
    </div>
  )
}

/** Arrow keys walk the messages once one of them, or the log, has the focus. */
function moveFocus(event: KeyboardEvent<HTMLDivElement>): void {
  if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return
  const target = event.target as HTMLElement
  if (target.closest("button, input, textarea, a, [role=menu]")) return
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>("article.msg")]
  const at = all.indexOf(target.closest("article.msg") as HTMLElement)
  const next = at < 0
    ? (event.key === "ArrowUp" ? all[all.length - 1] : undefined)
    : all[at + (event.key === "ArrowUp" ? -1 : 1)]
  if (!next) return
  event.preventDefault()
  next.focus({ preventScroll: true })
  next.scrollIntoView({ block: "nearest" })
}
