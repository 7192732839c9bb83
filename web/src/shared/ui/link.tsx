// A link to another page of ours: the page changes without a load, and another tab or window opens as with any link.
import type { AnchorHTMLAttributes } from "react"
import { go } from "../router.ts"

interface Props extends Omit<AnchorHTMLAttributes<HTMLAnchorElement>, "href" | "onClick"> {
  to: string
  testid?: string | undefined
  /** What happens instead of going there. */
  onOpen?: () => void
}

export function Link({ to, testid, onOpen = () => go(to), children, ...rest }: Props) {
  return (
    <a
      {...rest}
      href={to}
      data-testid={testid}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return
        event.preventDefault()
        onOpen()
      }}
    >
      {children}
    </a>
  )
}
