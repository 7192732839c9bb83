// What is answered while the user waits: closing, pausing, reopening and rating a case, a step of the work on a document, hiding a
// message. A repetition
// after `offline` uses the same key.
import type { WorkState } from "../documents/record.ts"
import type { Socket } from "../shared/net/socket.ts"

export class Verbs {
  private readonly socket: Socket

  constructor(socket: Socket) {
    this.socket = socket
  }

  /** `dismiss`: a client waits, and no answer is needed. */
  close(topic: number, key: string, dismiss = false): Promise<unknown> {
    return this.socket.request("close", dismiss ? { topic, key, answer: "none" } : { topic, key })
  }
  pause(topic: number, wanted: string, key: string): Promise<unknown> {
    return this.socket.request("pause", { topic, key, body: wanted })
  }
  /** Staff end a pause; a client rejects it and says why. */
  resume(topic: number, reason: string | undefined, key: string): Promise<unknown> {
    return this.socket.request("resume", reason === undefined ? { topic, key } : { topic, key, reason })
  }
  reopen(topic: number, key: string): Promise<unknown> {
    return this.socket.request("reopen", { topic, key })
  }
  rate(topic: number, number: number, stars: number, comment: string, key: string): Promise<unknown> {
    const fields = { topic, case: number, stars, key }
    return this.socket.request("rate", comment ? { ...fields, comment } : fields)
  }
  redact(topic: number, message: number, reason: string, key: string): Promise<unknown> {
    return this.socket.request("redact", { topic, message, reason, key })
  }
  mark(topic: number, document: number, state: WorkState, reason: string, key: string): Promise<unknown> {
    const fields = { topic, document, state, key }
    return this.socket.request("mark", reason ? { ...fields, reason } : fields)
  }
}
