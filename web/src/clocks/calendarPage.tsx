// When the firm works: the shifts of a week, and the days of a year that differ.
import { type ReactNode, useCallback, useState } from "react"
import { useApp } from "../chat/context.tsx"
import { type Drafts, useDrafts } from "../shared/drafts.ts"
import { isoDay, toIsoDay } from "../shared/i18n/format.ts"
import { useT } from "../shared/i18n/index.tsx"
import { Icon, IconButton, Skeleton } from "../shared/ui/basics.tsx"
import { DayText } from "../shared/ui/dayInput.tsx"
import { Failed } from "../shared/ui/list.tsx"
import {
  type Calendar,
  type CalendarParts,
  calendarParts,
  dayDifferences,
  type DayForm,
  parseShifts,
  weekDifferences,
  wrongDay,
} from "./calendar.ts"
import { Meanwhile } from "./meanwhile.tsx"
import { useSave } from "./useSave.ts"
import { useWrong, WrongNote } from "./wrongNote.tsx"
import { hasWord, useWords } from "./words.ts"

const weekdays = [1, 2, 3, 4, 5, 6, 7] as const

type Form = Drafts<CalendarParts, Calendar>

export default function CalendarPage() {
  const t = useT()
  const w = useWords()
  const { api } = useApp()
  const [year, setYear] = useState(() => Number(isoDay(Date.now()).slice(0, 4)))
  const form = useDrafts(
    calendarParts,
    useCallback(() => api.call<Calendar>("GET", `/settings/calendar?year=${year}`), [api, year]),
  )
  const failure = form.failed === undefined
    ? null
    : <Failed title={t("admin.failed")} code={form.failed} again={form.again} testid="calendar-failed" />
  if (!form.draft("week")) return <section className="main">{failure ?? <Skeleton rows={8} />}</section>
  return (
    <section className="main" data-testid="calendar">
      <header className="bar">
        <h1 className="nw">{w("calendar.title")}</h1>
      </header>
      <div className="scroll clockform">
        <p className="t2">{w("calendar.text")}</p>
        <Week form={form} />
        <Days
          form={form}
          year={year}
          onYear={(next) => {
            form.wrong = undefined
            setYear(next)
          }}
        >
          {failure ?? <Skeleton rows={4} />}
        </Days>
      </div>
    </section>
  )
}

function Week({ form }: { form: Form }) {
  const t = useT()
  const w = useWords()
  const save = useSave(form)
  const draft = form.draft("week")
  const week = form.shown("week") ?? []
  const names = weekdays.map((day) => w(`weekday.${day}`))
  const differing = draft?.theirs ? weekDifferences(week, draft.theirs.value, names) : []
  const wrong = useWrong(form, "week")
  const submit = () => {
    const weekly = week.map(parseShifts)
    const row = weekly.indexOf(undefined)
    if (row >= 0) return form.refuse({ part: "week", text: w("calendar.bad"), row })
    void save("week", "/settings/calendar/week", (version) => ({ version, weekly }))
  }
  return (
    <form
      className="card"
      ref={wrong.box}
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <h2>{w("calendar.week")}</h2>
      <p className="t3 s12">{w("calendar.shifts.hint")}</p>
      {names.map((name, i) => (
        <label key={name} className="clockform__row">
          <span>{name}</span>
          <input
            className="input num"
            value={week[i] ?? ""}
            placeholder={w("calendar.off")}
            aria-describedby={wrong.describes(i)}
            aria-invalid={wrong.at(i) || undefined}
            data-differs={differing.some(({ row }) => row === name) || undefined}
            data-testid={`weekday-${i + 1}`}
            onChange={(event) => form.type("week", week.map((old, at) => at === i ? event.target.value : old))}
          />
        </label>
      ))}
      {draft?.theirs
        ? (
          <Meanwhile
            empty={w("calendar.off")}
            differences={differing}
            onTheirs={() => form.yield("week")}
            onMine={() => form.keep("week")}
          />
        )
        : null}
      <WrongNote wrong={wrong} testid="calendar-error" />
      <div className="row">
        <button
          type="submit"
          className="btn btn--primary"
          disabled={form.busy || draft?.theirs !== undefined}
          data-testid="save-week"
        >
          {t("save")}
        </button>
        {draft?.typed ? <span className="t3 s12" data-testid="week-unsaved">{w("unsaved")}</span> : null}
      </div>
    </form>
  )
}

