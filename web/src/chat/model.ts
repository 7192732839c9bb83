// The chat of one signed-in account: the socket, the inbox, the topics, the outbox, and how they hang together.
import { Papers } from "../documents/papers.ts"
import { Api, type Session } from "../shared/net/api.ts"
import type { ConnectionState } from "../shared/net/connection.ts"
import type { Entry, InboxTopic, Person, Role, ServerEvent, TopicState } from "../shared/net/protocol.ts"
import { RequestError, Socket } from "../shared/net/socket.ts"
import { flush, Signal } from "../shared/signal.ts"
import { uuid } from "../shared/uuid.ts"
import { Bell } from "./bell.ts"
import { Clocks } from "./clocks.ts"
import { History } from "./history.ts"
import { applyRead, applyTopic, fromSnapshot, gone, type InboxState, strange } from "./inbox.ts"
import type { Reader } from "./log.ts"
import { Memory } from "./memory.ts"
import type { NewItem } from "./outbox.ts"
import { OtherTabs } from "./otherTabs.ts"
import { OutboxStore } from "./outboxStore.ts"
import { Presences } from "./presences.ts"
import { Sender } from "./sender.ts"
import { Subscriptions } from "./subscriptions.ts"
import type { TopicView } from "./topicView.ts"
import { TypingState } from "./typing.ts"
import { Verbs } from "./verbs.ts"
import { Watching } from "./watching.ts"

export interface Hooks {
  /** The session has ended. */
  ended: () => void
  /** Ask REST who is signed in, and as what. */
  probe: () => void
  /** The browser's session is another account's now. */
  stranger: () => void
  /** Another tab of this browser has signed the account out. */
  signedOut: () => void
}

export class Chat {
  readonly me: number
  readonly staff: boolean
  /** The account's first role: most have one only. */
  readonly role: Role | undefined
  /** Gives topics to people: admin and supervisor. */
  readonly assigns: boolean
  readonly reader: Reader
  readonly outbox: OutboxStore
  readonly memory: Memory
  readonly papers: Papers
  readonly clocks: Clocks
  readonly bell: Bell
  readonly presences = new Presences()
  readonly verbs: Verbs
  readonly history: History
  readonly inboxSignal = new Signal()
  readonly connectionSignal = new Signal()
  inbox: InboxState | undefined
  /** Since when the page has been without a connection (ms); 0 while it has one. */
  cutAt = 0
  current: number | undefined
  readonly typists: TypingState
  private readonly hooks: Hooks
  private readonly socket: Socket
  private readonly sender: Sender
  private readonly topics: Subscriptions
  private readonly watching: Watching
  private readonly tabs: OtherTabs
  private inboxAsked = false
  private inboxAgain = false

  constructor(session: Session, url: string, hooks: Hooks, api: Api = new Api()) {
    this.hooks = hooks
    this.me = session.account.id
    const roles = session.memberships.map((membership) => membership.role)
    this.staff = session.memberships.some((membership) => !membership.organisation)
    this.role = roles[0]
    this.assigns = roles.includes("admin") || roles.includes("supervisor")
    this.reader = {
      deleted: roles.includes("admin") || roles.includes("supervisor"),
      redacted: roles.includes("admin"),
    }
    this.outbox = new OutboxStore(this.me)
    this.memory = new Memory(this.me)
    this.socket = new Socket(url, {
      opened: () => void this.askInbox(),
      event: (event) => this.event(event),
      changed: (state) => this.connectionChanged(state),
      ended: () => {
        // An ended session (4001) isn't one's own wish: what was read goes, what was written waits for its account's return.
        this.wipe()
        hooks.ended()
      },
      probe: hooks.probe,
    })
    this.typists = new TypingState((topic, on) => this.socket.typing(topic, on))
    this.tabs = new OtherTabs(this.me, () => {
      this.erase()
      hooks.signedOut()
    })
    this.verbs = new Verbs(this.socket)
    this.papers = new Papers(this.me, api, this.outbox, () => this.sender.pump())
    this.clocks = new Clocks(api, this.staff)
    this.bell = new Bell(api)
    this.history = new History(this.socket, this.reader)
    this.topics = new Subscriptions(this.socket, this.memory, this.reader, {
      adopted: (view, state) => this.adopted(view, state),
      ended: (view) => this.watching.over(view),
    })
    this.watching = new Watching(this.socket, this.topics, this.papers.library)
    const head = (topic: number) => this.topics.get(topic)?.log.head ?? 0
    this.sender = new Sender(this.socket, this.outbox, head, (key) => this.papers.sent(key))
  }

