// Beginning and ending a viewing on the server, so that none runs on that nobody watches: each is written to the log as long.
import type { TopicState } from "../shared/net/protocol.ts"
import { RequestError, type Socket } from "../shared/net/socket.ts"

export class Observing {
  private readonly socket: Socket
  /** The latest `observe` of each topic. */
  private readonly latest = new Map<number, number>()
  private turns = 0
  /** Of these `observe` the answer was lost with the connection: what they may have begun is ended on the next one. */
  private readonly unanswered = new Set<number>()

  constructor(socket: Socket) {
    this.socket = socket
  }

  /** Undefined when `left` was aborted before the answer came: then it has been ended again. */
  async begin(topic: number, reason: string, left?: AbortSignal): Promise<TopicState | undefined> {
    const turn = ++this.turns
    this.latest.set(topic, turn)
    this.unanswered.delete(topic)
    try {
      const state = await this.socket.request("observe", { topic, reason })
      if (!left?.aborted) return state
      // Unless it was asked for again since: then the later one is wanted, and there is one per topic.
      if (this.latest.get(topic) === turn) this.end(topic)
      return undefined
    } catch (error) {
      if (error instanceof RequestError && error.code === "offline") this.unanswered.add(topic)
      throw error
    }
  }

  end(topic: number): void {
    this.socket.request("unobserve", { topic }).catch(() => {/* It ends by its time at the latest. */})
  }

  connected(): void {
    for (const topic of this.unanswered) this.end(topic)
    this.unanswered.clear()
  }
}
