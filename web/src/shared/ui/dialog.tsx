// A modal dialog on the browser's own <dialog>: it traps focus, and Esc closes it.
import { type FormEvent, type ReactNode, useEffect, useId, useRef } from "react"
import { useT } from "../i18n/index.tsx"
import { Icon, IconButton } from "./basics.tsx"

interface DialogProps {
  title: string
  onClose: () => void
  /** Something is being done, or would be lost: neither Esc nor the cross closes it. `onRefused` is told when somebody tries. */
  held?: boolean
  onRefused?: () => void
  /** Buttons; Enter in a field presses the submit button among them. */
  foot?: ReactNode
  onSubmit?: (() => void) | undefined
  icon?: string
  kind?: "ghost" | undefined
  wide?: boolean
  testid?: string
  children: ReactNode
}

export function Dialog(
  { title, onClose, held = false, onRefused, foot, onSubmit, icon, kind, wide, testid, children }: DialogProps,
) {
  const t = useT()
  const ref = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    const dialog = ref.current
    if (!dialog || dialog.open) return
    dialog.showModal()
    // The browser would focus the first button, which is the one that closes.
    const first = dialog.querySelector<HTMLElement>("input, textarea, select") ??
      dialog.querySelector<HTMLElement>("[type=submit]")
    first?.focus()
    return () => dialog.close()
  }, [])
  const leave = () => held ? onRefused?.() : onClose()
  const body = (
    <>
      <div className="dialog__head">
        {icon
          ? (
            <span className={kind === "ghost" ? "ghost" : "t3"}>
              <Icon name={icon} size={24} />
            </span>
          )
          : null}
        <h2 id={id}>{title}</h2>
        <IconButton icon="x" label={t("close")} size="sm" iconSize={14} onClick={leave} />
      </div>
      <div className="dialog__body">{children}</div>
      {foot ? <div className="dialog__foot">{foot}</div> : null}
    </>
  )
  return (
    <dialog
      ref={ref}
      className="dialog"
      aria-labelledby={id}
      data-testid={testid}
      data-wide={wide || undefined}
      data-kind={kind}
      onCancel={(event) => {
        event.preventDefault()
        leave()
      }}
      onClose={() => {
        // Browsers let a page say no to Esc once, and then close whatever it says.
        const dialog = ref.current
        if (!dialog?.isConnected || dialog.open) return
        if (held) dialog.showModal()
        leave()
      }}
      onKeyDown={(event) => event.stopPropagation()}
    >
      {onSubmit
        ? (
          <form
            noValidate
            onSubmit={(event: FormEvent) => {
              event.preventDefault()
              onSubmit()
            }}
          >
            {body}
          </form>
        )
        : body}
    </dialog>
  )
}

interface DialogFootProps {
  onClose: () => void
  /** What the button that does it says. */
  submit: string
  /** It is being done: nobody leaves before it is known what became of it. */
  busy: boolean
  /** Whether everything is there that it needs. */
  ready?: boolean
  testid: string
  danger?: boolean
}

/** The two buttons below most dialogs. */
export function DialogFoot({ onClose, submit, busy, ready = true, testid, danger = false }: DialogFootProps) {
  const t = useT()
  return (
    <>
      <button type="button" className="btn" disabled={busy} onClick={onClose}>{t("cancel")}</button>
      <button
        type="submit"
        className={danger ? "btn btn--danger" : "btn btn--primary"}
        disabled={busy || !ready}
        aria-busy={busy}
        data-testid={testid}
      >
        {submit}
      </button>
    </>
  )
}
