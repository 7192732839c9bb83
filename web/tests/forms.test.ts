// Forms: what the server says of fields, and the names of files.
import { watched } from "../src/shared/fields.ts"
import { fileName } from "../src/shared/net/api.ts"
import { equal } from "./assert.ts"

Deno.test("an error that no field shows is never lost", () => {
  const watch = watched({ account: "unknown", topics: "invalid", from: undefined })
  equal(watch.unseen().map(([name]) => name), ["account", "topics"])
  equal(watch.errors["account"], "unknown")
  equal([watch.errors["name"], watch.errors["from"]], [undefined, undefined])
  equal(watch.unseen(), [["topics", "invalid"]])
  equal(watched({}).unseen(), [])
})

Deno.test("a file has the name that the answer gives it", () => {
  equal(fileName(`attachment; filename="organisations.xlsx"`), "organisations.xlsx")
  equal(fileName(`attachment; filename="x.csv"; filename*=UTF-8''Ish%20haqi%20%CA%BC.csv`), "Ish haqi ʼ.csv")
  equal(fileName(`attachment; filename="x.csv"; filename*=UTF-8''%E0`), "x.csv")
  equal([fileName(null), fileName("attachment")], ["1fin", "1fin"])
})
