// Sends what waits in the outbox, one row per topic at a time, and tells the outbox what became of it.
import { RequestError, type Socket } from "../shared/net/socket.ts"
import type { Appended } from "../shared/net/protocol.ts"
import type { OutboxItem } from "./outbox.ts"
import type { OutboxStore } from "./outboxStore.ts"

export class Sender {
  private timer: ReturnType<typeof setTimeout> | undefined
  private refusals = 0
  private readonly socket: Socket
  private readonly outbox: OutboxStore
  /** How far a topic's log on this page has come. */
  private readonly headOf: (topic: number) => number
  /** A message has arrived. */
  private readonly acked: (key: string) => void

  constructor(
    socket: Socket,
    outbox: OutboxStore,
    headOf: (topic: number) => number,
    acked: (key: string) => void = () => {},
  ) {
    this.acked = acked
    this.socket = socket
    this.outbox = outbox
    this.headOf = headOf
  }

  stop(): void {
    clearTimeout(this.timer)
  }

  pump(): void {
    if (!this.socket.ready) return
    for (const item of this.outbox.due()) {
      this.outbox.feed({ type: "sent", key: item.key })
      this.post(item).then((ok) => {
        this.refusals = 0
        this.acked(item.key)
        this.outbox.feed({ type: "acked", key: item.key, seq: ok.seq, at: ok.at })
        this.outbox.feed({ type: "shown", topic: item.topic, head: this.headOf(item.topic) })
        this.pump()
      }, (error: unknown) => {
        if (!(error instanceof RequestError)) throw error
        this.outbox.feed({ type: "refused", key: item.key, code: error.code, temporary: error.temporary })
        if (!error.temporary) return this.pump()
        if (error.code === "offline") return
        clearTimeout(this.timer)
        this.timer = setTimeout(() => this.pump(), Math.min(10_000, 500 * 2 ** this.refusals++))
      })
    }
  }

  private post(item: OutboxItem): Promise<Appended> {
    const { topic, key, body = "", message = 0 } = item
    switch (item.verb) {
      case "edit":
        return this.socket.request("edit", { topic, message, key, body })
      case "delete":
        return this.socket.request("delete", { topic, message, key })
      case "send":
        return this.socket.request("send", {
          topic,
          key,
          body,
          ...(item.reply === undefined ? {} : { reply: item.reply }),
          ...(item.holding ? { holding: true } : {}),
          ...(item.files ? { documents: item.files.flatMap((file) => file.document ?? []) } : {}),
        })
    }
  }
}