interface DaysProps {
  form: Form
  year: number
  onYear: (year: number) => void
  /** In the place of days that aren't known yet. */
  children: ReactNode
}
function Days({ form, year, onYear, children }: DaysProps) {
  const t = useT()
  const w = useWords()
  const save = useSave(form)
  const part = `days${year}` as const
  const draft = form.draft(part)
  const days = form.shown(part) ?? []
  const named = (name: string) => hasWord(`holiday.${name}`) ? w(`holiday.${name}` as "holiday.newYear") : name
  const differing = draft?.theirs
    ? dayDifferences(
      days,
      draft.theirs.value,
      (day) =>
        [
          named(day.name),
          day.shifts || w("calendar.off"),
          day.approximate && w("calendar.approximate"),
        ].filter(Boolean).join(" · "),
    )
    : []
  const wrong = useWrong(form, part)
  const setDays = (typed: readonly DayForm[]) => form.type(part, typed)
  const change = (index: number, change: Partial<DayForm>) =>
    setDays(days.map((day, i) => i === index ? { ...day, ...change } : day))
  const submit = () => {
    const bad = wrongDay(days, year)
    if (bad) return form.refuse({ part, text: w(bad.field === "date" ? "calendar.badDate" : "calendar.bad"), ...bad })
    const list = days.map((day) => ({
      date: toIsoDay(day.date),
      shifts: parseShifts(day.shifts),
      name: day.name.trim(),
      approximate: day.approximate,
    }))
    void save(part, `/settings/calendar/years/${year}`, (version) => ({ version, days: list }))
  }
  return (
    <form
      className="card"
      ref={wrong.box}
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <div className="row">
        <h2 className="grow">{w("calendar.days")}</h2>
        <IconButton
          icon="left"
          label={String(year - 1)}
          size="sm"
          data-testid="previous-year"
          onClick={() => onYear(year - 1)}
        />
        <b className="num" data-testid="calendar-year">{year}</b>
        <IconButton
          icon="right"
          label={String(year + 1)}
          size="sm"
          data-testid="next-year"
          onClick={() => onYear(year + 1)}
        />
      </div>
      {draft ? null : children}
      {draft && form.shown(`set${year}`) === false
        ? <p className="t3 s12" data-testid="calendar-suggested">{w("calendar.suggested")}</p>
        : null}
      {draft && days.length === 0 ? <p className="t3 s12">{w("calendar.empty")}</p> : null}
      {days.map((day, i) => (
        <div
          className="clockform__day"
          key={i}
          data-testid="calendar-day"
          data-differs={differing.some(({ row }) => row === day.date) || undefined}
        >
          <DayText
            className="input num"
            aria-label={w("calendar.date")}
            value={day.date}
            aria-describedby={wrong.describes(i, "date")}
            aria-invalid={wrong.at(i, "date") || undefined}
            testid="day-date"
            onText={(date) => change(i, { date, approximate: false })}
          />
          <input
            className="input"
            aria-label={w("calendar.name")}
            value={named(day.name)}
            maxLength={100}
            data-testid="day-name"
            onChange={(event) => change(i, { name: event.target.value })}
          />
          <input
            className="input num"
            aria-label={w("calendar.shifts")}
            value={day.shifts}
            placeholder={w("calendar.off")}
            aria-describedby={wrong.describes(i, "shifts")}
            aria-invalid={wrong.at(i, "shifts") || undefined}
            data-testid="day-shifts"
            onChange={(event) => change(i, { shifts: event.target.value })}
          />
          <IconButton
            icon="trash"
            label={`${w("calendar.remove")}: ${day.date}`}
            size="sm"
            onClick={() => setDays(days.filter((_, at) => at !== i))}
          />
          {day.approximate ? <span className="tag tag--warn s11">{w("calendar.approximate")}</span> : null}
        </div>
      ))}
      {draft?.theirs
        ? (
          <Meanwhile
            empty={w("calendar.off")}
            differences={differing}
            onTheirs={() => form.yield(part)}
            onMine={() => form.keep(part)}
          />
        )
        : null}
      <WrongNote wrong={wrong} testid="calendar-error" />
      {draft
        ? (
          <div className="row">
            <button
              type="button"
              className="btn"
              data-testid="add-day"
              onClick={() => setDays([...days, { date: "", name: "", shifts: "", approximate: false }])}
            >
              <Icon name="plus" />
              {w("calendar.add")}
            </button>
            <button
              type="submit"
              className="btn btn--primary"
              disabled={form.busy || draft.theirs !== undefined}
              data-testid="save-days"
            >
              {t("save")}
            </button>
            {draft.typed ? <span className="t3 s12" data-testid="days-unsaved">{w("unsaved")}</span> : null}
          </div>
        )
        : null}
    </form>
  )
}
