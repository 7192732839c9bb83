// The smallest parts: icon, avatar, stars, empty states.
import type { ComponentPropsWithoutRef, ReactNode } from "react"
import { colour, initials } from "../text.ts"

export function Icon({ name, size }: { name: string; size?: 12 | 14 | 20 | 24 | undefined }) {
  return (
    <svg className={size ? `i i--${size}` : "i"} aria-hidden="true">
      <use href={`#${name}`} />
    </svg>
  )
}

interface IconButtonProps extends ComponentPropsWithoutRef<"button"> {
  icon: string
  /** What it does: its name for who can't see the picture, and shown when one points at it. */
  label: string
  size?: "sm" | "md"
  iconSize?: 12 | 14 | 20 | 24
  /** With an edge, like a button with words. */
  plain?: boolean
}

/** A button that says with a picture what it does. */
export function IconButton({ icon, label, size, iconSize, plain, className, ...rest }: IconButtonProps) {
  const look = ["btn", !plain && "btn--quiet", size && `btn--${size}`, "btn--icon", className].filter(Boolean).join(" ")
  return (
    <button type="button" title={label} {...rest} className={look} aria-label={label}>
      <Icon name={icon} size={iconSize} />
    </button>
  )
}

export function Logo() {
  return (
    <svg className="rail__logo" viewBox="0 0 32 32" role="img" aria-label="1fin">
      <use href="#logo" />
    </svg>
  )
}

interface AvatarProps {
  id: number
  name: string
  org?: boolean
  size?: 20 | 24 | 36 | 44
  /** Online, offline, or nothing to say. */
  online?: boolean | undefined
}
export function Avatar({ id, name, org = false, size, online }: AvatarProps) {
  const kind = ["av", org && "av--org", size && `av--${size}`].filter(Boolean).join(" ")
  const on = online === undefined ? {} : { "data-on": online ? "1" : "0" }
  return (
    <span className={kind} data-c={colour(id)} {...on} aria-hidden="true">
      {initials(name)}
    </span>
  )
}

export function Stars({ value, label, large = false }: { value: number; label: string; large?: boolean }) {
  return (
    <span className={large ? "stars stars--lg" : "stars"} role="img" aria-label={label}>
      {[1, 2, 3, 4, 5].map((n) => (
        <svg key={n} className={n <= value ? "i on" : "i"} aria-hidden="true">
          <use href="#star" />
        </svg>
      ))}
    </span>
  )
}

/** What went wrong, where it did; read out at once. */
export function ErrorNote({ children, testid }: { children: ReactNode; testid?: string | undefined }) {
  return (
    <div className="note note--danger" role="alert" data-testid={testid}>
      <Icon name="alert" />
      <span className="grow">{children}</span>
    </div>
  )
}

interface EmptyProps {
  icon: string
  title: string
  text?: string | undefined
  kind?: "danger" | "warn"
  children?: ReactNode
  testid?: string
}
export function Empty({ icon, title, text, kind, children, testid }: EmptyProps) {
  return (
    <div className="empty" data-testid={testid}>
      <span className={kind ?? "t3"}>
        <Icon name={icon} size={24} />
      </span>
      <h2>{title}</h2>
      {text ? <p className="t3">{text}</p> : null}
      {children}
    </div>
  )
}

export function Typing({ text, cut = false }: { text: string; cut?: boolean }) {
  return (
    <span className="typing">
      <span className="dots3" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      <span className={cut ? "cut" : ""}>{text}</span>
    </span>
  )
}

export function Skeleton({ rows }: { rows: number }) {
  return (
    <div className="skeletons" aria-hidden="true">
      {Array.from({ length: rows }, (_, i) => (
        <div className="sk-row" key={i}>
          <span className="sk sk--circle" />
          <span className="grow">
            <span className="sk sk--line" data-w={i % 3} />
            <span className="sk sk--line" data-w={(i + 1) % 3} />
          </span>
        </div>
      ))}
    </div>
  )
}
