// What arrives in a topic, for those who hear the page.
import { useEffect, useRef, useState } from "react"
import { useT } from "../shared/i18n/index.tsx"
import { useApp } from "./context.tsx"
import type { TopicView } from "./topicView.ts"
import { personName } from "./words.ts"

/** Reads out what arrives, and nothing of what scrolling brings up. */
export function Announcer({ view, revision }: { view: TopicView; revision: number }) {
  const t = useT()
  const { chat } = useApp()
  const seen = useRef(view.log.head)
  const [text, setText] = useState("")
  useEffect(() => {
    const fresh = view.log.items().filter((item) => item.seq > seen.current && item.type === "message")
    seen.current = view.log.head
    const last = fresh[fresh.length - 1]
    if (last?.type !== "message" || last.message.by === chat.me || last.message.body === undefined) return
    setText(
      `${personName(t, chat.person(last.message.by, view), last.message.staff, last.message.by)}: ${
        [last.message.documents.map((one) => one.name).join(", "), last.message.body].filter(Boolean).join(". ")
      }`,
    )
  }, [view, revision, chat, t])
  // Read out once: what is taken back later must not stay here.
  useEffect(() => {
    const timer = setTimeout(() => setText(""), 5_000)
    return () => clearTimeout(timer)
  }, [text])
  return <div className="sr" aria-live="polite" data-testid="announcer">{text}</div>
}
