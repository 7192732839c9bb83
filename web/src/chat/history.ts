// What of a log isn't on the page yet and is asked for when somebody looks: older pages, versions, quoted messages.
import type { Entry } from "../shared/net/protocol.ts"
import { RequestError, type Socket } from "../shared/net/socket.ts"
import type { Reader } from "./log.ts"
import { TopicView } from "./topicView.ts"

export class History {
  private readonly socket: Socket
  private readonly reader: Reader

  constructor(socket: Socket, reader: Reader) {
    this.socket = socket
    this.reader = reader
  }

  async loadOlder(view: TopicView, limit = 100): Promise<boolean> {
    if (view.loadingOlder || !view.log.more) return false
    view.loadingOlder = true
    view.olderError = false
    view.signal.touch()
    try {
      const page = await this.socket.request("history", { topic: view.topic, before: view.log.first, limit })
      view.meet(page.people)
      return view.log.prepend(page.entries, page.more && page.entries.length > 0)
    } catch (error) {
      if (!(error instanceof RequestError)) throw error
      view.olderError = true
      return false
    } finally {
      view.loadingOlder = false
      view.signal.touch()
    }
  }

  /** Loads older pages until a row is here. False when it is too far back. */
  async loadUntil(view: TopicView, seq: number): Promise<boolean> {
    for (let page = 0; page < 25 && view.log.first > seq; page++) {
      if (!await this.loadOlder(view, 200)) break
    }
    return view.log.first <= seq
  }

  async versions(view: TopicView, message: number): Promise<Entry[]> {
    const ok = await this.socket.request("versions", { topic: view.topic, message })
    view.meet(ok.people)
    return ok.entries
  }

  /** The message that a reply points to, when it is older than what the log holds. */
  async loadQuote(view: TopicView, seq: number): Promise<void> {
    if (view.quotes.has(seq)) return
    view.quotes.set(seq, "loading")
    try {
      const entries = await this.versions(view, seq)
      const one = new TopicView(view.topic, this.reader).log
      one.reset(entries, entries[entries.length - 1]?.seq ?? 0, null, false)
      view.quotes.set(seq, one.message(seq) ?? "gone")
    } catch (error) {
      if (!(error instanceof RequestError)) throw error
      if (error.temporary) view.quotes.delete(seq)
      else view.quotes.set(seq, "gone")
    }
    view.signal.touch()
  }
}
