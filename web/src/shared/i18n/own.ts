// Words that come with the pages that say them: three dictionaries of their own, and one translator for each language.
import type { Language } from "../net/api.ts"
import { fill, type Params } from "./format.ts"

/** Says a word of one part of the pages. */
export interface Say<W extends string> {
  (word: W, params?: Params): string
  language: Language
}

/** The translators of three dictionaries. Each is made once: an effect that depends on it runs again when the language changes, and only then. */
export function sayers<W extends string>(
  dictionaries: Readonly<Record<Language, Readonly<Record<W, string>>>>,
): (language: Language) => Say<W> {
  const made: Partial<Record<Language, Say<W>>> = {}
  return (language) =>
    made[language] ??= Object.assign(
      (word: W, params: Params = {}) => fill(dictionaries[language][word], params, language),
      { language },
    )
}
