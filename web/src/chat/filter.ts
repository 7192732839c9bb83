// Which organisations and topics the list shows, in which order, and which of them are unfolded. Pure.
import type { InboxTopic, Organisation } from "../shared/net/protocol.ts"
import { topicKinds } from "../shared/net/protocol.ts"
import { fold } from "../shared/text.ts"
import type { InboxState } from "./inbox.ts"

export type Filter = "all" | "waiting" | "unread"
export interface Group {
  organisation: Organisation
  topics: InboxTopic[]
  unread: number
  /** Something here wants attention: it unfolds by itself. */
  active: boolean
}

/**
 * `risen`: organisations that were active before. They keep their place and stay unfolded after their last message was
 * read, so that nothing moves under the hand that reads it; new ones are added to it.
 */
export function groups(
  inbox: InboxState,
  filter: Filter,
  search: string,
  names: (topic: InboxTopic) => string,
  risen: Set<number>,
): Group[] {
  const query = fold(search)
  const by = new Map<number, InboxTopic[]>()
  for (const topic of inbox.topics.values()) {
    const list = by.get(topic.organisation)
    if (list) list.push(topic)
    else by.set(topic.organisation, [topic])
  }
  const out: Group[] = []
  for (const [id, all] of by) {
    const organisation = inbox.organisations.get(id) ?? { organisation: id, name: `№${id}`, department: null }
    const named = fold(organisation.name).includes(query)
    const topics = all
      .filter((topic) => filter === "all" || (filter === "unread" ? topic.unread > 0 : Boolean(topic.waitingSince)))
      .filter((topic) =>
        query === "" || named || fold(names(topic)).includes(query) || fold(topic.last?.text ?? "").includes(query)
      )
      .sort((a, b) => topicKinds.indexOf(a.kind) - topicKinds.indexOf(b.kind))
    if (all.some((topic) => topic.unread > 0 || Boolean(topic.waitingSince))) risen.add(id)
    if (topics.length === 0) continue
    out.push({
      organisation,
      topics,
      unread: all.reduce((sum, topic) => sum + topic.unread, 0),
      active: risen.has(id),
    })
  }
  return out.sort((a, b) =>
    Number(b.active) - Number(a.active) || a.organisation.name.localeCompare(b.organisation.name)
  )
}

/** The topic before or after one, round the list, in the order in which the list shows them. */
export function neighbour(all: readonly Group[], current: number | undefined, by: 1 | -1): number | undefined {
  const order = all.flatMap((group) => group.topics.map((topic) => topic.topic))
  if (order.length === 0) return undefined
  const at = current === undefined ? -1 : order.indexOf(current)
  return at < 0 ? order[by === 1 ? 0 : order.length - 1] : order[(at + by + order.length) % order.length]
}
