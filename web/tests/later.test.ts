import { reloadable } from "../src/shared/later.ts"
import { equal } from "./assert.ts"

Deno.test("code that didn't load is loaded again when one asks for it, never by itself, and never twice when it came", async () => {
  const answers = [false, false, true]
  let loads = 0
  const code = reloadable(() => {
    loads++
    return answers.shift() ? Promise.resolve("code") : Promise.reject(new Error("404"))
  }, (attempt) => {
    // As React's lazy does: one attempt, kept for ever.
    let kept: Promise<string> | undefined
    return () => (kept ??= attempt()).catch(() => "failed")
  })
  const first = code.current()
  equal(await first(), "failed")
  equal(await code.current()(), "failed")
  equal([loads, code.current() === first], [1, true], "not by itself")
  code.renew()
  equal(await code.current()(), "failed")
  code.renew()
  equal(await code.current()(), "code")
  const good = code.current()
  code.renew()
  equal([loads, code.current() === good], [3, true])
})
