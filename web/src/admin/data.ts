// What the administration pages share: the lists, loaded together, and what of a firm is still missing.
import { useCallback } from "react"
import { type Answer, useAnswer } from "../shared/answer.ts"
import type { Page } from "../shared/list.ts"
import {
  type Api,
  type AssignmentRecord,
  type Named,
  type OrganisationRecord,
  type UserRecord,
} from "../shared/net/api.ts"
import { mostChoices } from "../shared/ui/picker.tsx"

export interface AdminData {
  departments: Named[]
  organisations: OrganisationRecord[]
  users: UserRecord[]
  assignments: AssignmentRecord[]
}

export const useAdminData = (api: Api): Answer<AdminData> =>
  useAnswer(useCallback(async () => {
    const [departments, organisations, users, assignments] = await Promise.all([
      api.departments(),
      api.organisations(),
      api.users(),
      api.assignments(),
    ])
    return { departments, organisations, users, assignments }
  }, [api]))

/** Reads a list's pages until as many rows fit as a picker offers, or the list ends. */
async function fitting<T extends Named>(
  api: Api,
  path: string,
  search: string,
  fits: (one: T) => boolean,
): Promise<Named[]> {
  const found: Named[] = []
  let cursor = ""
  do {
    const page = await api.call<Page<T>>("GET", `/${path}?limit=200&search=${encodeURIComponent(search)}${cursor}`)
    found.push(...page.items.filter(fits))
    cursor = page.next === undefined || page.next === null ? "" : `&cursor=${encodeURIComponent(page.next)}`
  } while (cursor !== "" && found.length < mostChoices)
  return found.slice(0, mostChoices)
}

/** Accountants by what is typed of them, for a picker. */
export const useAccountants = (api: Api) =>
  useCallback((search: string) => fitting<UserRecord>(api, "users", search, (user) => has(user, "accountant")), [api])
/** Companies that haven't left, for a picker. */
export const useCompanies = (api: Api) =>
  useCallback((search: string) => fitting<OrganisationRecord>(api, "organisations", search, (one) => !one.closedAt), [
    api,
  ])
/** What is chosen beforehand: the only one that there is. */
export const only = <T>(all: readonly T[]): T | undefined => all.length === 1 ? all[0] : undefined

export const has = (user: UserRecord, role: string): boolean =>
  !user.disabled && user.memberships.some((membership) => membership.role === role)

export type Step = "department" | "organisation" | "accountant" | "client" | "assignment"

/** The steps from an empty firm to the first conversation, and which are done. */
export function steps(data: AdminData): { step: Step; done: boolean }[] {
  return [
    { step: "department", done: data.departments.length > 0 },
    { step: "organisation", done: data.organisations.length > 0 },
    { step: "accountant", done: data.users.some((user) => has(user, "accountant")) },
    { step: "client", done: data.users.some((user) => has(user, "client")) },
    { step: "assignment", done: data.assignments.length > 0 },
  ]
}

/** A first password that can be read out over the phone: three groups without look-alikes. */
export function makePassword(): string {
  const letters = "abcdefghjkmnpqrstuvwxyz23456789"
  const bytes = crypto.getRandomValues(new Uint8Array(12))
  const text = [...bytes].map((byte) => letters[byte % letters.length] ?? "x").join("")
  return `${text.slice(0, 4)}-${text.slice(4, 8)}-${text.slice(8)}`
}

export const isStir = (value: string): boolean => /^\d{9}$/.test(value)
export const isLogin = (value: string): boolean => /^[a-z0-9][a-z0-9._@+-]{1,99}$/.test(value)
