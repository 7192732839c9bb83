// When the firm works: the shifts of a week, and the days of a year that differ.
import { useCallback, useEffect, useRef, useState } from "react"
import { useApp } from "../chat/context.tsx"
import { errorText } from "../chat/words.ts"
import { isoDay, toIsoDay } from "../shared/i18n/format.ts"
import { useT } from "../shared/i18n/index.tsx"
import { ApiError } from "../shared/net/api.ts"
import { ErrorNote, Icon, IconButton, Skeleton } from "../shared/ui/basics.tsx"
import { Failed } from "../shared/ui/list.tsx"
import { toast } from "../shared/ui/toast.tsx"
import { type Calendar, type CalendarDay, type CalendarForm, type DayForm, parseShifts, received } from "./calendar.ts"
import { hasWord, useWords } from "./words.ts"

const weekdays = [1, 2, 3, 4, 5, 6, 7] as const

export default function CalendarPage() {
  const t = useT()
  const w = useWords()
  const { api } = useApp()
  const [year, setYear] = useState(() => Number(isoDay(Date.now()).slice(0, 4)))
  const [form, setForm] = useState<CalendarForm>()
  /** Why a year could not be read. */
  const [failed, setFailed] = useState<string>()
  const [wrong, setWrong] = useState<string>()
  const [busy, setBusy] = useState(false)
  const named = useCallback(
    (name: string) => hasWord(`holiday.${name}`) ? w(`holiday.${name}` as "holiday.newYear") : name,
    [w],
  )
  // Only the year that is shown may answer.
  const turn = useRef(0)
  const load = useCallback((after: "look" | "conflict" = "look") => {
    const mine = ++turn.current
    setFailed(undefined)
    api.call<Calendar>("GET", `/settings/calendar?year=${year}`).then((found) => {
      if (mine === turn.current) setForm((old) => received(old, found, after))
    }, (raw: unknown) => {
      if (!(raw instanceof ApiError)) throw raw
      if (mine === turn.current) setFailed(raw.code)
    })
  }, [api, year])
  useEffect(() => {
    load()
    return () => {
      turn.current += 1
    }
  }, [load])

  const save = (what: "week" | "days", path: string, body: object) => {
    if (busy) return
    setBusy(true)
    setWrong(undefined)
    api.call<Calendar>("PUT", path, { version: form?.version ?? 0, ...body }).then((found) => {
      toast(t("admin.saved"))
      setForm((old) => received(old, found, what))
    }, (raw: unknown) => {
      if (!(raw instanceof ApiError)) throw raw
      setWrong(errorText(t, raw.code))
      // What was typed stays, over what somebody else has saved meanwhile.
      if (raw.code === "conflict") load("conflict")
    }).finally(() => setBusy(false))
  }
  const shown = form?.years[year]
  const week = form?.typedWeek ?? form?.week ?? []
  const days = form?.typedYears[year] ?? shown?.days ?? []
  const setWeek = (typedWeek: readonly string[]) => setForm((old) => old && { ...old, typedWeek })
  const setDays = (typed: readonly DayForm[]) =>
    setForm((old) => old && { ...old, typedYears: { ...old.typedYears, [year]: typed } })
  const saveWeek = () => {
    const weekly = week.map(parseShifts)
    if (weekly.some((shifts) => shifts === undefined)) return setWrong(w("calendar.bad"))
    save("week", "/settings/calendar/week", { weekly })
  }
  const saveDays = () => {
    const list: CalendarDay[] = []
    for (const day of days) {
      const [date, shifts] = [toIsoDay(day.date), parseShifts(day.shifts)]
      if (date === undefined || !date.startsWith(`${year}-`) || list.some((one) => one.date === date)) {
        return setWrong(w("calendar.badDate"))
      }
      if (!shifts) return setWrong(w("calendar.bad"))
      list.push({ date, shifts, name: day.name.trim(), approximate: day.approximate })
    }
    save("days", `/settings/calendar/years/${year}`, { days: list })
  }
  const change = (index: number, part: Partial<DayForm>) =>
    setDays(days.map((day, i) => i === index ? { ...day, ...part } : day))

  const failure = failed === undefined
    ? null
    : <Failed title={t("admin.failed")} code={failed} again={load} testid="calendar-failed" />
  if (!form) return <section className="main">{failure ?? <Skeleton rows={8} />}</section>
  return (
    <section className="main" data-testid="calendar">
      <header className="bar">
        <h1 className="nw">{w("calendar.title")}</h1>
      </header>
      <div className="scroll clockform">
        <p className="t2">{w("calendar.text")}</p>
        {wrong ? <ErrorNote testid="calendar-error">{wrong}</ErrorNote> : null}
        <form
          className="card"
          onSubmit={(event) => {
            event.preventDefault()
            saveWeek()
          }}
        >
          <h2>{w("calendar.week")}</h2>
          <p className="t3 s12">{w("calendar.shifts.hint")}</p>
          {weekdays.map((day, i) => (
            <label key={day} className="clockform__row">
              <span>{w(`weekday.${day}`)}</span>
              <input
                className="input num"
                value={week[i] ?? ""}
                placeholder={w("calendar.off")}
                data-testid={`weekday-${day}`}
                onChange={(event) => setWeek(week.map((old, at) => at === i ? event.target.value : old))}
              />
            </label>
          ))}
          <button type="submit" className="btn btn--primary" disabled={busy} data-testid="save-week">
            {t("save")}
          </button>
          {form.typedWeek ? <span className="t3 s12" data-testid="week-unsaved">{w("unsaved")}</span> : null}
        </form>
        <form
          className="card"
          onSubmit={(event) => {
            event.preventDefault()
            saveDays()
          }}
        >
          <div className="row">
            <h2 className="grow">{w("calendar.days")}</h2>
            <IconButton
              icon="left"
              label={String(year - 1)}
              size="sm"
              data-testid="previous-year"
              onClick={() => setYear(year - 1)}
            />
            <b className="num" data-testid="calendar-year">{year}</b>
            <IconButton
              icon="right"
              label={String(year + 1)}
              size="sm"
              data-testid="next-year"
              onClick={() => setYear(year + 1)}
            />
          </div>
          {shown ? null : failure ?? <Skeleton rows={4} />}
          {shown && !shown.set
            ? <p className="t3 s12" data-testid="calendar-suggested">{w("calendar.suggested")}</p>
            : null}
          {shown && days.length === 0 ? <p className="t3 s12">{w("calendar.empty")}</p> : null}
          {days.map((day, i) => (
            <div className="clockform__day" key={i} data-testid="calendar-day">
              <input
                className="input num"
                aria-label={w("calendar.date")}
                value={day.date}
                placeholder={w("assign.day")}
                data-testid="day-date"
                onChange={(event) => change(i, { date: event.target.value, approximate: false })}
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
          {shown
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
                <button type="submit" className="btn btn--primary" disabled={busy} data-testid="save-days">
                  {t("save")}
                </button>
                {form.typedYears[year]
                  ? <span className="t3 s12" data-testid="days-unsaved">{w("unsaved")}</span>
                  : null}
              </div>
            )
            : null}
        </form>
      </div>
    </section>
  )
}
