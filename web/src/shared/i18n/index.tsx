// The three languages. One dictionary each; uz.ts is the original, the others must have exactly its keys, and come only where
// somebody has chosen them.
import { createContext, useContext } from "react"
import type { Language } from "../net/api.ts"
import { Cell } from "../signal.ts"
import { isString, load, save } from "../storage.ts"
import { fill, type Params } from "./format.ts"
import { uz } from "./uz.ts"
// Types only: these words come with the pages that say them.
import type { uzPeople } from "./uzPeople.ts"

export type Key = keyof typeof uz | keyof typeof uzPeople
export type { Language }
export const languages: readonly Language[] = ["uz", "ru", "en"]
export const languageNames: Record<Language, string> = { uz: "Oʻzbekcha", ru: "Русский", en: "English" }
const dictionaries: Record<Language, Record<string, string>> = { uz: { ...uz }, ru: {}, en: {} }
const others: Record<Exclude<Language, "uz">, () => Promise<Readonly<Record<string, string>>>> = {
  ru: async () => (await import("./ru.ts")).ru,
  en: async () => (await import("./en.ts")).en,
}
const fetched = new Set<Language>(["uz"])

/** Adds the words of pages that are loaded when they are opened: such a page's module calls this before it shows anything. */
export function addWords(words: Readonly<Record<Language, Readonly<Record<string, string>>>>): void {
  for (const one of languages) Object.assign(dictionaries[one], words[one])
}

/** Fetches a language's words; without the server the page goes on in Uzbek. */
async function prepare(to: Language): Promise<void> {
  if (to === "uz" || fetched.has(to)) return
  try {
    Object.assign(dictionaries[to], await others[to]())
    fetched.add(to)
  } catch {
    // Tried again when it is chosen again.
  }
}

export const isLanguage = (value: unknown): value is Language =>
  isString(value) && (languages as readonly string[]).includes(value)
const stored = "1fin:language"

/** The language of the page: chosen before, or Uzbek. */
export const language = new Cell<Language>(load(stored, isLanguage) ?? "uz")

// Before anything is shown: no page in one language that jumps to another.
await prepare(language.value)

/** Changes the language, as soon as its words are here. */
export function setLanguage(next: Language): void {
  save(stored, next)
  wanted = next
  void prepare(next).then(() => {
    // Somebody may have chosen another one meanwhile.
    if (wanted !== next) return
    document.documentElement.lang = next
    language.set(next)
  })
}
let wanted = language.value

export interface Translate {
  (key: Key, params?: Params): string
  language: Language
}

const translators = new Map<Language, Translate>()
export function translator(to: Language): Translate {
  let found = translators.get(to)
  if (!found) {
    const translate = (key: Key, params: Params = {}) =>
      fill(dictionaries[to][key] ?? dictionaries.uz[key] ?? key, params, to)
    found = Object.assign(translate, { language: to })
    translators.set(to, found)
  }
  return found
}

/** Whether there is such a key: for words that come from the server (error codes, roles). */
export const hasKey = (key: string): key is Key => key in dictionaries.uz

const Context = createContext<Translate>(translator("uz"))
export const TranslateProvider = Context.Provider
/** The page's words. A component that calls it renders again when the language changes. */
export const useT = (): Translate => useContext(Context)
