// The sentences for what the server refuses.
import { hasKey, type Translate } from "./index.tsx"

/** The sentence for a code of the protocol or of REST. */
export function errorText(t: Translate, code: string): string {
  const key = `error.${code}`
  return hasKey(key) ? t(key) : t("error.unknown", { code })
}
/** The sentence for what is wrong with one field: a code that we know, else the server's own words. */
export function fieldError(t: Translate, value: string | undefined): string | undefined {
  if (value === undefined) return undefined
  const key = `field.${value}`
  if (hasKey(key)) return t(key)
  return /\s/.test(value) ? value : t("field.invalid")
}
