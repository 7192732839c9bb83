// Words that several views need: topics, roles, people, times.
import { date, dateTime, dayNumber, time, weekday } from "../shared/i18n/format.ts"
import type { Key, Translate } from "../shared/i18n/index.tsx"
import type { Person, Role, TopicKind } from "../shared/net/protocol.ts"

export const topicIcon: Record<TopicKind, string> = {
  bank: "bank",
  dogovor: "contract",
  faktura: "receipt",
  dovernost: "proxy",
  ttn: "truck",
}
export const topicName = (t: Translate, kind: TopicKind): string => t(`topic.${kind}`)
export const roleName = (t: Translate, role: Role): string => t(`role.${role}`)

/** A name, or what is known of someone who left before this page met them. */
export function personName(t: Translate, person: Person | undefined, staff: boolean, by: number | null): string {
  if (by === null) return t("person.system")
  return person?.name ?? t(staff ? "person.staff" : "person.client")
}
export const firstName = (name: string): string => name.split(/\s+/)[0] ?? name

/** 20.11.2025, bugun. */
export function dayLabel(t: Translate, at: number, now: number): string {
  const days = dayNumber(now) - dayNumber(at)
  const word = days === 0 ? t("today") : days === 1 ? t("yesterday") : weekday(at, t.language)
  return `${date(at)}, ${word}`
}

/** 10:52, kecha 10:52, 18.11.2025 10:52. */
export function when(t: Translate, at: number, now: number): string {
  const days = dayNumber(now) - dayNumber(at)
  if (days === 0) return time(at)
  if (days === 1) return `${t("yesterday")} ${time(at)}`
  return dateTime(at)
}

/** The shortest time for a list: 10:52, kecha, 18.11. */
export function shortWhen(t: Translate, at: number, now: number): string {
  const days = dayNumber(now) - dayNumber(at)
  if (days === 0) return time(at)
  if (days === 1) return t("yesterday")
  return days < 300 ? date(at).slice(0, 5) : date(at)
}

export { errorText, fieldError } from "../shared/i18n/errors.ts"
export type { Key }
