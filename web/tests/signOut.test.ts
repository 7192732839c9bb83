import { ApiError, type Session } from "../src/shared/net/api.ts"
import { signOut } from "../src/shared/net/signOut.ts"
import { equal } from "./assert.ts"

const session = (id: number): Session => ({
  account: { id, name: "A", login: "a", language: "uz" },
  memberships: [],
  notices: [],
  owesSecondFactor: false,
  csrf: "new",
})
function server(answers: (ApiError | undefined)[], who: number) {
  const asked: string[] = []
  return {
    asked,
    signOut: () => {
      asked.push("out")
      const error = answers.shift()
      return error ? Promise.reject(error) : Promise.resolve()
    },
    session: () => {
      asked.push("session")
      return Promise.resolve(session(who))
    },
  }
}
const csrf = new ApiError("csrf", 403, "")

Deno.test("signing out is over only when the server said so, or has no session any more", async () => {
  equal(await signOut(server([undefined], 1), 1), { result: "out" })
  equal(await signOut(server([new ApiError("unauthenticated", 401, "")], 1), 1), { result: "out" })
  for (const [code, status] of [["offline", 0], ["unavailable", 502], ["cross_site", 403]] as const) {
    equal(await signOut(server([new ApiError(code, status, "")], 1), 1), { result: "failed", code })
  }
})

Deno.test("an old CSRF token is renewed once, but never to end another account's session", async () => {
  const own = server([csrf, undefined], 1)
  equal(await signOut(own, 1), { result: "out" })
  equal(own.asked, ["out", "session", "out"])
  equal(await signOut(server([csrf, csrf], 1), 1), { result: "failed", code: "csrf" })
  const other = server([csrf], 2)
  equal(await signOut(other, 1), { result: "stranger" })
  equal(other.asked, ["out", "session"])
})
