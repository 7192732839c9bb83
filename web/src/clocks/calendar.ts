// The firm's calendar as REST gives it, and what a form makes of its shifts.
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
