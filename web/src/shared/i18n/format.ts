// Dates, numbers and plurals of our own: browsers often have no Uzbek Intl data and then write "2023 M11 15".
// Everything is shown in Tashkent's time, UTC+5 without summer time, wherever the reader's machine thinks it is.
import type { Language } from "../net/api.ts"

const hour = 3_600_000
const zone = 5 * hour

export interface Parts {
  year: number
  month: number
  day: number
  /** 0: Sunday. */
  weekday: number
  hours: number
  minutes: number
}

export function parts(ms: number): Parts {
  const date = new Date(ms + zone)
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    weekday: date.getUTCDay(),
    hours: date.getUTCHours(),
    minutes: date.getUTCMinutes(),
  }
}

const two = (n: number) => String(n).padStart(2, "0")

/** RFC 3339 with microseconds to ms; NaN when it isn't one. */
export const parse = (at: string): number => Date.parse(at)

export const time = (ms: number): string => {
  const p = parts(ms)
  return `${two(p.hours)}:${two(p.minutes)}`
}
export const date = (ms: number): string => {
  const p = parts(ms)
  return `${two(p.day)}.${two(p.month)}.${p.year}`
}
export const dateTime = (ms: number): string => `${date(ms)} ${time(ms)}`
/** The Tashkent day as a number, for comparing. */
export const dayNumber = (ms: number): number => Math.floor((ms + zone) / (24 * hour))
/** Today in Tashkent as yyyy-mm-dd, for date inputs. */
export const isoDay = (ms: number): string => {
  const p = parts(ms)
  return `${p.year}-${two(p.month)}-${two(p.day)}`
}
/** yyyy-mm-dd as DD.MM.YYYY. */
export const fromIsoDay = (day: string): string => day.slice(0, 10).split("-").reverse().join(".")
/** DD.MM.YYYY, DDMMYYYY (keypads of phones have no dot) or yyyy-mm-dd as yyyy-mm-dd; undefined when it is no day of the calendar. */
export function toIsoDay(typed: string): string | undefined {
  const text = typed.trim()
  const match = /^(\d{1,2})[./](\d{1,2})[./](\d{4})$|^(\d{2})(\d{2})(\d{4})$/.exec(text)
  const [day, month, year] = match?.slice(match[1] === undefined ? 4 : 1) ?? []
  const iso = match ? `${year}-${two(Number(month))}-${two(Number(day))}` : text
  if (!/^\d{4}-\d{2}-\d{2}$/.test(iso)) return undefined
  const ms = Date.parse(`${iso}T00:00:00Z`)
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(iso) ? iso : undefined
}

const weekdays: Record<Language, readonly string[]> = {
  uz: ["yakshanba", "dushanba", "seshanba", "chorshanba", "payshanba", "juma", "shanba"],
  ru: ["воскресенье", "понедельник", "вторник", "среда", "четверг", "пятница", "суббота"],
  en: ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"],
}
export const weekday = (ms: number, language: Language): string => weekdays[language][parts(ms).weekday] ?? ""

/** 12 450 000, grouped by no-break spaces. */
export function number(value: number): string {
  const [whole = "", fraction] = String(Math.abs(value)).split(".")
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, "\u00a0")
  return (value < 0 ? "−" : "") + grouped + (fraction ? "," + fraction : "")
}

/** 305482917 as 305 482 917. */
export const stir = (value: string): string => value.replace(/(\d{3})(?=\d)/g, "$1\u00a0")

/** Hours and minutes that have passed: 0:18, 12:05. */
export function clock(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000))
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}`
}
/** Minutes and seconds that are left: 29:59. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  return `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}`
}

/** Which of a word's forms a number takes. Uzbek has one, English two, Russian three. */
export function pluralForm(n: number, language: Language): number {
  if (language === "uz") return 0
  if (language === "en") return n === 1 ? 0 : 1
  const tens = n % 100
  const units = n % 10
  if (units === 1 && tens !== 11) return 0
  return units >= 2 && units <= 4 && (tens < 12 || tens > 14) ? 1 : 2
}

export type Params = Readonly<Record<string, string | number>>

/** `{name}` is replaced by its value, `{n:form|form|form}` by the form that the number takes. */
export function fill(template: string, params: Params, language: Language): string {
  return template.replace(/\{(\w+)(?::([^}]*))?\}/g, (_, name: string, forms: string | undefined) => {
    const value = params[name]
    if (forms === undefined) return typeof value === "number" ? number(value) : String(value ?? "")
    const all = forms.split("|")
    return all[Math.min(pluralForm(Number(value ?? 0), language), all.length - 1)] ?? ""
  })
}
