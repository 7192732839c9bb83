// What the page says when the server's log is not the one that this page saw before.
import { dateTime } from "../shared/i18n/format.ts"
import { useT } from "../shared/i18n/index.tsx"
import { useSignal } from "../shared/signal.ts"
import { Icon } from "../shared/ui/basics.tsx"
import { useApp } from "./context.tsx"

export function AlarmNote({ topic }: { topic: number }) {
  const t = useT()
  const { chat } = useApp()
  useSignal(chat.memory.signal)
  const alarm = chat.memory.alarm(topic)
  const restored = chat.memory.restored()
  if (!alarm && restored) {
    return (
      <div className="note note--warn alarm" role="status" data-testid="restored">
        <Icon name="info" />
        <div className="grow">
          <b>{t("restored.title")}</b> {t("restored.text", { at: dateTime(Date.parse(restored.at)) })}
        </div>
        <button
          type="button"
          className="link"
          data-testid="restored-dismiss"
          onClick={() => chat.memory.dismissRestored()}
        >
          {t("restored.dismiss")}
        </button>
      </div>
    )
  }
  if (!alarm) return null
  return (
    <div className="note note--danger alarm" role="alert" data-testid="alarm">
      <Icon name="alert" />
      <div>
        <b>{t("alarm.title")}</b> {t(alarm.kind === "changed" ? "alarm.changed" : "alarm.shortened", {
          n: alarm.seq,
          at: dateTime(Date.parse(alarm.at)),
        })} <span className="mono s11">{alarm.was.slice(0, 16)}… → {alarm.is ? `${alarm.is.slice(0, 16)}…` : "—"}</span>
      </div>
    </div>
  )
}
