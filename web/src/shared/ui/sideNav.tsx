// The pages of a part of the product, beside the one that is shown; on a phone in a row above it.
import { type ReactNode, useEffect, useRef } from "react"
import { Icon } from "./basics.tsx"
import { Link } from "./link.tsx"

interface NavProps {
  label: string
  /** Names the page that is shown. */
  shown: string
  children: ReactNode
}
export function SideNav({ label, shown, children }: NavProps) {
  const nav = useRef<HTMLElement>(null)
  // On a phone the row is wider than the screen.
  useEffect(() => {
    nav.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" })
  }, [shown])
  return (
    <nav ref={nav} className="nav" aria-label={label}>
      <div className="nav__t">{label}</div>
      {children}
    </nav>
  )
}

interface LinkProps {
  to: string
  icon: string
  label: string
  current: boolean
  /** At its end. */
  count?: number | undefined
  testid: string
}
export function SideLink({ to, icon, label, current, count, testid }: LinkProps) {
  return (
    <Link to={to} aria-current={current ? "page" : undefined} testid={testid}>
      <Icon name={icon} />
      {label}
      {count === undefined ? null : <span className="end t3 num s12">{count}</span>}
    </Link>
  )
}
