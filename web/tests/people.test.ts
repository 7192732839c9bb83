import { isLocal, ownCompanies } from "../src/people/calls.ts"
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
