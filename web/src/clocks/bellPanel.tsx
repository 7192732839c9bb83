// The bell's lines. What a line says is made here of its kind and details; a kind that this page doesn't know is named.
import { useEffect, useState } from "react"
import { faultPlace } from "../audit/faults.ts"
import { useApp } from "../chat/context.tsx"
import { topicName, when } from "../chat/words.ts"
import { fromIsoDay } from "../shared/i18n/format.ts"
import { useT } from "../shared/i18n/index.tsx"
import type { NotificationRecord } from "../shared/net/protocol.ts"
import { go } from "../shared/router.ts"
import { useSignal } from "../shared/signal.ts"
import { Empty, Icon, Skeleton } from "../shared/ui/basics.tsx"
import { Dialog } from "../shared/ui/dialog.tsx"
import { toast } from "../shared/ui/toast.tsx"
import { hasWord, useWords, type Words } from "./words.ts"

const icons: Readonly<Record<string, string>> = {
  "wait.soon": "clock",
  "wait.late": "alert",
  "pause.wanted": "pause",
  "pause.rejected": "undo",
  "case.dismissed": "check",
  "case.silent": "star",
  "case.silent_miss": "alert",
  "assignment.new": "chain",
  "session.new": "device",
  "recovery.use": "alert",
  "contest.create": "chart",
  "contest.answer": "chart",
  "audit.alarm": "alert",
  "erasure.create": "minus",
  "erasure.confirm": "minus",
  "erasure.refuse": "minus",
}

/** Where a line leads that isn't about what is said in a topic. */
function pageOf(line: NotificationRecord): string | undefined {
  if (line.kind.startsWith("erasure.")) return "/watch/erasures"
  if (line.kind === "audit.alarm") return "/audit/integrity"
  return line.kind.startsWith("contest.") ? `/kpi/bonuses/${String(line.detail["month"] ?? "")}` : undefined
}

/** Days and months as people write them; all else as it is. */
function shown(value: unknown): string {
  const text = String(value)
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return fromIsoDay(text)
  const month = /^(\d{4})-(\d\d)$/.exec(text)
  return month ? `${month[2]}.${month[1]}` : text
}

function sentence(w: Words, line: NotificationRecord): string {
  const key = `bell.${line.kind}`
  const params = Object.fromEntries(
    Object.entries(line.detail).map(([name, value]) => [
      name,
      name === "place" ? faultPlace(String(value), w.language) : shown(value),
    ]),
  )
  return hasWord(key) ? w(key, params) : w("bell.other", { kind: line.kind })
}

export default function BellPanel({ onClose }: { onClose: () => void }) {
  const t = useT()
  const w = useWords()
  const { chat } = useApp()
  const { bell } = chat
  useSignal(bell.signal)
  const [now] = useState(() => Date.now())
  useEffect(() => void bell.ask(true), [bell])
  const fail = () => toast(w("bell.failed"), "error")
  const open = (line: NotificationRecord) => {
    if (line.readAt === null) bell.read([line.id]).catch(fail)
    const page = pageOf(line)
    if (page !== undefined) {
      go(page)
      return onClose()
    }
    if (line.topic === null) return
    const takesPart = chat.topic(line.topic)?.participant
    go(takesPart ? `/t/${line.topic}` : `/watch/${line.topic}`)
    onClose()
  }
  return (
    <Dialog title={w("bell.title")} icon="bell" onClose={onClose} testid="bell-panel">
      {bell.unread > 0 && bell.items
        ? (
          <button
            type="button"
            className="link s12"
            data-testid="bell-read"
            onClick={() => void bell.readAll().catch(fail)}
          >
            {w("bell.readAll")}
          </button>
        )
        : null}
      {!bell.items
        ? (bell.failed
          ? (
            <Empty icon="alert" kind="danger" title={w("bell.failed")} text="">
              <button type="button" className="btn" onClick={() => void bell.ask(true)}>
                <Icon name="sync" />
                {t("retry")}
              </button>
            </Empty>
          )
          : <Skeleton rows={4} />)
        : bell.items.length === 0
        ? <Empty icon="bell" title={w("bell.empty")} text={w("bell.empty.text")} testid="bell-empty" />
        : (
          <ul className="bell">
            {bell.items.map((line) => {
              const topic = line.topic === null ? undefined : chat.topic(line.topic)
              const place = topic && [
                chat.inbox?.organisations.get(topic.organisation)?.name,
                topicName(t, topic.kind),
              ].filter(Boolean).join(" · ")
              return (
                <li key={line.id}>
                  <button
                    type="button"
                    data-testid="bell-line"
                    data-kind={line.kind}
                    data-unread={line.readAt === null || undefined}
                    onClick={() => open(line)}
                  >
                    <Icon name={icons[line.kind] ?? "info"} />
                    <span className="grow">
                      <span className="block">{sentence(w, line)}</span>
                      <span className="t3 s12 block">
                        {[place, when(t, Date.parse(line.at), now)].filter(Boolean).join(" · ")}
                      </span>
                    </span>
                  </button>
                </li>
              )
            })}
          </ul>
        )}
      {bell.next === null
        ? null
        : (
          <button type="button" className="btn btn--sm" onClick={() => void bell.more().catch(fail)}>
            {w("bell.more")}
          </button>
        )}
    </Dialog>
  )
}
