// The firm's calendar as REST gives it, and what a form makes of its shifts.
import type { Found } from "../shared/drafts.ts"
import { fromIsoDay, toIsoDay } from "../shared/i18n/format.ts"

export interface CalendarDay {
  date: string
  name: string
  shifts: string[]
  /** Only the likely day. */
  approximate: boolean
}
export interface Calendar {
  version: number
  /** Seven lists of 09:00-13:00, Monday first. */
  weekly: string[][]
  year: number
  /** Whether the year has been set; else these are the holidays that it begins with. */
  set: boolean
  days: CalendarDay[]
}

/** Shifts as they are typed, 9:00-13:00 14:00-18:00; none for a day off. Undefined when it is none, or they overlap. */
export function parseShifts(typed: string): string[] | undefined {
  const shifts: string[] = []
  let last = 0
  for (const word of typed.trim().replace(/\s*[-–—]\s*/g, "-").split(/[\s,;]+/).filter(Boolean)) {
    const match = /^(\d{1,2})[:.](\d{2})-(\d{1,2})[:.](\d{2})$/.exec(word)
    if (!match) return undefined
    const [from, to] = [Number(match[1]) * 60 + Number(match[2]), Number(match[3]) * 60 + Number(match[4])]
    if (Number(match[2]) > 59 || Number(match[4]) > 59 || from >= 1440 || to > 1440 || from < last) return undefined
    // An end that isn't after the start is of the next day.
    last = to > from ? to : to + 1440
    const clock = (minutes: number) =>
      `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`
    shifts.push(`${clock(from)}-${clock(to)}`)
  }
  return shifts
}

/** A day as it stands in the form. */
export interface DayForm {
  date: string
  name: string
  shifts: string
  approximate: boolean
}

/** What of the calendar is saved on its own: the week, and the days of each year. */
export interface CalendarParts {
  week: readonly string[]
  [days: `days${number}`]: readonly DayForm[]
  /** Whether the year has been set. */
  [set: `set${number}`]: boolean
}

/** What an answer tells: all parts have the calendar's one version. */
export function calendarParts(found: Calendar): Found<CalendarParts> {
  const { version, year } = found
  const parts: Found<CalendarParts> = { week: { version, value: found.weekly.map((shifts) => shifts.join(" ")) } }
  const days = found.days.map((day) => ({
    date: fromIsoDay(day.date),
    name: day.name,
    shifts: day.shifts.join(" "),
    approximate: day.approximate,
  }))
  parts[`days${year}`] = { version, value: days }
  parts[`set${year}`] = { version, value: found.set }
  return parts
}

/** A row in which two versions of a form differ. Undefined: it isn't there. */
export interface Difference {
  row: string
  mine: string | undefined
  theirs: string | undefined
}

/** Where two lists of days differ, by date. */
export function dayDifferences(
  mine: readonly DayForm[],
  theirs: readonly DayForm[],
  text: (day: DayForm) => string,
): Difference[] {
  const key = ({ date }: DayForm) => toIsoDay(date) ?? date
  const texts = (days: readonly DayForm[]) => new Map(days.map((day) => [key(day), text(day)]))
  const [own, other] = [texts(mine), texts(theirs)]
  return [...new Set([...own.keys(), ...other.keys()])].sort().filter((day) => own.get(day) !== other.get(day)).map(
    (day) => ({
      row: toIsoDay(day) === undefined ? day : fromIsoDay(day),
      mine: own.get(day),
      theirs: other.get(day),
    }),
  )
}

/** Where two weeks differ; `names` has the weekdays, Monday first. */
export function weekDifferences(
  mine: readonly string[],
  theirs: readonly string[],
  names: readonly string[],
): Difference[] {
  return names.map((row, i) => ({ row, mine: mine[i] ?? "", theirs: theirs[i] ?? "" })).filter((one) =>
    one.mine !== one.theirs
  )
}

/** The first row of days that can't be saved, and which of its fields; undefined when all can. */
export function wrongDay(
  days: readonly DayForm[],
  year: number,
): { row: number; field: "date" | "shifts" } | undefined {
  const seen = new Set<string>()
  for (const [row, day] of days.entries()) {
    const date = toIsoDay(day.date)
    if (date === undefined || !date.startsWith(`${year}-`) || seen.has(date)) return { row, field: "date" }
    seen.add(date)
    if (!parseShifts(day.shifts)) return { row, field: "shifts" }
  }
  return undefined
}
