// What the figures' pages ask the server for.
import type { Api, Named } from "../shared/net/api.ts"
import type { TopicKind } from "../shared/net/protocol.ts"

export interface Times {
  count: number
  /** Seconds of working time; absent without any. */
  median?: number | null
  mean?: number | null
  p90?: number | null
}
export interface Figures {
  first: Times
  responses: Times
  hits: number
  misses: number
  share?: number | null
  documents: number
  stars: number[]
  dismissed: number
  dismissedLate: number
}
export interface Group {
  id: number | null
  name: string
  figures: Figures
}
export const groupings = ["person", "department", "topic", "organisation", "day", "month"] as const
export type Grouping = (typeof groupings)[number]
export interface MonthFigures {
  month: string
  state: "open" | "closed"
  groups: Group[]
  total: Figures
}
export type FigureKind = "responses" | "first" | "hits" | "misses" | "dismissed" | "documents" | "ratings"
export interface FigureRow {
  topic: number
  kind: TopicKind
  organisation: Named
  account?: Named
  case: number
  seq: number
  at: string
  outcome?: "answered" | "dismissed" | "silent" | "left"
  elapsed?: number
  target?: number
  late?: boolean
  paused?: boolean
  document?: number
  count?: number
  stars?: number
}
export interface Counted {
  count: number
  rate: number
  sum: number
}
export interface Bonus {
  documents: Counted
  positive: Counted
  negative: Counted
  sla: { hits: number; misses: number; share?: number | null; factor: number; sum: number }
  uncapped: number
  total: number
}
export const lines = ["documents", "positive", "negative", "sla"] as const
export type Line = (typeof lines)[number]
export interface Contest {
  id: number
  month: string
  account: Named
  line: Line
  text: string
  sum: number
  at: string
  answer?: { accepted: boolean; text: string; by: Named; at: string; correction?: Correction | null } | null
}
export const countNames = ["documents", "positive", "negative", "hits", "misses"] as const
export type CountName = (typeof countNames)[number]
/** What an accepted doubt puts right: so many more of each. */
export interface Correction extends Record<CountName, number> {
  /** The month in which it counts. */
  month: string
  /** What it pays there when the doubted month was closed by then. */
  sum: number
}
export interface Step {
  from: number
  value: number
}
export interface RuleLine {
  minimum: number
  steps: Step[]
}
export interface Rules {
  documents: RuleLine
  positive: RuleLine
  negative: RuleLine
  sla: RuleLine
  cap?: number | null
}
export interface RuleVersion {
  version: number
  month: string
  note: string
  madeBy: Named
  madeAt: string
  rules: Rules
}
export interface BonusItem {
  account: Named
  figures: Figures
  bonus: Bonus
  /** What corrections of the month before come to. */
  carried: number
  /** What the month before could not take back: 0 or less. */
  brought: number
  paid: number
  /** What this month can't take back and hands on: 0 or less. */
  rest: number
  salary?: number | null
  contests: Contest[]
}
export interface Bonuses {
  month: string
  state: "open" | "closed"
  /** Whether doubts about the month are still taken. */
  contestable: boolean
  rules?: RuleVersion | null
  items: BonusItem[]
}
export interface Preview {
  month: string
  now: number
  proposed: number
  items: { account: Named; now: Bonus; proposed: Bonus }[]
}
export interface Salary {
  account: Named
  version: number
  month?: string | null
  amount: number
}
export interface MonthState {
  month: string
  state: "open" | "closed"
  closedBy?: Named | null
  closedAt?: string | null
  hash?: string | null
  blockers: { blocker: string; count: number }[]
  /** What is open and doesn't stand in the way. */
  notices: { blocker: string; count: number }[]
  accountants: number
  salaries: number
  bonuses: number
  waits: number
  documents: number
  ratings: number
}

export const figuresOf = (api: Api, month: string, by: Grouping, filter = ""): Promise<MonthFigures> =>
  api.call("GET", `/figures?month=${month}&by=${by}${filter}`)
