// What the administration pages share: the lists, loaded together, and what of a firm is still missing.
import { useCallback } from "react"
import { type Answer, useAnswer } from "../shared/answer.ts"
import {
  type Api,
  type AssignmentRecord,
  type Named,
  type OrganisationRecord,
  type UserRecord,
} from "../shared/net/api.ts"
import { type Offer, offered } from "../shared/offer.ts"

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

/** What one may type of a company to find it. */
export const companyWords = (one: Company): string => `${one.name} ${one.stir ?? ""} ${one.department?.name ?? ""}`
type Company = Named & Partial<Pick<OrganisationRecord, "stir" | "department" | "closedAt">>

/** Accountants of those that there are, for a picker. */
export function useAccountants(users: readonly UserRecord[]): (search: string) => Promise<Offer<UserRecord>> {
  const words = (user: UserRecord) =>
    [user.name, user.login, ...user.memberships.map(({ department }) => department?.name)].join(" ")
  return useCallback(
    (search) => Promise.resolve(offered(users.filter((user) => has(user, "accountant")), words, search)),
    [users],
  )
}
/** Companies of those that there are, but for those that have left, for a picker. */
export const useCompanies = <T extends Company>(all: readonly T[]): (search: string) => Promise<Offer<T>> =>
  useCallback((search) => Promise.resolve(offered(all.filter((one) => !one.closedAt), companyWords, search)), [all])
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
