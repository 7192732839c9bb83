// Three panes: the list, the open topic, its details. On a phone one at a time, by the address.
import { useEffect, useRef, useState } from "react"
import { useT } from "../shared/i18n/index.tsx"
import type { InboxTopic } from "../shared/net/protocol.ts"
import { go } from "../shared/router.ts"
import { useSignal } from "../shared/signal.ts"
import { load, save } from "../shared/storage.ts"
import { Empty } from "../shared/ui/basics.tsx"
import { useApp } from "./context.tsx"
import { Details } from "./details.tsx"
import { neighbour } from "./filter.ts"
import { Orgs, type OrgsHandle } from "./orgs.tsx"
import { Work } from "./work.tsx"

const isBoolean = (value: unknown): value is boolean => typeof value === "boolean"
const stored = "1fin:details"

export function ChatPage({ topic }: { topic: number | undefined }) {
  const t = useT()
  const { chat } = useApp()
  useSignal(chat.inboxSignal)
  const [details, setDetails] = useState(() =>
    matchMedia("(min-width: 68.76em)").matches && (load(stored, isBoolean) ?? true)
  )
  const orgs = useRef<OrgsHandle>(null)
  const inbox = chat.inbox
  const known = topic === undefined ? undefined : inbox?.topics.get(topic)

  useEffect(() => {
    if (!inbox) return
    if (topic === undefined) return chat.leave()
    if (!known) return go("/", true)
    // With the message that an address leads to, if it leads to one.
    if (!known.participant) return go(location.pathname.replace(/^\/t\//, "/watch/"), true)
    chat.open(topic)
  }, [chat, inbox === undefined, topic, known === undefined, known?.participant])

  const open = (to: InboxTopic) => go(to.participant ? `/t/${to.topic}` : `/watch/${to.topic}`)
  const toggle = (next: boolean) => {
    setDetails(next)
    if (matchMedia("(min-width: 68.76em)").matches) save(stored, next)
  }

  useEffect(() => {
    const keys = (event: KeyboardEvent) => {
      const typing = event.target instanceof HTMLElement &&
        event.target.closest("input, textarea, select, dialog") !== null
      if ((event.ctrlKey || event.metaKey) && event.code === "KeyK" || (event.key === "/" && !typing)) {
        event.preventDefault()
        orgs.current?.search()
      } else if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
        const next = neighbour(orgs.current?.groups() ?? [], chat.current, event.key === "ArrowDown" ? 1 : -1)
        const to = next === undefined ? undefined : chat.topic(next)
        event.preventDefault()
        if (to) open(to)
      } else if (event.altKey && event.code >= "Digit1" && event.code <= "Digit5") {
        const organisation = chat.current === undefined ? undefined : chat.topic(chat.current)?.organisation
        const group = orgs.current?.groups().find((one) => one.organisation.organisation === organisation) ??
          orgs.current?.groups()[0]
        const to = group?.topics[Number(event.code.slice(5)) - 1]
        event.preventDefault()
        if (to) open(to)
      } else if (event.key === "Escape" && !typing && details && matchMedia("(max-width: 68.75em)").matches) {
        toggle(false)
      }
    }
    addEventListener("keydown", keys)
    return () => removeEventListener("keydown", keys)
  })

  const pane = topic === undefined ? "list" : details && matchMedia("(max-width: 45em)").matches ? "details" : "log"
  return (
    <main className="chat" data-pane={pane} data-details={details && known ? true : undefined}>
      <Orgs handle={orgs} onOpen={open} />
      {known?.participant && topic !== undefined && chat.current === topic
        ? (
          <>
            <Work
              key={topic}
              topic={topic}
              details={details}
              onDetails={() => toggle(!details)}
              onBack={() => go("/")}
            />
            {details ? <Details view={chat.view(topic)} onClose={() => toggle(false)} /> : null}
          </>
        )
        : (
          <section className="work work--none">
            {inbox && inbox.topics.size > 0
              ? <Empty icon="chat" title={t("chat.choose")} text={t("chat.choose.text")} />
              : null}
          </section>
        )}
    </main>
  )
}
