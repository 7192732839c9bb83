// Days as they are typed: DD.MM.YYYY, whose dots come by themselves.
import { toIsoDay } from "../i18n/format.ts"

/**
 * What becomes of a day while it is typed. `atEnd`: the cursor stands behind all of it. Whoever takes something away, or corrects something in the middle, is
 * left alone, and so is whoever pastes a day in another form.
 */
export function dotted(typed: string, before: string, atEnd: boolean): string {
  const isWhole = /\D/.test(typed) && toIsoDay(typed) !== undefined
  if (!atEnd || typed.length <= before.length || isWhole || !/^[\d.,/\s-]*$/.test(typed)) return typed
  let text = ""
  const place = () => text.split(".").length - 1
  const isFull = () => place() < 2 && /\d\d$/.test(text)
  for (const sign of typed) {
    if (/\d/.test(sign)) text += isFull() ? `.${sign}` : sign
    else if (place() < 2 && /\d$/.test(text)) text += "."
  }
  return isFull() ? `${text}.` : text
}
