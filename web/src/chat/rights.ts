// What one may do with a topic's case, so that no button stands there for what the server would refuse. The server decides.
import type { Case, Role } from "../shared/net/protocol.ts"

const day = 24 * 3_600_000

export interface CaseRights {
  close: boolean
  /** Stop the clock, or let it go on. */
  pause: boolean
  /** Refuse to be waited for. */
  reject: boolean
  reopen: boolean
  rate: boolean
}

/** `role`: in this topic. `write`: one takes part. A supervisor who takes part writes, and leaves the case to its accountant. */
export function caseRights(role: Role | undefined, write: boolean, current: Case | null, now: number): CaseRights {
  const age = current?.closedAt ? now - Date.parse(current.closedAt) : 0
  const answers = role === "accountant" || role === "admin"
  const closed = write && current?.state === "closed"
  return {
    close: write && answers && current?.state === "open",
    pause: write && answers && current?.state === "open",
    reject: write && role === "client" && current?.state === "open",
    reopen: closed && (answers || role === "client") && age < day,
    rate: closed && role === "client" && age < 14 * day,
  }
}
