// Somebody who is signed in, for tests of what they do.
import type { Session } from "../src/shared/net/api.ts"

export const someone: Session = {
  account: { id: 1, name: "A", login: "a", language: "uz" },
  memberships: [{ id: 1, role: "accountant" }],
  notices: [],
  owesSecondFactor: false,
  csrf: "",
}