  start(): void {
    this.tabs.start()
    this.socket.start()
    this.papers.start()
    this.clocks.start()
  }
  stop(): void {
    this.tabs.stop()
    this.socket.stop()
    this.papers.stop()
    this.clocks.stop()
    this.bell.stop()
    this.outbox.close()
    this.sender.stop()
  }
  /** One's own wish to leave: nothing that was read or written stays on this device, in any tab. The server has agreed. */
  signOut(): void {
    this.erase()
    this.tabs.left()
  }
  private erase(): void {
    this.stop()
    this.wipe()
    this.papers.wipe()
    this.outbox.wipe()
    this.memory.wipe()
  }
  nudge(): void {
    this.socket.nudge()
  }
  get connection(): ConnectionState {
    return this.socket.state
  }

  // ── Looking things up ──────────────────────────────────────────────────

  view(topic: number): TopicView {
    return this.topics.view(topic)
  }
  topic(id: number): InboxTopic | undefined {
    return this.inbox?.topics.get(id)
  }
  person(account: number | null, view?: TopicView): Person | undefined {
    if (account === null) return undefined
    return view?.people.get(account) ?? this.inbox?.people.get(account)
  }
  // ── Topics ─────────────────────────────────────────────────────────────

  open(topic: number): void {
    if (this.current === topic) return
    this.current = topic
    const view = this.view(topic)
    const inbox = this.topic(topic)
    view.unreadMark = inbox && inbox.unread > 0 ? inbox.mark : undefined
    this.topics.open(topic)
    this.inboxSignal.touch()
  }
  leave(): void {
    this.current = undefined
    this.inboxSignal.touch()
  }
  sync(view: TopicView): Promise<void> {
    return this.topics.sync(view)
  }
  private adopted(view: TopicView, state: TopicState): void {
    this.papers.library.refresh(view.topic)
    this.presences.hear(state.presence)
    for (const account of state.typing) this.typists.set(view.topic, account, true)
    this.outbox.feed({ type: "shown", topic: view.topic, head: view.log.head })
  }

  // ── Writing ────────────────────────────────────────────────────────────

  write(item: Omit<NewItem, "key" | "at">): void {
    this.outbox.feed({ type: "add", item: { ...item, key: uuid(), at: Date.now() } })
    if (item.verb === "send") {
      this.view(item.topic).unreadMark = undefined
      this.typists.stop(item.topic)
    }
    flush()
    this.sender.pump()
  }
  retry(key: string): void {
    this.outbox.feed({ type: "retry", key, newKey: uuid(), at: Date.now() })
    flush()
    this.sender.pump()
  }
  discard(key: string): void {
    this.papers.discard(key)
    this.outbox.feed({ type: "drop", key })
    flush()
  }

  /** Everything up to the log's end has been seen. */
  markRead(view: TopicView): void {
    const topic = this.topic(view.topic)
    const seq = view.log.head
    if (!topic?.participant || view.observation || view.phase !== "live" || topic.mark >= seq) return
    this.socket.request("read", { topic: view.topic, seq }).then(
      (ok) => this.ownRead(view.topic, ok.seq),
      () => {/* Asked again when the log is next seen. */},
    )
  }
  private ownRead(topic: number, seq: number, counted?: number): void {
    if (!this.inbox) return
    const left = this.topics.get(topic)?.log.unreadAfter(seq, this.me)
    this.inbox = applyRead(this.inbox, topic, seq, left, counted)
    this.inboxSignal.touch()
  }

  // ── Ghost ──────────────────────────────────────────────────────────────

  /** Undefined when `left` was aborted before the answer came: then the observation has been ended again. */
  observe(topic: number, reason: string, left?: AbortSignal): Promise<TopicView | undefined> {
    return this.watching.begin(topic, reason, left)
  }
  unobserve(view: TopicView): void {
    this.watching.end(view)
  }

  // ── The socket's side ──────────────────────────────────────────────────

  /** The server knows this page for its own account: what waited may go, and what was open is asked for again. */
  private confirmed(): void {
    this.socket.confirmed = true
    this.watching.connected()
    this.bell.connected()
    this.topics.syncAll()
    this.sender.pump()
  }

  private connectionChanged(state: ConnectionState): void {
    if (state.phase === "open") this.cutAt = 0
    else if (this.cutAt === 0) {
      this.cutAt = Date.now()
      this.topics.cut()
      this.typists.clear()
    }
    this.connectionSignal.touch()
  }

