// A link to another page of ours: the page changes without a load, and another tab opens as with any link.
import type { ReactNode } from "react"
import { go } from "../router.ts"

export function Link(props: { to: string; className?: string; testid?: string; children: ReactNode }) {
  const { to, className, testid, children } = props
  return (
    <a
      href={to}
      className={className}
      data-testid={testid}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return
        event.preventDefault()
        go(to)
      }}
    >
      {children}
    </a>
  )
}
