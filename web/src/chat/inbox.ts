// The list of topics as a pure fold: a snapshot, then events. Snapshot + events must equal a fresh snapshot.
import type { Inbox, InboxTopic, Organisation, Person, TopicEvent } from "../shared/net/protocol.ts"

export interface InboxState {
  epoch: string
  account: number
  organisations: ReadonlyMap<number, Organisation>
  topics: ReadonlyMap<number, InboxTopic>
  people: ReadonlyMap<number, Person>
}

export function fromSnapshot(inbox: Inbox): InboxState {
  return {
    epoch: inbox.epoch,
    account: inbox.account,
    organisations: new Map(inbox.organisations.map((one) => [one.organisation, one])),
    topics: new Map(inbox.topics.map((one) => [one.topic, one])),
    people: new Map(inbox.people.map((one) => [one.account, one])),
  }
}

function put(state: InboxState, topic: InboxTopic): InboxState {
  return { ...state, topics: new Map(state.topics).set(topic.topic, topic) }
}

/** A row was appended somewhere. Undefined when the topic isn't known: then the inbox must be asked again. */
export function applyTopic(state: InboxState, event: TopicEvent): InboxState | undefined {
  const old = state.topics.get(event.topic)
  if (!old) return undefined
  const { row, ...rest } = event
  const topic: InboxTopic = {
    ...old,
    ...rest,
    mark: old.mark,
    unread: old.unread,
    head: Math.max(old.head, event.head),
  }
  if (event.waitingSince === undefined) delete topic.waitingSince
  // A row at or below the head was in the snapshot already and must not count twice.
  if (row && row.kind === "message" && row.seq > old.head && topic.participant) {
    if (row.by === state.account) {
      // Sending moves one's own mark if one had read everything before it.
      if (old.mark >= row.seq - 1) topic.mark = row.seq
    } else if (row.seq > old.mark) topic.unread = Math.min(topic.unread + 1, 1000)
  }
  return put(state, topic)
}

/** Whether the event names somebody whom the list does not know: whoever only watches isn't told who comes to a topic. */
export function strange(state: InboxState, event: TopicEvent): boolean {
  return [event.last?.by, event.case?.closedBy].some((account) =>
    typeof account === "number" && !state.people.has(account)
  )
}

/**
 * One's own read mark moved, here or on another device. `left`: messages of others past it, if that is known. `counted`: the same as the server counted
 * it for an event, which comes after all rows that it counts: it holds also when the mark is known from the answer already.
 */
export function applyRead(
  state: InboxState,
  topicId: number,
  seq: number,
  left: number | undefined,
  counted?: number,
): InboxState {
  const old = state.topics.get(topicId)
  if (!old || seq < old.mark) return state
  if (counted !== undefined) return put(state, { ...old, mark: seq, unread: counted })
  if (seq === old.mark) return state
  const unread = seq >= old.head ? 0 : Math.min(old.unread, left ?? old.unread)
  return put(state, { ...old, mark: seq, unread })
}

/** Topics that one had and has no more. */
export function gone(before: InboxState | undefined, after: InboxState): number[] {
  if (!before) return []
  return [...before.topics.values()]
    .filter((topic) => {
      const now = after.topics.get(topic.topic)
      return !now || (topic.participant && !now.participant)
    })
    .map((topic) => topic.topic)
}

export const unreadTotal = (state: InboxState | undefined): number => {
  let sum = 0
  for (const topic of state?.topics.values() ?? []) sum += topic.unread
  return sum
}
