// Lists that come in pages, the filters over them, and the translators that pages depend on.
import { readFilter, writeFilter } from "../src/shared/filter.ts"
import { sayers } from "../src/shared/i18n/own.ts"
import { type AskPage, Listing, type Page } from "../src/shared/list.ts"
import { ApiError } from "../src/shared/net/api.ts"
import { check, equal } from "./assert.ts"

/** Whatever follows from an answer at once has happened. */
const settled = () => new Promise((resolve) => setTimeout(resolve))

/** Answers one question after the other, when the test says so. */
class Desk {
  readonly asked: (string | undefined)[] = []
  private readonly waiting: { resolve: (page: Page<number>) => void; reject: (cause: unknown) => void }[] = []
  readonly ask: AskPage<number> = (cursor) => {
    this.asked.push(cursor)
    return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }))
  }
  async answer(index: number, items: number[], next: string | null = null): Promise<void> {
    this.waiting[index]?.resolve({ items, next })
    await settled()
  }
  async refuse(index: number, code: string): Promise<void> {
    this.waiting[index]?.reject(new ApiError(code, 503, code))
    await settled()
  }
}

Deno.test("a list grows page by page, and a second press on “more” brings nothing twice", async () => {
  const desk = new Desk()
  const list = new Listing(desk.ask)
  list.reload()
  await desk.answer(0, [9, 8], "8")
  list.more()
  list.more()
  equal(desk.asked, [undefined, "8"])
  await desk.answer(1, [7])
  equal([list.items, list.next, list.busy], [[9, 8, 7], undefined, false])
  list.more()
  equal(desk.asked.length, 2)
})

Deno.test("what failed is told and tried again: the page that failed, from its own cursor", async () => {
  const desk = new Desk()
  const list = new Listing(desk.ask)
  list.reload()
  await desk.refuse(0, "unavailable")
  equal([list.items, list.error, list.busy], [undefined, "unavailable", false])
  // As a button calls it: what it is handed is no cursor.
  const press: (event: unknown) => void = list.again
  press({ type: "click" })
  equal(desk.asked, [undefined, undefined])
  await desk.answer(1, [5], "5")
  list.more()
  await desk.refuse(2, "offline")
  equal([list.items, list.error], [[5], "offline"])
  list.again()
  equal(desk.asked[3], "5")
  await desk.answer(3, [4])
  equal([list.items, list.error], [[5, 4], undefined])
})

Deno.test("a page of an older question never lands in a newer answer", async () => {
  const desk = new Desk()
  const list = new Listing(desk.ask)
  list.reload()
  await desk.answer(0, [9, 8], "8")
  list.more()
  list.reload()
  await desk.answer(2, [10, 9], "9")
  await desk.answer(1, [7])
  equal([list.items, list.next], [[10, 9], "9"])
  // After it was left, nothing is shown any more.
  list.more()
  list.stop()
  await desk.answer(3, [8])
  equal(list.items, [10, 9])
  list.change((old) => old.filter((one) => one !== 10))
  equal(list.items, [9])
})

Deno.test("rows that are read again are as many as were shown", async () => {
  const desk = new Desk()
  const list = new Listing(desk.ask)
  list.reload()
  await desk.answer(0, [9, 8], "8")
  list.more()
  await desk.answer(1, [7, 6], "6")
  list.reload()
  await desk.answer(2, [10, 9], "9")
  equal([list.items, list.busy], [[9, 8, 7, 6], true])
  await desk.answer(3, [8, 7], "7")
  equal(desk.asked, [undefined, "8", undefined, "9"])
  equal([list.items, list.next, list.busy], [[10, 9, 8, 7], "7", false])
  // One that is left meanwhile asks no further.
  list.reload()
  list.stop()
  await desk.answer(4, [11], "11")
  equal([desk.asked.length, list.items], [5, [10, 9, 8, 7]])
  // What fails on the way leaves what is shown, and is tried again from the beginning.
  list.reload()
  await desk.answer(5, [11], "11")
  await desk.refuse(6, "unavailable")
  equal([list.items, list.error], [[10, 9, 8, 7], "unavailable"])
  list.again()
  equal(desk.asked[7], undefined)
})

Deno.test("filters are read from the address and written to it, and nothing else is", () => {
  const names = ["account", "from"] as const
  equal(readFilter("?account=5&from=&other=1", names), { account: "5" })
  const filter = { account: "A&B=ʼ", from: "2026-11-01" }
  equal(readFilter(writeFilter(filter), names), filter)
  equal([writeFilter({}), writeFilter({ account: undefined, from: "" })], ["", ""])
})

Deno.test("a language has one translator, which effects may depend on", () => {
  const say = sayers({
    uz: { shown: "{n} ta" },
    ru: { shown: "{n} {n:строка|строки|строк}" },
    en: { shown: "{n} {n:row|rows}" },
  })
  check(say("uz") === say("uz"), "the same at every render")
  check(say("uz") !== say("ru"), "another one for another language")
  equal([say("uz")("shown", { n: 3 }), say("ru")("shown", { n: 3 }), say("en").language], ["3 ta", "3 строки", "en"])
})
