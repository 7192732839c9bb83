// What a field offers in which one types to find something: of a list that is there, or of what the server finds.
import type { Page } from "./list.ts"
import type { Api, Named } from "./net/api.ts"
import { fold } from "./text.ts"

/** The most that are offered at once; who looks for another types more of it. */
export const mostChoices = 50
/** The most that the server gives at once. */
const mostRows = 500

export interface Offer<T> {
  choices: readonly T[]
  /** Others may fit as well. */
  more: boolean
}

/** What fits of a list that is known whole. `words` are what one may type of a row. */
export function offered<T>(all: readonly T[], words: (one: T) => string, search: string): Offer<T> {
  const fitting = all.filter((one) => fold(words(one)).includes(fold(search)))
  return { choices: fitting.slice(0, mostChoices), more: fitting.length > mostChoices }
}

/** What the server finds, by one question however long its list is. `fits`: where not everything that it finds can be chosen. */
export async function askedOffer<T extends Named>(
  api: Api,
  path: string,
  search: string,
  fits?: (one: T) => boolean,
): Promise<Offer<T>> {
  const limit = fits ? mostRows : mostChoices
  const { items, next } = await api.call<Page<T>>("GET", `${path}?limit=${limit}&search=${encodeURIComponent(search)}`)
  const fitting = fits ? items.filter(fits) : items
  const isCut = next !== undefined && next !== null
  return { choices: fitting.slice(0, mostChoices), more: isCut || fitting.length > mostChoices }
}