  async askInbox(): Promise<void> {
    if (this.inboxAsked) {
      this.inboxAgain = true
      return
    }
    this.inboxAsked = true
    this.inboxAgain = false
    try {
      const inbox = fromSnapshot(await this.socket.request("inbox", {}))
      // Signed out and in as somebody else in another tab: this page's queue and cache are not that account's.
      if (inbox.account !== this.me) {
        this.stop()
        this.wipe()
        return this.hooks.stranger()
      }
      for (const topic of gone(this.inbox, inbox)) this.lose(topic)
      this.inbox = inbox
      this.memory.checkList(inbox)
      this.clocks.changed()
      this.inboxSignal.touch()
      if (!this.socket.confirmed) this.confirmed()
    } catch (error) {
      if (!(error instanceof RequestError)) throw error
      if (error.code !== "offline") setTimeout(() => void this.askInbox(), 2_000)
    } finally {
      this.inboxAsked = false
    }
    if (this.inboxAgain) await this.askInbox()
  }

  /** A topic that one may not see any more: nothing of it stays. */
  private lose(topic: number): void {
    const view = this.topics.get(topic)
    if (view?.observation) return
    this.topics.forget(topic)
    this.memory.forget(topic)
    this.papers.library.forgetTopic(topic)
    for (const item of this.outbox.of(topic)) this.outbox.feed({ type: "drop", key: item.key })
    if (this.current === topic) this.current = undefined
    view?.signal.touch()
  }

  /** Nothing that was read stays on the page. What was written stays in storage under its account's name, for that account only. */
  private wipe(): void {
    this.topics.clear()
    this.inbox = undefined
    this.current = undefined
    this.typists.clear()
    this.presences.clear()
    this.papers.library.clear()
    this.clocks.clear()
    this.bell.clear()
  }

  private event(event: ServerEvent): void {
    switch (event.event) {
      case "entry":
        return this.entry(event.topic, event.entry)
      case "topic": {
        const { event: _, ...rest } = event
        this.clocks.heard(this.topic(event.topic), rest, event.row?.by === this.me)
        const next = this.inbox && applyTopic(this.inbox, rest)
        if (!next) return void this.askInbox()
        this.inbox = next
        if (strange(next, event)) void this.askInbox()
        const view = this.topics.get(event.topic)
        if (view && event.case) {
          view.case = event.case
          view.signal.touch()
        }
        return this.inboxSignal.touch()
      }
      case "read": {
        const view = this.topics.get(event.topic)
        view?.read(event.account, event.seq, event.at)
        view?.signal.touch()
        if (event.account === this.me) this.ownRead(event.topic, event.seq, event.unread)
        return
      }
      case "typing":
        if (event.on && !this.person(event.account, this.topics.get(event.topic))) void this.askInbox()
        return this.typists.set(event.topic, event.account, event.on)
      case "presence":
        return this.presences.hear([{ account: event.account, online: event.online, seen: event.seen }])
      case "person": {
        const view = this.topics.get(event.topic)
        if (!view) return
        view.participants(event.people)
        this.presences.hear(event.presence ?? [])
        return view.signal.touch()
      }
      case "document":
        return this.papers.library.hear(event.document)
      case "notification":
        return this.bell.hear(event.notification, event.unread)
      case "inbox":
        // A role may have come or gone with it: the rail shows what the session may see.
        this.hooks.probe()
        this.topics.forgetOthers(this.current)
        return void this.askInbox().then(() => {
          if (this.current !== undefined) void this.sync(this.view(this.current))
        })
      case "observation": {
        const view = this.topics.get(event.topic)
        if (view) this.watching.over(view)
        return
      }
      case "lag": {
        const view = this.topics.get(event.topic)
        if (!view) return
        view.phase = "stale"
        return void this.sync(view)
      }
      case "session":
        return
    }
  }

  private entry(topic: number, entry: Entry): void {
    const view = this.topics.get(topic)
    if (!view || view.phase === "empty") return
    const result = view.log.append(entry)
    if (result === "gap") {
      view.phase = "stale"
      return void this.sync(view)
    }
    if (result === "known") return
    // It arrives while nobody looks: the unread line shows where to go on.
    if (topic === this.current && view.unreadMark === undefined && entry.by !== this.me && !document.hasFocus()) {
      view.unreadMark = entry.seq - 1
    }
    view.follow(entry)
    this.papers.follow(view, entry)
    // A quote of what has just been changed or taken back must not go on showing the old words.
    if ("version" in entry && entry.kind !== "message") view.quotes.delete(entry.message)
    if (view.epoch !== undefined) this.memory.remember(topic, entry.seq, entry.hash, view.epoch)
    if (entry.by !== null) this.typists.set(topic, entry.by, false)
    this.outbox.feed({ type: "shown", topic, head: view.log.head })
    view.signal.touch()
  }
}
