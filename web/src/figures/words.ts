// The words of the figures' pages, loaded with them. The Uzbek ones are the original, the others must have exactly their keys.
import { type Language, useT } from "../shared/i18n/index.tsx"
import { type Say as Sayer, sayers } from "../shared/i18n/own.ts"
import { en } from "./en.ts"
import { ru } from "./ru.ts"
import { uz } from "./uz.ts"

export type FigureWord = keyof typeof uz

const dictionaries: Record<Language, Record<FigureWord, string>> = { uz, ru, en }

export type Say = Sayer<FigureWord>
export const say = sayers(dictionaries)
/** The words of these pages in the reader's language. */
export const useSay = (): Say => say(useT().language)

const months: Record<Language, readonly string[]> = {
  uz: "yanvar fevral mart aprel may iyun iyul avgust sentabr oktabr noyabr dekabr".split(" "),
  ru: "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь".split(" "),
  en: "January February March April May June July August September October November December".split(" "),
}
/** Russian months in the genitive: since November. */
const sinceMonths = "января февраля марта апреля мая июня июля августа сентября октября ноября декабря".split(" ")

/** 2026-11 as «2026-yil noyabr», «Ноябрь 2026», «November 2026» on its own; in a sentence, and after «с», as its language wants it there. */
export function monthName(month: string, language: Language, place: "title" | "sentence" | "since" = "title"): string {
  const year = month.slice(0, 4)
  const index = Number(month.slice(5)) - 1
  const name = (language === "ru" && place === "since" ? sinceMonths : months[language])[index] ?? ""
  if (language === "uz") return `${year}-yil ${name}`
  return `${place === "title" ? name.slice(0, 1).toUpperCase() + name.slice(1) : name} ${year}`
}

/** The month after, or before: 2026-12 and 1 give 2027-01. */
export function shifted(month: string, by: number): string {
  const count = Number(month.slice(0, 4)) * 12 + Number(month.slice(5)) - 1 + by
  return `${Math.floor(count / 12)}-${String(count % 12 + 1).padStart(2, "0")}`
}

/** Half a year to both sides of a month, and `also` wherever it lies. */
export function monthsAround(month: string, also: string): string[] {
  const months = Array.from({ length: 13 }, (_, index) => shifted(month, index - 6))
  return months.includes(also) ? months : [...months, also].sort()
}

/** A time in working hours for people: 40 s, 24 min, 3 h 10 min. */
export function span(seconds: number | null | undefined, words: Say): string {
  if (seconds === null || seconds === undefined) return words("none")
  if (seconds < 60) return `${seconds} ${words("seconds")}`
  const minutes = Math.round(seconds / 60)
  if (minutes < 120) return `${minutes} ${words("minutes")}`
  const rest = minutes % 60
  return `${Math.floor(minutes / 60)} ${words("hours")}${rest > 0 ? ` ${rest} ${words("minutes")}` : ""}`
}

/** The same to the second, where minutes alone would say too little: 30 min 20 s. */
export function exactSpan(seconds: number, words: Say): string {
  const rest = seconds % 60
  const minutes = Math.floor(seconds / 60)
  if (rest === 0 || minutes === 0) return span(seconds, words)
  return `${span(minutes * 60, words)} ${rest} ${words("seconds")}`
}

/** How long something took beside what it was allowed: to the second when both would be told alike and aren't. */
export function ofTarget(elapsed: number, target: number, words: Say): string {
  const tell = elapsed !== target && span(elapsed, words) === span(target, words) ? exactSpan : span
  return words("ofTarget", { elapsed: tell(elapsed, words), target: tell(target, words) })
}

/** Ten-thousandths as tenths of per cent, cut and never rounded up. */
export const tenths = (of: number): number => Math.floor(of / 10)
const oneTenth = (tenths: number): string => `${Math.floor(tenths / 10)},${tenths % 10}`
/** Ten-thousandths as per cent: 9496 is 94,9 %. */
export const share = (of: number | null | undefined, words: Say): string =>
  of === null || of === undefined ? words("none") : `${oneTenth(tenths(of))} %`
/** By how much a share is another one, as both are shown. Null: they are shown alike, or one isn't known. */
export function shareChange(of: number | null | undefined, before: number | null | undefined): string | null {
  if (of === null || of === undefined || before === null || before === undefined) return null
  const by = tenths(of) - tenths(before)
  return by === 0 ? null : `${by < 0 ? "−" : "+"}${oneTenth(Math.abs(by))}`
}
