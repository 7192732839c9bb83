import { type ImportLine, isLocal, loginsOf, ownCompanies, wasWritten } from "../src/people/calls.ts"
import { equal } from "./assert.ts"

Deno.test("addresses of an office's own network are told from others", () => {
  const local = [
    "10.0.0.1",
    "127.0.0.1",
    "192.168.1.7",
    "172.16.0.1",
    "172.31.255.1",
    "169.254.1.1",
    "::1",
    "fd00::1",
    "fe80::1",
  ]
  const far = ["84.54.70.18", "172.15.0.1", "172.32.0.1", "11.0.0.1", "2001:db8::1", "1127.0.0.1", ""]
  equal(local.filter((one) => !isLocal(one)), [])
  equal(far.filter(isLocal), [])
})

Deno.test("an owner invites into the own organisations only, staff of one into none", () => {
  const [a, b] = [{ id: 1, name: "A" }, { id: 2, name: "B" }]
  equal(
    ownCompanies([
      { id: 1, role: "client", organisation: a },
      { id: 2, role: "sales", organisation: b },
      { id: 3, role: "accountant", department: b },
    ]),
    [a],
  )
  equal(ownCompanies([]), [])
})

Deno.test("whether a table was written whose answer was lost", () => {
  const line = (effect: ImportLine["effect"], title: string): ImportLine => ({
    line: 1,
    effect,
    title,
    problems: {},
    changes: [],
  })
  const before = [
    line("create", "Ali (boss) Vali (ali.v)"),
    line("create", "Lola (+998901112233)"),
    line("same", "Eski (eski)"),
  ]
  const lost = loginsOf(before.filter((one) => one.effect === "create"))
  equal(lost, ["ali.v", "+998901112233"])
  equal(wasWritten(lost, before), false)
  equal(wasWritten(lost, before.map((one) => ({ ...one, effect: "same" }))), true)
  equal(wasWritten(lost, [line("same", "Ali (ali.v)"), line("create", "Lola (+998901112233)")]), false)
  equal(wasWritten([], before), false)
})
