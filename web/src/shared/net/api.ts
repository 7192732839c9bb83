// The REST side as one typed client. Every failure is an ApiError with a stable code; `offline` when nothing answered.
import type { Role, TopicKind } from "./protocol.ts"

export type Language = "uz" | "ru" | "en"
export interface Named {
  id: number
  name: string
}
export interface Membership {
  id: number
  role: Role
  organisation?: Named
  department?: Named
}
export interface Session {
  account: { id: number; name: string; login: string; language: Language }
  memberships: Membership[]
  /** What has to be read and confirmed before anything else. */
  notices: string[]
  /** Whether a second factor has to be enrolled before anything else. */
  owesSecondFactor: boolean
  csrf: string
}
export interface Device {
  id: number
  kind: "browser" | "app"
  device: string
  address: string
  createdAt?: string
  lastUsedAt?: string
  current?: boolean
}
/** A device that is signed in, as a refused sign-in tells of it. */
export interface BusyDevice {
  device: string
  kind: "browser" | "app"
  address: string
  lastUsedAt: string
  ends: boolean
}
export interface OrganisationRecord extends Named {
  stir: string | null
  department: Named
  closedAt: string | null
  topics: { id: number; kind: TopicKind }[]
}
export interface UserRecord extends Named {
  login: string
  language: Language
  disabled: boolean
  memberships: Membership[]
}
export interface AssignmentRecord {
  id: number
  account: Named | number
  organisation: Named | number
  topics: TopicKind[]
  from: string
  to: string | null
}
export interface NewUser {
  name: string
  login: string
  password: string
  language: Language
  role: Role
  organisation?: number
  department?: number
}
export interface NewMembership {
  role: Role
  organisation?: number
  department?: number
}
export interface NewAssignment {
  account: number
  organisation: number
  topics: TopicKind[]
  from: string
  to?: string
}
export interface FirmConfig {
  firm?: string
  version?: string
}

export class ApiError extends Error {
  readonly code: string
  readonly status: number
  /** By field name: a code or a sentence about what is wrong with it. */
  readonly fields: Readonly<Record<string, string>>
  /** Seconds to wait, of a 429 or 503. */
  readonly retryAfter: number
  /** Of a sign-in on one device too many. */
  devices: readonly BusyDevice[] = []
  limit = 0
  constructor(code: string, status: number, message: string, fields: Record<string, string> = {}, retryAfter = 0) {
    super(message)
    this.code = code
    this.status = status
    this.fields = fields
    this.retryAfter = retryAfter
  }
  /** The same may be tried again: nobody has judged it. */
  get temporary(): boolean {
    return this.status === 0 || this.status >= 500
  }
}

/** The name that an answer gives its file. */
export function fileName(disposition: string | null): string {
  const given = /filename\*=UTF-8''([^;]+)/i.exec(disposition ?? "")?.[1]
  if (given !== undefined) {
    try {
      return decodeURIComponent(given)
    } catch {
      // Not what the standard says: the plain name is as good.
    }
  }
  return /filename="([^"]*)"/i.exec(disposition ?? "")?.[1] || "1fin"
}

/** Servers write `fields` as a map of words or as a list of {field, code}: both are read. */
export function readFields(raw: unknown): Record<string, string> {
  const fields: Record<string, string> = {}
  if (Array.isArray(raw)) {
    for (const one of raw as { field?: unknown; name?: unknown; code?: unknown; message?: unknown }[]) {
      const name = one.field ?? one.name
      if (typeof name === "string") fields[name] = String(one.code ?? one.message ?? "invalid")
    }
  } else if (raw !== null && typeof raw === "object") {
    for (const [name, value] of Object.entries(raw)) {
      fields[name] = typeof value === "string" ? value : Array.isArray(value) ? String(value[0]) : "invalid"
    }
  }
  return fields
}

export class Api {
  /** The session's CSRF token: sent with every write that the cookie signs. */
  csrf = ""
  /** Called when an answer says that the session has ended. */
  onSignedOut: () => void = () => {}
  /** Called when an answer says that something stands before the work: the notice, or a second factor. */
  onGate: () => void = () => {}

  private readonly base: string

