// Parts that several pages about people need.
import { type ReactNode, useMemo } from "react"
import qrcode from "qrcode-generator"
import { dateTime } from "../shared/i18n/format.ts"
import { useT } from "../shared/i18n/index.tsx"
import { Icon } from "../shared/ui/basics.tsx"
import { toast } from "../shared/ui/toast.tsx"
import { linkAddress, type MadeLink } from "./calls.ts"

/** A QR code as one path: sharp at every size, dark on light in both themes, because readers want it so. */
export function QRCode({ text, label }: { text: string; label: string }) {
  const { size, path } = useMemo(() => {
    const code = qrcode(0, "M")
    code.addData(text)
    code.make()
    const size = code.getModuleCount()
    let path = ""
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) if (code.isDark(y, x)) path += `M${x} ${y}h1v1h-1z`
    }
    return { size, path }
  }, [text])
  return (
    <svg
      className="qr"
      role="img"
      aria-label={label}
      viewBox={`-4 -4 ${size + 8} ${size + 8}`}
      shapeRendering="crispEdges"
      data-testid="qr"
    >
      <rect x="-4" y="-4" width={size + 8} height={size + 8} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  )
}

/** Copies, says whether it worked, and goes on only when it did. */
export function useCopy(): (text: string, then?: () => void) => void {
  const t = useT()
  return (text, then) =>
    void (navigator.clipboard?.writeText(text) ?? Promise.reject(new Error("no clipboard"))).then(
      () => {
        toast(t("copied"))
        then?.()
      },
      () => toast(t("copyFailed"), "error"),
    )
}

/** A link that was just made, to be handed on. */
export function MadeLinkBox({ made }: { made: MadeLink }) {
  const t = useT()
  const copy = useCopy()
  const address = linkAddress(made.token)
  return (
    <div className="made" data-testid="made-link">
      <div className="note note--accent">
        <Icon name="info" />
        <span>{t("people.invite.made")}</span>
      </div>
      <div className="made__row">
        <input
          className="input"
          readOnly
          value={address}
          aria-label={t("people.link.title")}
          data-testid="made-link-address"
          onFocus={(event) => event.target.select()}
        />
        <button type="button" className="btn btn--primary" data-testid="made-link-copy" onClick={() => copy(address)}>
          {t("people.invite.copy")}
        </button>
      </div>
      <p className="hint">{t("people.link.until", { when: dateTime(Date.parse(made.expiresAt)) })}</p>
    </div>
  )
}

/** A page of one card in the middle, for whoever isn't in yet. */
export function Card({ title, testid, children }: { title: string; testid: string; children: ReactNode }) {
  return (
    <main className="door" data-testid={testid}>
      <div className="door__card">
        <h1>{title}</h1>
        {children}
      </div>
    </main>
  )
}
