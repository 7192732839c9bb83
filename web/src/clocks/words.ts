// The words of the pages about clocks, in the page's language.
import { type Language, useT } from "../shared/i18n/index.tsx"
import { type Say, sayers } from "../shared/i18n/own.ts"
import { en } from "./en.ts"
import { ru } from "./ru.ts"
import { uz } from "./uz.ts"

export type ClockKey = keyof typeof uz
const dictionaries: Record<Language, Readonly<Record<ClockKey, string>>> = { uz, ru, en }
export type Words = Say<ClockKey>
const say = sayers(dictionaries)

/** Whether there is such a word: for those that come from the server. */
export const hasWord = (key: string): key is ClockKey => key in uz

/** The words in the page's language; a component that calls it renders again when that changes. */
export const useWords = (): Words => say(useT().language)
