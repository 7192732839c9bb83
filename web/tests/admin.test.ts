import { searchable } from "../src/admin/lists.tsx"
import { type AdminData, isLogin, isStir, makePassword, steps } from "../src/admin/data.ts"
import { normaliseLogin, shortestPassword } from "../src/shared/account.ts"
import { check, equal } from "./assert.ts"

const user = (role: "accountant" | "client", disabled = false): AdminData["users"][number] => ({
  id: 1,
  name: "A",
  login: "a",
  language: "uz",
  disabled,
  memberships: [{ id: 1, role }],
})
const open = (data: Partial<AdminData>) =>
  steps({ departments: [], organisations: [], users: [], assignments: [], ...data }).filter((one) => !one.done).map((
    one,
  ) => one.step)

Deno.test("the steps to a first conversation, and which are left", () => {
  equal(open({}), ["department", "organisation", "accountant", "client", "assignment"])
  equal(open({ departments: [{ id: 1, name: "A" }], users: [user("accountant")] }), [
    "organisation",
    "client",
    "assignment",
  ])
  equal(open({ users: [user("client", true)] }).includes("client"), true, "whoever is disabled doesn't count")
})

Deno.test("first passwords are long enough, different, and without look-alikes", () => {
  const made = new Set(Array.from({ length: 50 }, makePassword))
  equal(made.size, 50)
  for (const password of made) {
    check(password.length >= shortestPassword, password)
    check(!/[ilo01]/.test(password), password)
  }
})

Deno.test("logins and STIRs as the server takes them", () => {
  equal(["dilnoza", "d.k@firma.uz", "998901234567", "a", "+998", "Дилноза", "a b"].map(isLogin), [
    true,
    true,
    true,
    false,
    false,
    false,
    false,
  ])
  equal(["305482917", "30548291", "30548291x"].map(isStir), [true, false, false])
})

Deno.test("a phone number is one login however it is grouped", () => {
  equal(normaliseLogin(" +998 (90) 123-45-67 "), "998901234567")
  equal(normaliseLogin("Dilnoza "), "dilnoza")
  equal(normaliseLogin("d.k-1"), "d.k-1")
})

Deno.test("a search that narrows a list stays in sight when the list gets short", () => {
  equal([searchable(5, ""), searchable(6, ""), searchable(3, "ali")], [false, true, true])
})
