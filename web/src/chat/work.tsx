// The open topic: its head, its log, the composer, and what one may do with its case.
import { Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react"
import { useDrop } from "../documents/drop.tsx"
import { useT } from "../shared/i18n/index.tsx"
import type { EntryDocument } from "../shared/net/protocol.ts"
import { RequestError } from "../shared/net/socket.ts"
import { useSignal } from "../shared/signal.ts"
import { uuid } from "../shared/uuid.ts"
import { Icon, IconButton } from "../shared/ui/basics.tsx"
import { Boundary, later } from "../shared/ui/boundary.tsx"
import { toast } from "../shared/ui/toast.tsx"
import { AlarmNote } from "./alarm.tsx"
import { Confirm } from "./caseDialogs.tsx"
import { Composer, type ComposerHandle } from "./composer.tsx"
import { useApp } from "./context.tsx"
import { LogPane } from "./logPane.tsx"
import type { Message } from "./log.ts"
import { caseRights } from "./rights.ts"
import { Waiting } from "./waiting.tsx"
import { errorText, topicIcon, topicName } from "./words.ts"

const clockDialogs = later(() => import("../clocks/dialogs.tsx"))

interface Props {
  topic: number
  details: boolean
  onDetails: () => void
  onBack: () => void
}

export function Work({ topic, details, onDetails, onBack }: Props) {
  const t = useT()
  const { chat } = useApp()
  useSignal(chat.inboxSignal)
  const view = useMemo(() => chat.view(topic), [chat, topic])
  useSignal(view.signal)
  const composer = useRef<ComposerHandle>(null)
  const [asking, setAsking] = useState<"close" | "dismiss" | "pause" | "reject" | "reopen" | Message>()
  const inbox = chat.topic(topic)
  const current = inbox?.case ?? view.case
  const organisation = inbox ? chat.inbox?.organisations.get(inbox.organisation) : undefined
  const write = inbox?.write ?? view.write
  // The role here; until the topic has said who takes part in it, the account's own.
  const role = view.people.get(chat.me)?.role ?? chat.role
  const may = caseRights(role, write, current ?? null, Date.now())
  const name = inbox ? topicName(t, inbox.kind) : ""

  const subtitle = [
    organisation?.name,
    current && t("case.n.small", { n: current.case }),
    current && current.state !== "open" && t(`case.state.${current.state}`).toLowerCase(),
  ].filter(Boolean).join(" · ")

  useEffect(() => {
    // A phone's keyboard would cover the log that one came to read.
    if (matchMedia("(min-width: 45.01em)").matches) composer.current?.focus()
  }, [topic])

  const reply = useCallback((message: Message) => composer.current?.reply(message), [])
  const edit = useCallback((message: Message) => composer.current?.edit(message), [])
  const remove = useCallback((message: Message) => setAsking(message), [])
  const reopen = useCallback(() => setAsking("reopen"), [])
  const reject = useCallback(() => setAsking("reject"), [])
  const waits = (inbox?.waitingSince ?? null) !== null
  const paused = view.log.pause() !== undefined
  const resume = () => {
    chat.verbs.resume(topic, undefined, uuid()).catch((raw: unknown) => {
      toast(errorText(t, raw instanceof RequestError ? raw.code : "unknown"), "error")
    })
  }
  const replace = useCallback((document: EntryDocument) => composer.current?.replace(document), [])
  const actions = useMemo(() => ({ reply, edit, remove, replace }), [reply, edit, remove, replace])
  const drop = useDrop(write ? (files) => composer.current?.attach(files) : undefined)
  const editLast = () => {
    const items = view.log.items()
    for (let i = items.length - 1; i >= 0; i--) {
      const item = items[i]
      if (item?.type !== "message" || item.message.by !== chat.me) continue
      const message = item.message
      if (message.deleted || message.redacted || message.body === undefined) continue
      if (current?.state === "open" && message.case === current.case) edit(message)
      else toast(t("error.case_closed"), "error")
      return
    }
  }
  return (
    <section className="work" aria-label={name} data-testid="work" {...drop.handlers}>
      <header className="head">
        <IconButton icon="left" label={t("back")} className="back" onClick={onBack} data-testid="back" />
        <span className="accent">
          <Icon name={inbox ? topicIcon[inbox.kind] : "chat"} size={20} />
        </span>
        <div className="grow">
          <h1 className="cut">{name}</h1>
          <div className="sub cut">
            {subtitle}
          </div>
        </div>
        {inbox?.waitingSince ? <Waiting topic={topic} since={inbox.waitingSince} long /> : null}
        {may.close || may.reopen ? <span className="vr" /> : null}
        {may.pause && (waits || paused)
          ? (
            <button
              type="button"
              className="btn btn--md case-btn"
              data-testid={paused ? "resume-case" : "pause-case"}
              onClick={() => paused ? resume() : setAsking("pause")}
              aria-label={t(paused ? "case.resume" : "case.pause")}
              title={t(paused ? "case.resume" : "case.pause")}
            >
              <Icon name={paused ? "right" : "pause"} />
            </button>
          )
          : null}
        {may.close
          ? (
            <button
              type="button"
              className="btn btn--md case-btn"
              data-testid="close-case"
              onClick={() => setAsking(waits ? "dismiss" : "close")}
              aria-label={t("case.close")}
            >
              <Icon name="check" />
              <span className="wide">{t("case.close")}</span>
            </button>
          )
          : null}
        {may.reopen
          ? (
            <button
              type="button"
              className="btn btn--md case-btn"
              data-testid="reopen-case"
              onClick={reopen}
              aria-label={t("case.reopen")}
            >
              <Icon name="undo" />
              <span className="wide">{t("case.reopen")}</span>
            </button>
          )
          : null}
        <IconButton
          icon="info"
          label={t("details")}
          size="md"
          aria-pressed={details}
          data-testid="details-toggle"
          onClick={onDetails}
        />
      </header>
      <AlarmNote topic={topic} />
      {drop.overlay}
      <LogPane
        key={topic + (view.log.head > 0 ? "" : "-")}
        view={view}
        ghost={false}
        write={write}
        rate={may.rate}
        onReopen={may.reopen ? reopen : undefined}
        onReject={may.reject ? reject : undefined}
        actions={actions}
      />
      {write
        ? (
          <Composer
            key={`c${topic}`}
            view={view}
            handle={composer}
            editLast={editLast}
            onSent={() => {/* The log follows its bottom by itself. */}}
          />
        )
        : (
          <div className="readonly">
            <Icon name="lock" />
            {t("composer.readonly")}
          </div>
        )}
      {asking === "close"
        ? (
          <Confirm
            title={t("case.close.title", { n: current?.case ?? 0 })}
            effects={[t("case.close.effect1"), t("case.close.effect2"), t("case.close.effect3")]}
            button="case.close"
            testid="close-dialog"
            run={(key) => chat.verbs.close(topic, key)}
            onClose={() => setAsking(undefined)}
          />
        )
        : null}
      {asking === "dismiss" || asking === "pause" || asking === "reject"
        ? (
          <Boundary renew={clockDialogs.renew} frame={(content) => <div className="overlay">{content}</div>}>
            <Suspense fallback={null}>
              <clockDialogs.Part
                what={asking}
                topic={topic}
                number={current?.case ?? 0}
                onClose={() => setAsking(undefined)}
              />
            </Suspense>
          </Boundary>
        )
        : null}
      {asking === "reopen"
        ? (
          <Confirm
            title={t("case.reopen.title", { n: current?.case ?? 0 })}
            effects={[t("case.reopen.effect1"), t("case.reopen.effect2")]}
            button="case.reopen"
            testid="reopen-dialog"
            run={(key) => chat.verbs.reopen(topic, key)}
            onClose={() => setAsking(undefined)}
          />
        )
        : null}
      {typeof asking === "object"
        ? (
          <Confirm
            title={t("message.delete.title")}
            effects={[t("message.delete.effect1"), t(chat.staff ? "message.delete.staff" : "message.delete.client")]}
            button="message.delete"
            danger
            testid="delete-dialog"
            run={() => {
              chat.write({ topic, verb: "delete", message: asking.seq })
              return undefined
            }}
            onClose={() => setAsking(undefined)}
          />
        )
        : null}
    </section>
  )
}
