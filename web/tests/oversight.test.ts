import { listPath, minutesOf } from "../src/oversight/data.ts"
import { equal } from "./assert.ts"

Deno.test("a list is asked for by its filter, page by page", () => {
  equal(listPath("/ghosts", {}), "/ghosts?limit=50")
  equal(
    listPath("/ghosts", { account: "5", show: "unacknowledged" }, "12"),
    "/ghosts?account=5&show=unacknowledged&limit=50&cursor=12",
  )
})

Deno.test("a stay counts whole minutes, an open one up to now and never past its time", () => {
  const started = "2026-11-21T10:00:00Z"
  const until = "2026-11-21T10:30:00Z"
  const at = (time: string) => Date.parse(`2026-11-21T${time}Z`)
  equal(minutesOf({ started, until, ended: "2026-11-21T10:04:40Z" }, at("12:00:00")), 5)
  equal(minutesOf({ started, until }, at("10:12:00")), 12)
  equal(minutesOf({ started, until }, at("12:00:00")), 30)
  equal(minutesOf({ started, until, ended: "2026-11-21T10:00:02Z" }, at("12:00:00")), 1)
})
