// The bell: what events tell and what REST answers come together, whichever is first.
import { Bell, type BellPage } from "../src/chat/bell.ts"
import { Api } from "../src/shared/net/api.ts"
import type { NotificationRecord } from "../src/shared/net/protocol.ts"
import { equal } from "./assert.ts"

const line = (id: number, readAt: string | null = null): NotificationRecord => ({
  id,
  kind: "wait.late",
  detail: {},
  topic: 1,
  organisation: 1,
  at: "2026-11-21T04:00:00Z",
  readAt,
})

/** Answers when the test says so. */
class SlowApi extends Api {
  readonly asked: { method: string; path: string; body: unknown; answer: (value: unknown) => void }[] = []
  override call<T>(method: string, path: string, body?: unknown): Promise<T> {
    return new Promise((resolve) =>
      this.asked.push({ method, path, body, answer: resolve as (value: unknown) => void })
    )
  }
  async answer(index: number, value: unknown): Promise<void> {
    this.asked[index]?.answer(value)
    await new Promise((done) => setTimeout(done))
  }
}
const page = (items: NotificationRecord[], next: string | null, unread: number): BellPage => ({ items, next, unread })
const ids = (bell: Bell) => bell.items?.map((one) => one.id)

Deno.test("a line that comes while the bell asks is not lost, nor is the newer count", async () => {
  const api = new SlowApi()
  const bell = new Bell(api)
  void bell.ask(true)
  bell.hear(line(9), 3)
  await api.answer(0, page([line(8), line(7)], null, 2))
  equal([ids(bell), bell.unread], [[9, 8, 7], 3])
  // Told by both: still one line.
  void bell.ask()
  bell.hear(line(10), 4)
  await api.answer(1, page([line(10), line(9)], "9", 4))
  equal([ids(bell), bell.unread], [[10, 9], 4])
})

Deno.test("a connection that comes back takes nothing from a bell that is being opened", async () => {
  const api = new SlowApi()
  const bell = new Bell(api)
  bell.connected()
  void bell.ask(true)
  void bell.ask()
  equal(api.asked.map((one) => one.path.replace("/notifications", "")), ["?limit=1", "?limit=30", "?limit=30"])
  await api.answer(2, page([line(2)], null, 1))
  await api.answer(1, page([line(1)], null, 1))
  equal([ids(bell), bell.unread], [[2], 1])
})

Deno.test("two presses on more bring older lines once, and a newer question wins", async () => {
  const api = new SlowApi()
  const bell = new Bell(api)
  void bell.ask(true)
  await api.answer(0, page([line(9), line(8)], "8", 0))
  void bell.more()
  void bell.more()
  equal(api.asked.length, 2)
  await api.answer(1, page([line(7), line(6)], "6", 0))
  equal([ids(bell), bell.next], [[9, 8, 7, 6], "6"])
  void bell.more()
  void bell.ask(true)
  await api.answer(3, page([line(10)], "10", 0))
  await api.answer(2, page([line(5)], null, 0))
  equal([ids(bell), bell.next], [[10], "10"])
})

Deno.test("everything is marked as read, not only what the page has loaded", async () => {
  const api = new SlowApi()
  const bell = new Bell(api)
  void bell.ask(true)
  await api.answer(0, page([line(40), line(39, "2026-11-20T00:00:00Z")], "39", 35))
  const done = bell.readAll()
  equal([api.asked[1]?.method, api.asked[1]?.body], ["POST", { upTo: 40 }])
  // A line that comes after the press stays unread.
  bell.hear(line(41), 36)
  await api.answer(1, { unread: 1 })
  await done
  equal([bell.unread, bell.items?.map((one) => one.readAt !== null)], [1, [false, true, true]])
})
