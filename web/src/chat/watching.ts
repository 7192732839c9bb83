// A ghost's side of the chat: what is shown inside an observation, and that nothing of it stays after it.
import type { Library } from "../documents/library.ts"
import type { Socket } from "../shared/net/socket.ts"
import { Observing } from "./observing.ts"
import type { Subscriptions } from "./subscriptions.ts"
import type { TopicView } from "./topicView.ts"

export class Watching {
  private readonly observing: Observing
  private readonly topics: Subscriptions
  private readonly library: Library

  constructor(socket: Socket, topics: Subscriptions, library: Library) {
    this.observing = new Observing(socket)
    this.topics = topics
    this.library = library
  }

  /** Undefined when `left` was aborted before the answer came: then the observation has been ended again. */
  async begin(topic: number, reason: string, left?: AbortSignal): Promise<TopicView | undefined> {
    const state = await this.observing.begin(topic, reason, left)
    if (!state) return undefined
    const view = this.topics.renew(topic)
    view.observation = {
      reason,
      until: Date.parse(state.observation?.until ?? "") || Date.now() + 30 * 60_000,
      since: Date.now(),
      ended: false,
    }
    this.topics.adopt(view, state, undefined)
    return view
  }
  end(view: TopicView): void {
    this.topics.forgetView(view)
    if (view.observation?.ended) return
    this.observing.end(view.topic)
    this.over(view)
  }
  /** The observation is over, by whatever: what was shown inside it may not stay on the page. */
  over(view: TopicView): void {
    if (!view.observation || view.observation.ended) return
    view.observation = { ...view.observation, ended: true }
    view.log.reset([], 0, null, false)
    this.library.forgetTopic(view.topic)
    view.epoch = undefined
    view.signal.touch()
  }
  /** Ends what was begun over a connection that was lost before it could say so. */
  connected(): void {
    this.observing.connected()
  }
}