  constructor(base = "/api/v1") {
    this.base = base
  }

  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const headers: Record<string, string> = { Accept: "application/json" }
    if (body !== undefined && !(body instanceof Blob)) headers["Content-Type"] = "application/json"
    if (method !== "GET" && this.csrf) headers["X-CSRF-Token"] = this.csrf
    let response: Response
    try {
      const request: RequestInit = { method, headers, credentials: "same-origin", cache: "no-store" }
      if (body !== undefined) request.body = body instanceof Blob ? body : JSON.stringify(body)
      response = await fetch(this.base + path, request)
    } catch (cause) {
      throw new ApiError("offline", 0, String(cause))
    }
    return this.read<T>(path, response)
  }

  private async read<T>(path: string, response: Response): Promise<T> {
    if (response.status === 204) return undefined as T
    const text = await response.text()
    let value: unknown = null
    try {
      value = text === "" ? null : JSON.parse(text)
    } catch {
      // A proxy's error page is no JSON: its status alone is what there is to know.
      if (response.ok) throw new ApiError("malformed", response.status, "The answer is no JSON")
    }
    if (response.ok) return value as T
    const problem = (value ?? {}) as {
      code?: string
      detail?: string
      title?: string
      fields?: unknown
      devices?: BusyDevice[]
      limit?: number
    }
    const error = new ApiError(
      problem.code ?? (response.status >= 500 ? "unavailable" : `http_${response.status}`),
      response.status,
      problem.detail ?? problem.title ?? response.statusText,
      readFields(problem.fields),
      Number(response.headers.get("Retry-After") ?? 0) || 0,
    )
    error.devices = problem.devices ?? []
    error.limit = problem.limit ?? 0
    if (response.status === 401 && path !== "/session") this.onSignedOut()
    if (error.code === "notice" || error.code === "second_factor_owed") this.onGate()
    throw error
  }

  /** Sends bytes as they are. */
  put<T>(path: string, body: Blob): Promise<T> {
    return this.call("PUT", path, body)
  }

  private async get(path: string, method = "GET"): Promise<Response> {
    try {
      return await fetch(this.base + path, { method, credentials: "same-origin", cache: "no-store" })
    } catch (cause) {
      throw new ApiError("offline", 0, String(cause))
    }
  }

  /** Where something is, for what the browser asks for itself. */
  address = (path: string): string => this.base + path

  /** Whether a file would be given: asking makes none, and is no export in the action log. */
  async gives(path: string): Promise<boolean> {
    return (await this.get(path, "HEAD")).ok
  }

  /** A file, whatever it holds, and its name. */
  async file(path: string): Promise<{ bytes: Blob; name: string }> {
    const response = await this.get(path)
    if (!response.ok) return this.read(path, response)
    try {
      return { bytes: await response.blob(), name: fileName(response.headers.get("Content-Disposition")) }
    } catch (cause) {
      // Cut short: half a table must not look like a whole one.
      throw new ApiError("offline", 0, String(cause))
    }
  }

  /** What may be JSON or a file: the file as it is. */
  async fetch<T>(path: string): Promise<T | Blob> {
    const response = await this.get(path)
    if (response.ok && !(response.headers.get("Content-Type") ?? "").includes("json")) return await response.blob()
    return this.read<T>(path, response)
  }

  private adopt(session: Session): Session {
    this.csrf = session.csrf
    return session
  }
  signIn = async (
    login: string,
    password: string,
    device: string,
    more: { code?: string; replace?: boolean } = {},
  ): Promise<Session> =>
    this.adopt(await this.call<Session>("POST", "/session", { login, password, device, kind: "browser", ...more }))
  session = async (): Promise<Session> => this.adopt(await this.call<Session>("GET", "/session"))
  signOut = (): Promise<void> => this.call("DELETE", "/session")
  setPassword = (current: string, next: string): Promise<void> =>
    this.call("PUT", "/me/password", { current, new: next })
  setLanguage = (language: Language): Promise<void> => this.call("PUT", "/me/language", { language })
  devices = (): Promise<Device[]> => this.all<Device>("/sessions")
  endDevice = (id: number): Promise<void> => this.call("DELETE", `/sessions/${id}`)
  config = (): Promise<FirmConfig> => this.call("GET", "/config")

  departments = (): Promise<Named[]> => this.all<Named>("/departments")
  addDepartment = (name: string): Promise<Named> => this.call("POST", "/departments", { name })
  renameDepartment = (id: number, name: string): Promise<unknown> => this.call("PATCH", `/departments/${id}`, { name })
  retireDepartment = (id: number): Promise<void> => this.call("DELETE", `/departments/${id}`)
  organisations = (): Promise<OrganisationRecord[]> => this.all<OrganisationRecord>("/organisations")
  addOrganisation = (value: { name: string; stir?: string; department: number }): Promise<OrganisationRecord> =>
    this.call("POST", "/organisations", value)
  changeOrganisation = (
    id: number,
    value: { name?: string; stir?: string | null; department?: number },
  ): Promise<unknown> => this.call("PATCH", `/organisations/${id}`, value)
  users = (): Promise<UserRecord[]> => this.all<UserRecord>("/users")
  addUser = (value: NewUser): Promise<UserRecord> => this.call("POST", "/users", value)
  changeUser = (
    id: number,
    value: { name?: string; disabled?: boolean; password?: string; language?: Language },
  ): Promise<unknown> => this.call("PATCH", `/users/${id}`, value)
  addMembership = (user: number, value: NewMembership): Promise<unknown> =>
    this.call("POST", `/users/${user}/memberships`, value)
  endMembership = (id: number): Promise<void> => this.call("DELETE", `/memberships/${id}`)
  assignments = (): Promise<AssignmentRecord[]> => this.all<AssignmentRecord>("/assignments")
  addAssignment = (value: NewAssignment): Promise<AssignmentRecord> => this.call("POST", "/assignments", value)
  endAssignment = (id: number): Promise<void> => this.call("DELETE", `/assignments/${id}`)

  /** A whole list: follows `next` to its end. */
  private async all<T>(path: string): Promise<T[]> {
    const items: T[] = []
    let next: string | undefined
    do {
      const cursor = next === undefined ? "" : `&cursor=${encodeURIComponent(next)}`
      const page: { items: T[]; next?: string | null } = await this.call("GET", `${path}?limit=500${cursor}`)
      items.push(...page.items)
      next = page.next ?? undefined
    } while (next !== undefined)
    return items
  }
}
