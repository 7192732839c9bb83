import type { Api } from "../src/shared/net/api.ts"
import { askedOffer, mostChoices, offered } from "../src/shared/offer.ts"
import { equal } from "./assert.ts"

interface Row {
  id: number
  name: string
}
const rows = (n: number): Row[] => Array.from({ length: n }, (_, i) => ({ id: i + 1, name: `Buxgalter ${i + 1}` }))
const name = (one: Row) => one.name
const ids = (all: readonly Row[]) => all.map((one) => one.id)

/** A server with a list, which tells what it was asked for. */
function server(items: Row[]): { api: Api; asked: string[] } {
  const asked: string[] = []
  const call = (_: string, path: string) => {
    asked.push(path)
    const limit = Number(new URL(path, "http://x").searchParams.get("limit"))
    return Promise.resolve({ items: items.slice(0, limit), next: items.length > limit ? "9" : null })
  }
  return { api: { call } as unknown as Api, asked }
}

Deno.test("of a list that is known whole, what fits is offered, and whether there is more", () => {
  equal(ids(offered(rows(120), name, "buxgalter 117").choices), [117])
  equal(ids(offered([{ id: 7, name: "Oʻzbek" }], name, " o'ZBEK ").choices), [7])
  const all = offered(rows(120), name, "")
  equal([all.choices.length, all.more], [mostChoices, true])
  equal(offered(rows(mostChoices), name, "").more, false, "as many as are offered are all of them")
  equal(offered(rows(3), name, "yoʻq"), { choices: [], more: false })
})

Deno.test("the server is asked once, however long its list and however little of it fits", async () => {
  const { api, asked } = server(rows(2_000))
  const found = await askedOffer<Row>(api, "/users", "ali & co", (one) => one.id === 400)
  equal([ids(found.choices), found.more], [[400], true])
  const none = await askedOffer<Row>(api, "/users", "", (one) => one.id === 1_900)
  equal([none.choices.length, none.more], [0, true], "it isn't known whether another fits")
  equal(asked, ["/users?limit=500&search=ali%20%26%20co", "/users?limit=500&search="])
})

Deno.test("where everything that is found can be chosen, no more is asked for than is offered", async () => {
  const { api, asked } = server(rows(51))
  const found = await askedOffer<Row>(api, "/organisations", "m")
  equal([found.choices.length, found.more, asked], [50, true, ["/organisations?limit=50&search=m"]])
  equal((await askedOffer<Row>(server(rows(50)).api, "/organisations", "m")).more, false)
})
