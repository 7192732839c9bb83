// Settings that several people may change: nobody writes over what somebody else has saved without having seen it.
import { type Calendar, type CalendarParts, calendarParts, type DayForm } from "../src/clocks/calendar.ts"
import { type TargetParts, targetParts, type Targets } from "../src/clocks/targets.ts"
import { Drafts } from "../src/shared/drafts.ts"
import { ApiError } from "../src/shared/net/api.ts"
import { check, equal } from "./assert.ts"

const told = (code: string) => code
const settled = () => new Promise((done) => setTimeout(done))

/** A server with one calendar, which takes a change only of whoever has seen the last one. */
class Firm {
  version = 3
  week = ["09:00-18:00", "", "", "", "", "", ""]
  days: Record<number, string[]> = { 2026: ["01.01"], 2027: ["02.01"] }
  writes: string[] = []

  answer(year: number): Calendar {
    return {
      version: this.version,
      weekly: this.week.map((shifts) => shifts === "" ? [] : [shifts]),
      year,
      set: true,
      days: (this.days[year] ?? []).map((day) => ({
        date: `${year}-${day.split(".").reverse().join("-")}`,
        name: "",
        shifts: [],
        approximate: false,
      })),
    }
  }
  write(version: number | undefined, year: number, what: string, change: () => void): Promise<Calendar> {
    if (version !== this.version) return Promise.reject(new ApiError("conflict", 409, "conflict"))
    this.version++
    this.writes.push(what)
    change()
    return Promise.resolve(this.answer(year))
  }
  setWeek(version: number | undefined, monday: string): Promise<Calendar> {
    return this.write(version, 2026, `week ${monday}`, () => {
      this.week = [monday, ...this.week.slice(1)]
    })
  }
  setDays(version: number | undefined, year: number, days: string[]): Promise<Calendar> {
    return this.write(version, year, `days ${year} ${days.join(" ")}`, () => {
      this.days[year] = days
    })
  }
}

async function seat(firm: Firm, year = 2026): Promise<Drafts<CalendarParts, Calendar>> {
  const form = new Drafts<CalendarParts, Calendar>(calendarParts)
  form.look(() => Promise.resolve(firm.answer(year)))
  await settled()
  return form
}
const dates = (days: readonly DayForm[] | undefined) => days?.map((day) => day.date)
const days = (year: number, ...list: string[]): DayForm[] =>
  list.map((day) => ({ date: `${day}.${year}`, name: "", shifts: "", approximate: false }))
const week = (monday: string) => [monday, "", "", "", "", "", ""]

Deno.test("a second press on “Save” writes nothing over what somebody else has saved", async () => {
  const firm = new Firm()
  const form = await seat(firm)
  form.type("days2026", days(2026, "01.01", "05.05"))
  await firm.setDays(3, 2026, ["01.01", "08.03"])
  const save = () => form.save("days2026", (version) => firm.setDays(version, 2026, ["01.01", "05.05"]), told)
  equal([await save(), await save(), await save()], [false, false, false])
  equal(firm.days[2026], ["01.01", "08.03"])
  // Both are there to be looked at.
  const draft = form.draft("days2026")
  equal(dates(draft?.typed), ["01.01.2026", "05.05.2026"])
  equal(dates(draft?.theirs?.value), ["01.01.2026", "08.03.2026"])
  equal(form.wrong, undefined)

  form.keep("days2026")
  equal([await save(), firm.days[2026]], [true, ["01.01", "05.05"]])
  equal([form.draft("days2026")?.typed, form.draft("days2026")?.version], [undefined, 5])
})

Deno.test("theirs may be taken, and what was typed is gone", async () => {
  const firm = new Firm()
  const form = await seat(firm)
  form.type("week", week("10:00-12:00"))
  await firm.setWeek(3, "08:00-17:00")
  equal(await form.save("week", (version) => firm.setWeek(version, "10:00-12:00"), told), false)
  form.yield("week")
  equal(form.shown("week"), week("08:00-17:00"))
  form.type("week", week("08:30-17:00"))
  equal(await form.save("week", (version) => firm.setWeek(version, "08:30-17:00"), told), true)
  equal(firm.writes, ["week 08:00-17:00", "week 08:30-17:00"])
})

Deno.test("a change of another part keeps nobody from saving, and is seen", async () => {
  const firm = new Firm()
  const form = await seat(firm)
  form.type("days2026", days(2026, "05.05"))
  await firm.setWeek(3, "08:00-17:00")
  equal(await form.save("days2026", (version) => firm.setDays(version, 2026, ["05.05"]), told), true)
  equal([firm.days[2026], form.shown("week")], [["05.05"], week("08:00-17:00")])
})

Deno.test("saving one part loses nothing that was typed into another", async () => {
  const firm = new Firm()
  const form = await seat(firm)
  form.type("week", week("10:00-12:00"))
  form.type("days2026", days(2026, "05.05"))
  form.look(() => Promise.resolve(firm.answer(2027)))
  await settled()
  form.type("days2027", days(2027, "06.06"))
  equal(await form.save("week", (version) => firm.setWeek(version, "10:00-12:00"), told), true)
  equal([form.draft("week")?.typed, form.draft("days2027")?.version], [undefined, 4])
  equal([dates(form.shown("days2026")), dates(form.shown("days2027"))], [["05.05.2026"], ["06.06.2027"]])
  for (const [year, day] of [[2027, "06.06"], [2026, "05.05"]] as const) {
    equal(await form.save(`days${year}`, (version) => firm.setDays(version, year, [day]), told), true)
  }
  equal(firm.writes.length, 3)
})

