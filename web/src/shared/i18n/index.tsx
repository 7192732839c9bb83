// The three languages. One dictionary each; uz.ts is the original, the others must have exactly its keys.
import { createContext, useContext } from "react"
import type { Language } from "../net/api.ts"
import { Cell } from "../signal.ts"
import { isString, load, save } from "../storage.ts"
import { en } from "./en.ts"
import { fill, type Params } from "./format.ts"
import { ru } from "./ru.ts"
import { uz } from "./uz.ts"
// Types only: these words come with the pages that say them.
import type { uzPeople } from "./uzPeople.ts"

export type Key = keyof typeof uz | keyof typeof uzPeople
export type { Language }
export const languages: readonly Language[] = ["uz", "ru", "en"]
export const languageNames: Record<Language, string> = { uz: "Oʻzbekcha", ru: "Русский", en: "English" }
const dictionaries: Record<Language, Record<string, string>> = { uz: { ...uz }, ru: { ...ru }, en: { ...en } }

/** Adds the words of pages that are loaded when they are opened: such a page's module calls this before it shows anything. */
export function addWords(words: Readonly<Record<Language, Readonly<Record<string, string>>>>): void {
  for (const one of languages) Object.assign(dictionaries[one], words[one])
}

export const isLanguage = (value: unknown): value is Language => isString(value) && value in dictionaries
const stored = "1fin:language"

/** The language of the page: chosen before, or Uzbek. */
export const language = new Cell<Language>(load(stored, isLanguage) ?? "uz")

export function setLanguage(next: Language): void {
  save(stored, next)
  document.documentElement.lang = next
  language.set(next)
}

export interface Translate {
  (key: Key, params?: Params): string
  language: Language
}

const translators = new Map<Language, Translate>()
export function translator(to: Language): Translate {
  let found = translators.get(to)
  if (!found) {
    const translate = (key: Key, params: Params = {}) => fill(dictionaries[to][key] ?? key, params, to)
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
