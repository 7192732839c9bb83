// The documents of one signed-in account's page: uploads, what is known of documents, and the messages that wait for either.
import type { OutboxStore } from "../chat/outboxStore.ts"
import type { TopicView } from "../chat/topicView.ts"
import type { Api } from "../shared/net/api.ts"
import type { Entry } from "../shared/net/protocol.ts"
import { Library } from "./library.ts"
import { Uploads } from "./uploads.ts"

export class Papers {
  readonly library: Library
  readonly uploads: Uploads
  private readonly outbox: OutboxStore
  private readonly pump: () => void

  /** `pump`: a message may have become ready to go. */
  constructor(account: number, api: Api, outbox: OutboxStore, pump: () => void) {
    this.outbox = outbox
    this.pump = pump
    this.library = new Library(api)
    this.uploads = new Uploads(account, api, {
      done: (upload, document) => {
        this.library.hear(document)
        outbox.feed({ type: "uploaded", upload, document: document.document })
        pump()
      },
      refused: (upload, code) => outbox.feed({ type: "uploadRefused", upload, code }),
    })
  }

  start(): void {
    this.uploads.start()
    // Files that the browser did not keep over a reload: their messages say so and ask for them again.
    void this.uploads.ready.then(() => {
      for (const item of this.outbox.items) {
        for (const file of item.files ?? []) {
          if (file.document === undefined && this.uploads.missing(file.upload)) {
            this.outbox.feed({ type: "uploadRefused", upload: file.upload, code: "file_lost" })
          }
        }
      }
    })
  }

  stop(): void {
    this.uploads.stop()
  }

  wipe(): void {
    this.uploads.wipe()
  }

  /** A message is not to be sent: neither are its files. */
  discard(key: string): void {
    for (const file of this.outbox.items.find((item) => item.key === key)?.files ?? []) this.uploads.cancel(file.upload)
  }

  /** The message goes without a file that could not be uploaded, or that is wanted no more. */
  sendWithout(key: string, upload: string): void {
    this.outbox.feed({ type: "without", key, upload })
    this.uploads.cancel(upload)
    this.pump()
  }

  /** A message is in the log: the page needs the bytes of its files no longer. */
  sent(key: string): void {
    for (const file of this.outbox.items.find((item) => item.key === key)?.files ?? []) this.uploads.forget(file.upload)
  }

  /** What this reader may not open any more goes from the page with its files. */
  follow(view: TopicView, entry: Entry): void {
    if (entry.kind === "message") {
      for (const one of entry.documents ?? []) this.library.carried(one.document, entry.seq)
    }
    if (entry.kind !== "delete" && entry.kind !== "redact" && entry.kind !== "erase") return
    if (view.log.message(entry.message)?.body === undefined) this.library.forgetMessage(view.topic, entry.message)
  }
}
