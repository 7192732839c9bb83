// The firm's calendar as REST gives it, and what a form makes of its shifts.
import { fromIsoDay } from "../shared/i18n/format.ts"

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

/** The calendar as the server gave it, and over it what was typed and isn't saved yet: each part is saved on its own, and saving one loses none of another. */
export interface CalendarForm {
  /** The version that what is typed began with: whoever saves says it, so that nobody writes over what somebody else has changed. */
  version: number
  week: readonly string[]
  years: Readonly<Record<number, { set: boolean; days: readonly DayForm[] }>>
  typedWeek: readonly string[] | undefined
  typedYears: Readonly<Record<number, readonly DayForm[]>>
}

/** What the server gave: by looking, after a part was saved, or after it refused to save because somebody else had. */
export function received(
  form: CalendarForm | undefined,
  found: Calendar,
  after: "look" | "week" | "days" | "conflict",
): CalendarForm {
  const { [found.year]: savedYear, ...otherYears } = form?.typedYears ?? {}
  const typedWeek = after === "week" ? undefined : form?.typedWeek
  const typedYears = after === "days" || savedYear === undefined
    ? otherYears
    : { ...otherYears, [found.year]: savedYear }
  const isTyped = typedWeek !== undefined || Object.keys(typedYears).length > 0
  // Years that were looked at before somebody else changed something are looked at again.
  const goesOn = after === "week" || after === "days" || form?.version === found.version
  return {
    version: form && after === "look" && isTyped ? form.version : found.version,
    week: found.weekly.map((shifts) => shifts.join(" ")),
    years: {
      ...(goesOn ? form?.years : undefined),
      [found.year]: {
        set: found.set,
        days: found.days.map((day) => ({
          date: fromIsoDay(day.date),
          name: day.name,
          shifts: day.shifts.join(" "),
          approximate: day.approximate,
        })),
      },
    },
    typedWeek,
    typedYears,
  }
}
