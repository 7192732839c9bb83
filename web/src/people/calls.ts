// What the pages about people ask of REST.
import type { Api, Device, Language, Membership, Named, NewMembership } from "../shared/net/api.ts"
import type { Role, TopicKind } from "../shared/net/protocol.ts"

export interface SecondFactor {
  enabled: boolean
  since: string | null
  recoveryCodes: number
  owed: boolean
}
export interface Enrolment {
  /** Base32. */
  secret: string
  /** otpauth://… */
  address: string
}
export interface MadeLink {
  id: number
  token: string
  expiresAt: string
}
export interface OpenLink {
  id: number
  kind: "reset" | "invitation"
  account?: Named
  name?: string
  role?: Role
  organisation?: Named
  department?: Named
  by: Named
  createdAt: string
  expiresAt: string
}
export interface LinkLook {
  kind: "reset" | "invitation"
  firm: string
  login?: string
  name: string
  role?: Role
  organisation?: string
  department?: string
  by: string
  expiresAt: string
}
export interface OwnedDevice {
  device: Device & { account: number }
  name: string
  login: string
  roles: Role[]
}
export interface SessionSettings {
  version: number
  limits: Partial<Record<Role, { devices: number; excess: "refuse" | "replace" }>>
  adminSecondFactor: boolean
}
export interface Closing {
  memberships: number
  assignments: number
  invitations: number
  openCases: number
}

export const secondFactor = (api: Api): Promise<SecondFactor> => api.call("GET", "/me/second-factor")
export const enrol = (api: Api, password: string): Promise<Enrolment> =>
  api.call("POST", "/me/second-factor", { password })
export const confirmFactor = (api: Api, code: string): Promise<{ codes: string[] }> =>
  api.call("PUT", "/me/second-factor", { code })
export const renewCodes = (api: Api, password: string, code: string): Promise<{ codes: string[] }> =>
  api.call("POST", "/me/second-factor/recovery", { password, code })
export const endFactor = (api: Api, password: string, code: string): Promise<void> =>
  api.call("POST", "/me/second-factor/end", { password, code })
export const removeFactor = (api: Api, user: number): Promise<void> =>
  api.call("DELETE", `/users/${user}/second-factor`)

export const confirmNotice = (api: Api): Promise<void> => api.call("PUT", "/me/notices/oversight", {})
export const endOthers = (api: Api, account?: number): Promise<{ ended: number }> =>
  api.call("DELETE", account === undefined ? "/sessions" : `/sessions?account=${account}`)
export const everybodysDevices = (
  api: Api,
  search: string,
  cursor: string | undefined,
): Promise<{ items: OwnedDevice[]; next: string | null }> =>
  api.call(
    "GET",
    `/sessions/all?limit=100&search=${encodeURIComponent(search)}${cursor === undefined ? "" : `&cursor=${cursor}`}`,
  )

export const invite = (api: Api, value: NewMembership & { name: string }): Promise<MadeLink> =>
  api.call("POST", "/invitations", value)
export const resetLink = (api: Api, user: number): Promise<MadeLink> =>
  api.call("POST", `/users/${user}/reset-links`, {})
export const openLinks = (api: Api): Promise<{ items: OpenLink[] }> => api.call("GET", "/links")
export const revokeLink = (api: Api, id: number): Promise<void> => api.call("DELETE", `/links/${id}`)
export const lookAtLink = (api: Api, token: string): Promise<LinkLook> => api.call("POST", "/one-time/look", { token })
export const setPasswordByLink = (api: Api, token: string, password: string): Promise<void> =>
  api.call("POST", "/one-time/password", { token, password })
export const joinByLink = (
  api: Api,
  value: { token: string; name: string; login: string; password: string; language: Language },
): Promise<void> => api.call("POST", "/one-time/account", value)
export const takeUp = (api: Api, token: string): Promise<void> => api.call("POST", "/me/memberships", { token })

export const sessionSettings = (api: Api): Promise<SessionSettings> => api.call("GET", "/settings/sessions")
export const setSessionSettings = (
  api: Api,
  value: { version: number; devices: Partial<Record<Role, number>>; replace: Role[]; adminSecondFactor: boolean },
): Promise<SessionSettings> => api.call("PUT", "/settings/sessions", value)
export const closing = (api: Api, organisation: number): Promise<Closing> =>
  api.call("GET", `/organisations/${organisation}/closing`)
/** Whether the server has a key that signs bundles. */
export const signsBundles = (api: Api): Promise<boolean> =>
  api.call<{ signs: boolean }>("GET", "/actions/names").then((answer) => answer.signs)
export const bundlePath = (organisation: number): string => `/organisations/${organisation}/bundle`
export const closeOrganisation = (api: Api, organisation: number, reason: string): Promise<Closing> =>
  api.call("POST", `/organisations/${organisation}/closing`, { reason })

/** The address that is handed out: the token stands behind the #, which no browser sends anywhere. */
export const linkAddress = (token: string): string => `${location.origin}/link#${token}`

/** The organisations whose people somebody may invite. */
export const ownCompanies = (memberships: readonly Membership[]): Named[] =>
  memberships.flatMap((one) => one.role === "client" && one.organisation ? [one.organisation] : [])

/** 10.x, 192.168.x and the like: somewhere in the office. */
export const isLocal = (address: string): boolean =>
  /^(10\.|127\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|::1$|f[cd]|fe80:)/i.test(address)

export interface Plan {
  account: number
  organisations: number[]
  topics: TopicKind[]
  from: string
  to?: string
  replace: boolean
}
export interface PlanStep {
  organisation: Named
  effect: "new" | "replaces" | "beside" | "same"
  others: Named[]
  extends: boolean
}
export const showPlan = (api: Api, plan: Plan): Promise<{ steps: PlanStep[]; digest: string }> =>
  api.call("POST", "/assignments/plans", plan)
export const carryOut = (api: Api, plan: Plan, digest: string): Promise<{ made: number }> =>
  api.call("POST", "/assignments/plans/execution", { ...plan, digest })

export interface ImportLine {
  line: number
  effect: "create" | "update" | "same" | "error"
  title: string
  problems: Record<string, string>
  changes: string[]
}
export interface Judged {
  lines: ImportLine[]
  digest: string
  done: boolean
  welcomes: Welcome[]
}
/** Somebody new, and the link by which they set their password. */
export interface Welcome {
  name: string
  login: string
  token: string
}
export type Table = "organisations" | "users"
export const judge = (api: Api, what: Table, file: Blob, digest?: string): Promise<Judged> =>
  api.call("POST", `/imports/${what}${digest === undefined ? "" : `?digest=${digest}`}`, file)

/** The logins of lines: each says who it is about as «Name (login)». */
export const loginsOf = (lines: readonly ImportLine[]): string[] => [
  ...new Set(lines.flatMap((line) => /\(([^()\s]+)\)$/.exec(line.title)?.[1] ?? [])),
]
/** Whether a table whose answer was lost has been written all the same: everybody who was to be created is there. */
export function wasWritten(lost: readonly string[], lines: readonly ImportLine[]): boolean {
  const there = new Set(loginsOf(lines.filter((line) => line.effect === "same" || line.effect === "update")))
  return lost.length > 0 && lost.every((login) => there.has(login))
}
/** New links for people whose first ones were lost with an answer. */
export async function welcomeAgain(api: Api, logins: readonly string[]): Promise<Welcome[]> {
  const welcomes: Welcome[] = []
  for (const user of (await api.users()).filter((one) => logins.includes(one.login))) {
    welcomes.push({ name: user.name, login: user.login, token: (await resetLink(api, user.id)).token })
  }
  return welcomes
}