Deno.test("a year that was seen before somebody changed it is looked at before it is written", async () => {
  const firm = new Firm()
  const form = await seat(firm, 2027)
  form.type("days2027", days(2027, "06.06"))
  await firm.setDays(3, 2027, ["07.07"])
  form.look(() => Promise.resolve(firm.answer(2026)))
  await settled()
  // The year is not on the page: nothing tells what it is now, so it can't be written.
  equal(await form.save("days2027", (version) => firm.setDays(version, 2027, ["06.06"]), told), false)
  equal([form.wrong?.part, form.wrong?.text], ["days2027", "conflict"])
  form.look(() => Promise.resolve(firm.answer(2027)))
  await settled()
  equal(dates(form.draft("days2027")?.theirs?.value), ["07.07.2027"])
  equal(firm.days[2027], ["07.07"])
})

Deno.test("whoever typed the same, or nothing, has nothing to decide", async () => {
  const firm = new Firm()
  const form = await seat(firm)
  form.type("week", week("08:00-17:00"))
  await firm.setWeek(3, "08:00-17:00")
  form.again()
  await settled()
  equal([form.draft("week")?.theirs, form.draft("week")?.typed, form.draft("week")?.version], [undefined, undefined, 4])
})

Deno.test("whoever typed and undid it has nothing unsaved", async () => {
  const firm = new Firm()
  const form = await seat(firm)
  const before = form.shown("week")
  form.type("week", week("08:00-17:00"))
  form.type("week", JSON.parse(JSON.stringify(before)))
  equal(form.draft("week")?.typed, undefined)
  await firm.setWeek(3, "08:00-17:00")
  form.again()
  await settled()
  equal(form.draft("week")?.theirs, undefined)
})

Deno.test("what is typed while something is saved stays, and an answer that was overtaken changes nothing", async () => {
  const firm = new Firm()
  const form = await seat(firm)
  const old = firm.answer(2026)
  form.type("week", week("08:00-17:00"))
  let late: ((answer: Calendar) => void) | undefined
  form.look(() => new Promise((resolve) => (late = resolve)))
  const saving = form.save("week", (version) => {
    form.type("week", week("08:00-18:00"))
    return firm.setWeek(version, "08:00-17:00")
  }, told)
  equal([form.busy, await saving], [true, true])
  equal([form.shown("week"), form.draft("week")?.saved], [week("08:00-18:00"), week("08:00-17:00")])
  late?.(old)
  await settled()
  equal([form.draft("week")?.saved, form.draft("week")?.version], [week("08:00-17:00"), 4])
})

Deno.test("why it failed is said at the part that failed, until something is typed there", async () => {
  const firm = new Firm()
  const form = await seat(firm)
  form.type("week", week("08:00-17:00"))
  const away = () => Promise.reject(new ApiError("offline", 0, "offline"))
  equal(await form.save("week", away, told), false)
  equal([form.wrong, form.busy], [{ part: "week", text: "offline" }, false])
  form.type("days2026", [])
  check(form.wrong !== undefined, "it stays")
  form.type("week", week(""))
  equal(form.wrong, undefined)
  equal(await form.save("week", away, told), false)
  form.forgive("days2026")
  check(form.wrong !== undefined, "another part isn't meant")
  form.forgive("week")
  equal(form.wrong, undefined)
  form.look(away)
  await settled()
  equal([form.failed, form.shown("week")], ["offline", week("")])
})

Deno.test("a target has no version, so it is looked at before it is written", async () => {
  const firm: Targets = { topics: { bank: 120, ttn: 60 }, clients: [], warning: { version: 1, percent: 25 } }
  const form = new Drafts<TargetParts, Targets>(targetParts)
  form.look(() => Promise.resolve(structuredClone(firm)))
  await settled()
  const put = (minutes: number) => () => {
    firm.topics.bank = minutes
    return Promise.resolve(structuredClone(firm))
  }
  form.type("bank", "45")
  form.type("ttn", "77")
  equal([await form.save("bank", put(45), told), form.draft("bank")?.typed, form.shown("ttn")], [true, undefined, "77"])
  form.type("bank", "30")
  firm.topics.bank = 90
  equal([await form.save("bank", put(30), told), firm.topics.bank, form.draft("bank")?.theirs?.value], [
    false,
    90,
    "90",
  ])
  form.keep("bank")
  equal([await form.save("bank", put(30), told), firm.topics.bank], [true, 30])

  // The share at which staff are warned has one, and is as safe.
  const warn = (version: number | undefined) => {
    if (version !== firm.warning.version) return Promise.reject(new ApiError("conflict", 409, "conflict"))
    firm.warning = { version: firm.warning.version + 1, percent: 40 }
    return Promise.resolve(structuredClone(firm))
  }
  form.type("warning", "40")
  firm.warning = { version: 2, percent: 30 }
  equal([await form.save("warning", warn, told), form.draft("warning")?.theirs?.value], [false, "30"])
  form.keep("warning")
  equal([await form.save("warning", warn, told), firm.warning], [true, { version: 3, percent: 40 }])
})
