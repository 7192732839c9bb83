// A message's text: links are real links, opened without referrer; seen by a ghost they ask first.
import { createContext, memo, useContext } from "react"
import { linkify } from "../shared/text.ts"

/** Set in a ghost view: called instead of opening a link. */
export const LinkGuard = createContext<((href: string) => void) | undefined>(undefined)

export const MessageText = memo(function MessageText({ text }: { text: string }) {
  const guard = useContext(LinkGuard)
  return (
    <>
      {linkify(text).map((piece, i) =>
        piece.href === undefined ? piece.text : (
          <a
            key={i}
            href={piece.href}
            target="_blank"
            rel="noopener noreferrer nofollow"
            referrerPolicy="no-referrer"
            onClick={guard && ((event) => {
              event.preventDefault()
              guard(piece.href ?? "")
            })}
            onAuxClick={guard && ((event) => event.preventDefault())}
          >
            {piece.text}
          </a>
        )
      )}
    </>
  )
})
