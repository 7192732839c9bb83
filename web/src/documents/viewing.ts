// What the viewer shows: set from a card or the gallery, rendered once for the whole page.
import type { TopicView } from "../chat/topicView.ts"
import { Cell } from "../shared/signal.ts"

export interface Shown {
  id: number
  name: string
  type: string
  size: number
}

export interface Viewing {
  view: TopicView
  list: readonly Shown[]
  at: number
}

export const viewing = new Cell<Viewing | undefined>(undefined)
