// The line at the top while there is no connection: what is shown is a copy, how old it is, and what happens next.
import { clock, time } from "../shared/i18n/format.ts"
import { useT } from "../shared/i18n/index.tsx"
import { useNow } from "../shared/clock.ts"
import { useSignal } from "../shared/signal.ts"
import { Icon } from "../shared/ui/basics.tsx"
import { useApp } from "./context.tsx"

export function Banner() {
  const t = useT()
  const { chat } = useApp()
  useSignal(chat.connectionSignal)
  const waits = useSignal(chat.outbox.signal) >= 0 && chat.outbox.items.some((item) => item.state === "waiting")
  const now = useNow(1_000)
  const { phase, retryAt } = chat.connection
  // A blink of a reconnection isn't worth a line that pushes the page down.
  if (phase === "open" || phase === "idle" || chat.cutAt === 0 || now - chat.cutAt < 1_200) return null
  const left = Math.max(0, Math.ceil((retryAt - performance.now()) / 1000))
  const minutes = Math.floor((now - chat.cutAt) / 60_000)
  return (
    <div className="offline" role="status" data-testid="offline" data-phase={phase}>
      <Icon name={phase === "offline" ? "wifioff" : "sync"} />
      <span>
        {phase === "offline"
          ? t("net.offline")
          : phase === "connecting" || left === 0
          ? t("net.connecting")
          : t("net.waiting", { n: left })}{" "}
        <span className="wide">
          {minutes > 0
            ? t("net.copyAge", { at: time(chat.cutAt), age: clock(now - chat.cutAt) })
            : t("net.copy", { at: time(chat.cutAt) })}
        </span>
        {waits ? <span className="wide">{t("net.queued")}</span> : null}
      </span>
      {phase === "waiting"
        ? (
          <button type="button" className="link" onClick={() => chat.nudge()} data-testid="reconnect">
            {t("net.now")}
          </button>
        )
        : null}
    </div>
  )
}
