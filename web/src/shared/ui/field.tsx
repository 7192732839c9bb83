// A labelled field with its hint or error beneath, tied together for screen readers.
import {
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useId,
  useState,
} from "react"
import { useT } from "../i18n/index.tsx"
import { Icon, IconButton } from "./basics.tsx"

interface Common {
  label: string
  error?: string | undefined
  hint?: string | undefined
  testid?: string
}

interface FrameProps extends Common {
  id: string
  className?: string
  children: ReactNode
}
/** Around what is typed or chosen: its label above it, what is to be said of it beneath. */
export function Frame({ id, label, error, hint, className = "field", children }: FrameProps) {
  return (
    <div className={className} data-invalid={error ? true : undefined}>
      <label htmlFor={id}>{label}</label>
      {children}
      {error
        ? (
          <span className="hint" id={`${id}-hint`} role="alert">
            <Icon name="alert" size={14} />
            {error}
          </span>
        )
        : hint
        ? <span className="hint" id={`${id}-hint`}>{hint}</span>
        : null}
    </div>
  )
}

export function Field({ label, error, hint, testid, ...input }: Common & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId()
  return (
    <Frame id={id} label={label} error={error} hint={hint}>
      <input
        className="input"
        {...input}
        id={id}
        data-testid={testid}
        aria-invalid={error ? true : undefined}
        aria-describedby={error || hint ? `${id}-hint` : undefined}
      />
    </Frame>
  )
}

/** A field of several lines. */
export function TextField(
  { label, error, hint, testid, ...area }: Common & TextareaHTMLAttributes<HTMLTextAreaElement>,
) {
  const id = useId()
  return (
    <Frame id={id} label={label} error={error} hint={hint}>
      <textarea
        className="input area"
        {...area}
        id={id}
        data-testid={testid}
        aria-invalid={error ? true : undefined}
        aria-describedby={error || hint ? `${id}-hint` : undefined}
      />
    </Frame>
  )
}

export function PasswordField(
  { label, error, hint, testid, ...input }: Common & InputHTMLAttributes<HTMLInputElement>,
) {
  const t = useT()
  const id = useId()
  const [shown, setShown] = useState(false)
  return (
    <Frame id={id} label={label} error={error} hint={hint}>
      <div className="pw">
        <input
          className="input"
          {...input}
          type={shown ? "text" : "password"}
          id={id}
          data-testid={testid}
          aria-invalid={error ? true : undefined}
          aria-describedby={error || hint ? `${id}-hint` : undefined}
        />
        <IconButton
          icon="eye"
          label={t(shown ? "password.hide" : "password.show")}
          aria-pressed={shown}
          data-testid="password-show"
          onClick={() => setShown(!shown)}
        />
      </div>
    </Frame>
  )
}

export function Select(
  { label, error, hint, testid, children, ...select }: Common & SelectHTMLAttributes<HTMLSelectElement>,
) {
  const id = useId()
  return (
    <Frame id={id} label={label} error={error} hint={hint}>
      <select
        className="select"
        {...select}
        id={id}
        data-testid={testid}
        aria-invalid={error ? true : undefined}
        aria-describedby={error || hint ? `${id}-hint` : undefined}
      >
        {children}
      </select>
    </Frame>
  )
}

interface CheckProps {
  label: string
  checked: boolean
  onCheck: (checked: boolean) => void
  className?: string
  testid?: string
}
/** A box that is ticked or not, and what that means. */
export function Check({ label, checked, onCheck, className = "row", testid }: CheckProps) {
  return (
    <label className={className}>
      <input
        type="checkbox"
        className="check"
        checked={checked}
        data-testid={testid}
        onChange={(event) => onCheck(event.target.checked)}
      />
      <span>{label}</span>
    </label>
  )
}
